package crr

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// canaryTrust lets Lambda run the function in its role.
var canaryTrust = policy.New(policy.Statement{
	Sid: "AllowLambda", Effect: policy.Allow, Principal: policy.Service("lambda.amazonaws.com"),
	Action: policy.Values{"sts:AssumeRole"},
})

// readers registers a role in the account of each destination in another account, which
// may read the heartbeats there and nothing else. It returns the ARNs by the names of
// the destinations.
func (c *Canary) readers(ctx *pulumi.Context, canary pulumi.StringOutput) (map[string]pulumi.StringInput, error) {
	roles := map[string]pulumi.StringInput{}
	for _, name := range c.args.readers() {
		there := c.args.Bucket.buckets[name]
		logical := fmt.Sprintf("%s-%s-reader", c.name, name)
		replicated := c.args.Bucket.args
		limits := replicated.Role.foreignLimits(replicated.bucket(name))
		trust := documentOf(func(texts []string) policy.Document {
			return policy.New(policy.Statement{
				Sid: "AllowCanary", Effect: policy.Allow, Principal: policy.AWS(texts[0]), Action: policy.Values{"sts:AssumeRole"},
			})
		}, canary)
		role, err := iam.NewRole(ctx, logical, &iam.RoleArgs{
			Description:      pulumi.Sprintf("Assumed by the canary %s to look for heartbeats", c.name),
			AssumeRolePolicy: trust,
			Path:             optional(limits.path), PermissionsBoundary: optionalInput(limits.boundary),
			Tags: pulumi.ToStringMap(c.args.Tags),
		}, there.env.child(c))
		if err != nil {
			return nil, fmt.Errorf("creating the role that reads heartbeats in %s: %w", name, err)
		}
		document := documentOf(func(texts []string) policy.Document {
			return policy.New(model.HeartbeatStatements("", texts[0], texts[1])...)
		}, there.madeARN, c.args.Bucket.buckets[c.from].madeName)
		if _, err := iam.NewRolePolicy(ctx, logical+"-policy", &iam.RolePolicyArgs{Role: role.Name, Policy: document}, there.env.child(c)); err != nil {
			return nil, fmt.Errorf("allowing the canary to read heartbeats in %s: %w", name, err)
		}
		c.settings = append(c.settings, roleSettings(there.env, role.Arn, trust, limits.boundary)...)
		c.settings = append(c.settings, policySetting(replication.RolePoliciesSetting, there.env, role.Arn, document))
		roles[name] = role.Arn
	}
	return roles, nil
}

// destinations returns the destinations of the rules without duplicates.
func (c *Canary) destinations() []string {
	return plan.Linked(c.rules, c.from, replication.Rule.From, plan.DestinationOf)
}

// allow gives the canary's role the permissions that its function needs.
func (c *Canary) allow(
	ctx *pulumi.Context, role *iam.Role, readers map[string]pulumi.StringInput, log *cloudwatch.LogGroup,
) (pulumi.Resource, error) {
	source := c.args.Bucket.buckets[c.from]
	inputs := []pulumi.StringInput{source.madeName, source.madeARN, source.KMSKeyARN, log.Arn}
	destinations := c.destinations()
	for _, name := range destinations {
		inputs = append(inputs, c.args.Bucket.buckets[name].madeARN, orEmpty(readers[name]))
	}
	document := documentOf(func(texts []string) policy.Document {
		statements := c.writeHeartbeats(texts[0], texts[1], texts[2], texts[3])
		for i := range destinations {
			bucket, reader := texts[2*i+4], texts[2*i+5]
			if reader != "" {
				statements = append(statements, policy.Statement{
					Sid: fmt.Sprintf("Become%d", i), Effect: policy.Allow,
					Action: policy.Values{"sts:AssumeRole"}, Resource: policy.Values{reader},
				})
				continue
			}
			statements = append(statements, model.HeartbeatStatements(fmt.Sprint(i), bucket, texts[0])...)
		}
		return policy.New(statements...)
	}, inputs...)
	allowed, err := iam.NewRolePolicy(ctx, c.name+"-policy", &iam.RolePolicyArgs{Role: role.Name, Policy: document}, c.env.child(c))
	if err != nil {
		return nil, fmt.Errorf("setting the permissions of the canary: %w", err)
	}
	c.settings = append(c.settings, policySetting(replication.RolePoliciesSetting, c.env, role.Arn, document))
	return allowed, nil
}

// writeHeartbeats returns the permissions for writing heartbeats, metrics and logs.
func (c *Canary) writeHeartbeats(source, bucketARN, keyARN, logARN string) []policy.Statement {
	statements := append(model.HeartbeatStatements("AtSource", bucketARN, source),
		policy.Statement{
			Sid: "WriteHeartbeats", Effect: policy.Allow,
			Action: policy.Values{"s3:PutObject", "s3:PutObjectTagging"}, Resource: model.HeartbeatObjects(bucketARN, source),
		})
	if keyARN != "" {
		statements = append(statements, policy.Statement{
			// An upload with an S3 Bucket Key also needs kms:Decrypt.
			Sid: "EncryptHeartbeats", Effect: policy.Allow, Action: policy.Values{"kms:GenerateDataKey", "kms:Decrypt"}, Resource: policy.Values{keyARN},
			Condition: policy.Conditions{"StringEquals": {"kms:ViaService": {replication.S3ViaService(c.env.region)}}},
		})
	}
	return append(statements,
		policy.Statement{
			Sid: "PublishAges", Effect: policy.Allow, Action: policy.Values{"cloudwatch:PutMetricData"}, Resource: policy.Values{"*"},
			Condition: policy.Conditions{"StringEquals": {"cloudwatch:namespace": {heartbeat.Namespace}}},
		},
		policy.Statement{
			Sid: "WriteLog", Effect: policy.Allow,
			Action: policy.Values{"logs:CreateLogStream", "logs:PutLogEvents"}, Resource: policy.Values{logARN + ":*"},
		})
}
