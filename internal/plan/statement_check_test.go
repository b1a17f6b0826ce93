package plan

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// denying returns a statement of a user's, about the whole bucket.
func denying(actions policy.Values, condition policy.Conditions) policy.Statement {
	return policy.Statement{Sid: "Mine", Effect: policy.Deny, Principal: policy.Anyone(), Action: actions, Condition: condition}
}

func unless(operator, key string, values ...string) policy.Conditions {
	return policy.Conditions{operator: {key: values}}
}

// stated returns arguments with a statement at the destination.
func stated(statement policy.Statement) *ReplicatedBucket {
	args := pairs()["within an account"]
	args.Destinations[0].Bucket.Statements = []policy.Statement{statement}
	return args
}

// The account is unknown before deployment, and so is what else AWS is going to find
// out about the role.
func TestProveStatements_AcceptsWhatMaySpareTheRole(t *testing.T) {
	t.Parallel()
	everything := policy.Values{"s3:*"}
	ourRoles := func(pattern string) policy.Conditions { return unless("ArnNotLike", "aws:PrincipalArn", pattern) }
	for name, statement := range map[string]policy.Statement{
		"our account alone, and services": denying(everything, policy.Conditions{
			"StringNotEquals": {"aws:PrincipalAccount": {"123456789012"}}, "Bool": {"aws:PrincipalIsAWSService": {"false"}},
		}),
		"our organization alone":         denying(everything, unless("StringNotEquals", "aws:PrincipalOrgID", "o-ours")),
		"roles of our account":           denying(everything, ourRoles("arn:aws:iam::123456789012:role/*")),
		"roles with a part of the name":  denying(everything, ourRoles("arn:aws:iam::123456789012:role/data-*")),
		"buckets of our account":         denying(everything, unless("StringNotEquals", "s3:ResourceAccount", "123456789012")),
		"roles with a tag":               denying(everything, unless("StringNotEquals", "aws:PrincipalTag/team", "storage")),
		"a key that is yet to be made":   denying(policy.Values{"s3:ReplicateObject"}, unless("StringNotLike", model.SSEKMSKeyIDConditionKey, "arn:aws:kms:*:123456789012:key/*")),
		"strangers by their account":     {Effect: policy.Deny, Principal: policy.AWS("333333333333"), Action: everything},
		"downloads through one endpoint": denying(policy.Values{"s3:GetObject"}, unless("StringNotEquals", "aws:SourceVpce", "vpce-1")),
		"downloads by one application":   denying(policy.Values{"s3:GetObject"}, unless("ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/app")),
		"no uploads at all":              denying(policy.Values{"s3:PutObject"}, nil),
		"a public download":              {Effect: policy.Allow, Principal: policy.Anyone(), Action: policy.Values{"s3:GetObject"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.NoError(t, stated(statement).Validate())
		})
	}
}

func TestProveStatements_RefusesWhatKeepsObjectsFromReplicating(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]policy.Statement{
		"no replicas":                      denying(policy.Values{"s3:Replicate*"}, nil),
		"one address alone":                denying(policy.Values{"s3:*"}, unless("NotIpAddress", "aws:SourceIp", "203.0.113.0/24")),
		"one endpoint alone":               denying(policy.Values{"s3:*"}, unless("StringNotEquals", "aws:SourceVpce", "vpce-1")),
		"administrators alone":             denying(policy.Values{"s3:*"}, unless("ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/admin")),
		"no KMS":                           denying(policy.Values{"s3:*"}, unless("StringEquals", model.SSEConditionKey, "aws:kms")),
		"roles of another partition":       denying(policy.Values{"s3:*"}, unless("ArnNotLike", "aws:PrincipalArn", "arn:aws-cn:iam::*:role/*")),
		"all accounts except the bucket's": {Sid: "Mine", Effect: policy.Deny, NotPrincipal: policy.AWS("123456789012"), Action: policy.Values{"s3:*"}},
		"one endpoint, if any":             denying(policy.Values{"s3:*"}, policy.Conditions{"StringNotEqualsIfExists": {"aws:SourceVpce": {"vpce-1"}}}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.ErrorContains(t, stated(statement).Validate(), "Mine would prevent replication")
		})
	}
}

