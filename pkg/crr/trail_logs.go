package crr

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// trailLogGroup is the log group of a trail and its role, or empty.
type trailLogGroup struct {
	arn, roleARN pulumi.StringPtrInput
	ready        []pulumi.Resource
}

// createLogGroup registers the log group and the role for writing to it, if
// CloudWatchLogs is set.
func (t *AuditTrail) createLogGroup(
	ctx *pulumi.Context, args *AuditTrailArgs, trailName string, keyARN, rolePolicy pulumi.StringInput,
) (trailLogGroup, error) {
	if args.Trail.CloudWatchLogs == nil {
		return trailLogGroup{}, nil
	}
	group, err := cloudwatch.NewLogGroup(ctx, t.name+"-events", &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(trailIdentity{name: trailName}.logGroup()),
		KmsKeyId:        optionalInput(keyARN),
		RetentionInDays: pulumi.Int(plain[plan.CloudWatchLogs](*args.Trail.CloudWatchLogs).Days()),
		Tags:            pulumi.ToStringMap(args.Tags),
	}, t.at.child(t, keepData(args.Logs.Protect, args.Logs.ForceDestroy)))
	if err != nil {
		return trailLogGroup{}, err
	}
	role, err := iam.NewRole(ctx, t.name+"-events-role", &iam.RoleArgs{
		Description:      pulumi.Sprintf("Lets CloudTrail write the events of the trail %s to CloudWatch Logs", t.name),
		AssumeRolePolicy: pulumi.String(logRoleTrust().JSON()),
		Path:             optional(args.Trail.RolePath), PermissionsBoundary: optionalInput(args.Trail.PermissionsBoundary),
		Tags: pulumi.ToStringMap(args.Tags),
	}, t.at.child(t))
	if err != nil {
		return trailLogGroup{}, err
	}
	allowed, err := iam.NewRolePolicy(ctx, t.name+"-events-role-policy", &iam.RolePolicyArgs{
		Role: role.Name, Policy: rolePolicy,
	}, t.at.child(t))
	t.settings = append(t.settings, roleSettings(t.at, role.Arn, pulumi.String(logRoleTrust().JSON()), args.Trail.PermissionsBoundary)...)
	t.settings = append(t.settings, policySetting(replication.RolePoliciesSetting, t.at, role.Arn, rolePolicy))
	return trailLogGroup{
		arn: pulumi.Sprintf("%s:*", group.Arn), roleARN: role.Arn, ready: []pulumi.Resource{allowed},
	}, err
}
