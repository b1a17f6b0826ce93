package model_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// A guarded bucket is one whose protection only those can remove who
// deploy. The calls are listed here, and not taken from the guard, so that none
// can go missing from both.
func TestGuardStatement_LetsNobodyUndoTheProtection(t *testing.T) {
	t.Parallel()
	const (
		bucket        = "arn:aws:s3:::data"
		deployer      = "arn:aws:iam::111111111111:role/deploy"
		administrator = "arn:aws:iam::111111111111:role/administrator"
	)
	anything := policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}})
	guard := policy.New(model.GuardStatement(model.BucketRef{BucketARN: bucket}, deployer))
	allowed := func(principal, action, resource string) bool {
		return policy.Evaluate(policy.Policies{Identity: []policy.Document{anything}, Resource: &guard}, policy.Request{
			Principal: principal, Action: action, Resource: resource, ResourceAccount: "111111111111",
		}).Allowed
	}
	for what, call := range map[string]struct{ action, resource string }{
		"suspending versioning":                {"s3:PutBucketVersioning", bucket},
		"changing the rules":                   {"s3:PutReplicationConfiguration", bucket},
		"deleting a version":                   {"s3:DeleteObjectVersion", bucket + "/key"},
		"deleting a version that is governed":  {"s3:BypassGovernanceRetention", bucket + "/key"},
		"shortening the default retention":     {"s3:PutBucketObjectLockConfiguration", bucket},
		"letting versions expire":              {"s3:PutLifecycleConfiguration", bucket},
		"another key for new objects":          {"s3:PutEncryptionConfiguration", bucket},
		"opening the bucket to the public":     {"s3:PutBucketPublicAccessBlock", bucket},
		"switching ACLs on":                    {"s3:PutBucketOwnershipControls", bucket},
		"removing the policy that has a guard": {"s3:DeleteBucketPolicy", bucket},
		"deleting the bucket":                  {"s3:DeleteBucket", bucket},
	} {
		assert.False(t, allowed(administrator, call.action, call.resource), "%s: %s", what, call.action)
		assert.True(t, allowed(deployer, call.action, call.resource), "%s by those who deploy: %s", what, call.action)
	}
	for what, call := range map[string]struct{ action, resource string }{
		"writing": {"s3:PutObject", bucket + "/key"}, "deleting with a marker": {"s3:DeleteObject", bucket + "/key"},
		"a way back from a mistake in the policy": {"s3:PutBucketPolicy", bucket},
	} {
		assert.True(t, allowed(administrator, call.action, call.resource), "%s: %s", what, call.action)
	}
}