func TestProveStatements_ReportsAStatementOnce(t *testing.T) {
	t.Parallel()
	args := stated(denying(policy.Values{"s3:*"}, nil))
	args.Source.Statements = []policy.Statement{
		denying(policy.Values{"s3:PutObject"}, nil),
		{Effect: policy.Deny, Principal: policy.Anyone(), Action: policy.Values{"s3:Get*"}},
	}
	var problems replication.Problems
	require.ErrorAs(t, args.Validate(), &problems)
	const exempt = `. Exempt the role: set its name (role.name), and add "ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::<account>:role/<name>"} to its Condition`
	assert.Equal(t, replication.Problems{
		{Path: "source.statements[1]", See: awsdocs.ReplicationTroubleshooting, Message: "the Deny would prevent replication: it denies the replication role " +
			"s3:GetReplicationConfiguration, s3:GetObjectVersionForReplication, s3:GetObjectVersionAcl and 1 more calls" + exempt},
		{Path: "destinations[0].statements[0]", See: awsdocs.ReplicationTroubleshooting, Message: "Mine would prevent replication: it denies the replication role " +
			"s3:ReplicateObject, s3:ReplicateDelete, s3:ReplicateTags" + exempt},
	}, problems)
}

// What the message says to do must help.
func TestProveStatements_AcceptsTheExemptionThatItAsksFor(t *testing.T) {
	t.Parallel()
	exempting := func(role string) policy.Statement {
		return denying(policy.Values{"s3:*"}, policy.Conditions{
			"NotIpAddress": {"aws:SourceIp": {"203.0.113.0/24"}}, "ArnNotEquals": {"aws:PrincipalArn": {role}},
		})
	}
	const named = "arn:aws:iam::123456789012:role/storage/data-replication"
	for name, test := range map[string]struct {
		role   Role
		exempt string
		says   string // where it is refused
	}{
		"a role with a name":             {Role{Name: "data-replication", Path: "/storage/"}, named, ""},
		"another name":                   {Role{Name: "data", Path: "/storage/"}, named, `"arn:aws:iam::<account>:role/storage/data"`},
		"another path":                   {Role{Name: "data-replication"}, named, `"arn:aws:iam::<account>:role/data-replication"`},
		"a role of the user's own":       {Role{ARN: Text(named)}, named, ""},
		"another role of the user's own": {Role{ARN: "arn:aws:iam::123456789012:role/mine"}, named, `"arn:aws:iam::123456789012:role/mine"`},
		"a role with a generated name":   {Role{Path: "/storage/"}, named, `set its name (role.name), and add "ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::<account>:role/storage/<name>"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := stated(exempting(test.exempt))
			args.Role = test.role
			if test.says == "" {
				assert.NoError(t, args.Validate())
				return
			}
			assert.ErrorContains(t, args.Validate(), test.says)
		})
	}
}

func TestProveStatements_KnowsAccountsThatAreTold(t *testing.T) {
	t.Parallel()
	for account, refused := range map[string]bool{"222222222222": false, "333333333333": true} {
		args := stated(denying(policy.Values{"s3:*"}, unless("StringNotEquals", "aws:PrincipalAccount", account)))
		args.Source.AssumeRoleARN = "arn:aws:iam::222222222222:role/deploy"
		assert.Equal(t, refused, args.Validate() != nil, account)
	}
}

// NotResource matches what is in other buckets, which S3 never asks this policy about.
func TestProveStatements_JudgesNoCallToAnotherBucket(t *testing.T) {
	t.Parallel()
	args := pairs()["within an account"]
	args.Source.Bucket = "data"
	args.Source.Statements = []policy.Statement{{
		Effect: policy.Deny, Principal: policy.Anyone(), Action: policy.Values{"s3:Replicate*"}, NotResource: policy.Values{"arn:aws:s3:::data/private/*"},
	}}
	assert.NoError(t, args.Validate())
}

func TestProveStatements_JudgesEveryRoleThatUsesABucket(t *testing.T) {
	t.Parallel()
	args := stated(denying(policy.Values{"s3:GetObjectVersion*"}, nil))
	require.NoError(t, args.Validate(), "nothing is read at the destination")
	args.Direction = replication.TwoWay
	require.ErrorContains(t, args.Validate(), "destinations[0].statements[0]: Mine would prevent")
	args.Role.Name = "data"
	assert.ErrorContains(t, args.Validate(), "arn:aws:iam::<account>:role/data-dr")
}

func TestProveStatements_SpeaksThePartitionOfTheRegion(t *testing.T) {
	t.Parallel()
	args := &ReplicatedBucket{
		Source:       Bucket{Region: "cn-north-1", Statements: []policy.Statement{denying(policy.Values{"s3:*"}, nil)}},
		Destinations: []Destination{{Name: "dr", Bucket: Bucket{Region: "cn-northwest-1"}}},
	}
	require.ErrorContains(t, args.Validate(), "arn:aws-cn:iam::<account>:role/<name>")
	args.Source.Statements[0].Condition = unless("ArnNotLike", "aws:PrincipalArn", "arn:aws-cn:iam::123456789012:role/*")
	assert.NoError(t, args.Validate())
}
