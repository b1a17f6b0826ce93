package model

import (
	"slices"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// guardedActions are the actions that can undo replication or its protection.
// s3:PutBucketPolicy is not included: only the account's root user could restore
// access after a lockout.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
var guardedActions = policy.Values{
	"s3:BypassGovernanceRetention",
	"s3:DeleteBucket",
	"s3:DeleteBucketPolicy",
	"s3:DeleteObjectVersion",
	"s3:PutBucketObjectLockConfiguration",
	"s3:PutBucketOwnershipControls",
	"s3:PutBucketPublicAccessBlock",
	"s3:PutBucketVersioning",
	"s3:PutEncryptionConfiguration",
	"s3:PutLifecycleConfiguration",
	"s3:PutReplicationConfiguration",
	updateEncryption,
}

// guardedOnObjects are those of the guarded actions that are about objects.
var guardedOnObjects = []string{"s3:BypassGovernanceRetention", "s3:DeleteObjectVersion", updateEncryption}

// GuardStatement denies all principals except the given ones to undo replication: suspending
// versioning, changing the rules, deleting versions. The principals are ARNs that may contain
// wildcards; the deployer must be among them.
func GuardStatement(at BucketRef, except ...string) policy.Statement {
	return policy.Statement{
		Sid: "DenyTampering", Effect: policy.Deny, Principal: policy.Anyone(),
		Action:    guardedActions,
		Resource:  policy.Values{at.BucketARN, at.objects()},
		Condition: policy.Conditions{"ArnNotLike": {"aws:PrincipalArn": except}},
	}
}

// guard adds the actions on a guarded bucket that only the deployer is allowed.
func (c *checks) guard(target Target, at BucketRef) {
	for _, action := range guardedActions {
		resource := at.BucketARN
		if slices.Contains(guardedOnObjects, action) {
			resource += "/" + objectKey
		}
		c.add(Denied, "tamper with a guarded bucket", Administrator, target, at, action, resource, nil)
		if action == updateEncryption && !at.KeyChanges {
			continue // refused to everybody
		}
		c.add(Allowed, "go on deploying a guarded bucket", Deployer, target, at, action, resource, nil)
	}
}
