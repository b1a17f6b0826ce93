package plan

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// keyStated returns arguments with a statement in the policy of the source's key.
func keyStated(statement policy.Statement) *ReplicatedBucket {
	args := pairs()["within an account"]
	args.Source.KeyStatements = []policy.Statement{statement}
	return args
}

func TestKeyStatements_AcceptsWhatMaySpareTheRole(t *testing.T) {
	t.Parallel()
	everything := policy.Values{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"}
	for name, statement := range map[string]policy.Statement{
		"our account alone":                  denying(everything, unless("StringNotEquals", "aws:PrincipalAccount", "123456789012")),
		"callers of our account":             denying(everything, unless("StringNotEquals", model.CallerAccountConditionKey, "123456789012")),
		"our organization alone":             denying(everything, unless("StringNotEquals", "aws:PrincipalOrgID", "o-ours")),
		"through S3 alone":                   denying(everything, unless("StringNotLike", "kms:ViaService", "s3.*.amazonaws.com")),
		"for buckets with a part of a name":  denying(everything, unless("StringNotLike", model.EncryptionContextConditionKey, "arn:aws:s3:::data-*")),
		"no deletion but by administrators":  denying(policy.Values{"kms:ScheduleKeyDeletion", "kms:DisableKey"}, unless("ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/admin")),
		"no other policy but by deployers":   denying(policy.Values{"kms:PutKeyPolicy"}, unless("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/ci-*")),
		"no other policy from elsewhere":     denying(policy.Values{"kms:PutKeyPolicy"}, unless("StringNotEquals", "aws:SourceVpce", "vpce-1")),
		"encryption, which a source has not": denying(policy.Values{"kms:Encrypt"}, nil),
		"a service":                          {Effect: policy.Allow, Principal: policy.Service("delivery.logs.amazonaws.com"), Action: policy.Values{"kms:GenerateDataKey*"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.NoError(t, keyStated(statement).Validate())
		})
	}
}

func TestKeyStatements_RefusesWhatKeepsObjectsFromReplicating(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]policy.Statement{
		"no reading":         denying(policy.Values{"kms:Decrypt"}, nil),
		"one endpoint alone": denying(policy.Values{"kms:Decrypt*"}, unless("StringNotEquals", "aws:SourceVpce", "vpce-1")),
		"one role alone":     denying(policy.Values{"kms:D*"}, unless("ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/app")),
		"another service":    denying(policy.Values{"kms:Decrypt"}, unless("StringNotEquals", "kms:ViaService", "ec2.us-east-1.amazonaws.com")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := keyStated(statement).Validate()
			require.ErrorContains(t, err, "source.keyStatements[0]: Mine would prevent replication: it denies the replication role kms:Decrypt. Exempt the role")
		})
	}
	t.Run("another bucket than the one with this name", func(t *testing.T) {
		t.Parallel()
		args := keyStated(denying(policy.Values{"kms:Decrypt"}, unless("StringNotLike", model.EncryptionContextConditionKey, "arn:aws:s3:::other*")))
		args.Source.Bucket = "data"
		assert.ErrorContains(t, args.Validate(), "source.keyStatements[0]: Mine would prevent")
	})
	t.Run("at the destination", func(t *testing.T) {
		t.Parallel()
		args := pairs()["within an account"]
		args.Destinations[0].Bucket.KeyStatements = []policy.Statement{denying(policy.Values{"kms:GenerateDataKey"}, nil)}
		assert.ErrorContains(t, args.Validate(), "destinations[0].keyStatements[0]: Mine would prevent replication: it denies the replication role kms:GenerateDataKey.")
	})
	t.Run("with the exemption that the message asks for", func(t *testing.T) {
		t.Parallel()
		args := keyStated(denying(policy.Values{"kms:*"}, policy.Conditions{
			"ArnNotEquals": {"aws:PrincipalArn": {"arn:aws:iam::123456789012:role/data", "arn:aws:iam::123456789012:role/ci"}},
		}))
		args.Role.Name = "data"
		assert.NoError(t, args.Validate())
	})
}

// https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
func TestKeyStatements_RefusesWhatKMSWould(t *testing.T) {
	t.Parallel()
	const lockedOut = "would lock out the deployer"
	cases := map[string]struct {
		statement policy.Statement
		change    func(*ReplicatedBucket)
		want      string
	}{
		"everything denied": {statement: denying(policy.Values{"kms:*"}, nil), want: lockedOut},
		"another policy":    {statement: denying(policy.Values{"kms:Put*"}, nil), want: lockedOut},
		"another policy, but by another role than the one that is assumed": {
			statement: denying(policy.Values{"kms:PutKeyPolicy"}, unless("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::222222222222:role/other")),
			change:    func(args *ReplicatedBucket) { args.Source.AssumeRoleARN = "arn:aws:iam::222222222222:role/deploy" },
			want:      lockedOut,
		},
		"a Resource": {
			statement: policy.Statement{
				Effect: policy.Allow, Principal: policy.Anyone(), Action: policy.Values{"kms:Decrypt"}, Resource: policy.Values{"arn:aws:kms:us-east-1:123456789012:key/mine"},
			},
			want: `keyStatements[0].Resource: must be "*"`,
		},
		"no principal": {statement: policy.Statement{Effect: policy.Allow, Action: policy.Values{"kms:Decrypt"}}, want: "a resource policy needs a Principal"},
		"a key that is brought along": {
			statement: denying(policy.Values{"kms:CreateGrant"}, nil),
			change: func(args *ReplicatedBucket) {
				args.Source.KMSKeyARN = "arn:aws:kms:us-east-1:123456789012:key/mine"
			},
			want: "source.keyStatements: apply to a key created by this stack",
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := keyStated(test.statement)
			if test.change != nil {
				test.change(args)
			}
			assert.ErrorContains(t, args.Validate(), test.want)
		})
	}
}

func TestKeyStatements_CountForTheSizeOfThePolicy(t *testing.T) {
	t.Parallel()
	args := keyStated(denying(policy.Values{"kms:CreateGrant"}, nil))
	for range 300 {
		args.Source.KeyStatements = append(args.Source.KeyStatements, denying(policy.Values{"kms:CreateGrant"}, unless("StringNotEquals", "aws:PrincipalTag/team", "storage")))
	}
	assert.ErrorContains(t, args.Validate(), "source.keyStatements: the policy of a key would have ")
}
