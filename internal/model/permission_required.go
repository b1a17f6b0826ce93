package model

import (
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// requiredCall is one call that S3 makes with the role, and the effect of its denial.
type requiredCall struct {
	request policy.Request
	// encryptionContext of a request to KMS: the ARN of the bucket or of the
	// object. The judge puts it into the request's context, which calls share.
	encryptionContext string
	// anyObject reports that the request is the same for every object.
	anyObject bool
	// target is the resource whose policy applies.
	target callTarget
	// failure that S3 reports.
	failure string
	// optional calls only cost the replica something, such as its tags, or are
	// not needed in every case.
	optional bool
	// instead is another action that S3 can do without this one. Empty: none.
	instead string
	// coveredBy is an action whose Allow is enough for this one; a Deny of this one
	// counts. Empty: none.
	coveredBy string
	// uncertain calls are one of several ways to do the same, of which it is not
	// known which one S3 takes.
	uncertain bool
}

// callTarget is the resource that a call goes to.
type callTarget int

const (
	onSource callTarget = iota
	onDestination
	onSourceKey
	onReplicaKey
	onTrust
)

// callBuilder makes the calls that S3 needs to replicate an object under one rule.
type callBuilder struct {
	role        string
	source      *BucketFacts
	destination *BucketFacts
	rule        *s3config.Rule
	// sourceARN and destinationARN are those of the buckets.
	sourceARN, destinationARN string
	contexts                  *sharedContexts
	// trust is the call by which S3 becomes the role, the same under all rules.
	trust *requiredCall
	// key of the object that is replicated.
	key string
	// sourceKey is the KMS key of the object, if it has one that is known.
	sourceKey string
	// otherKeys are those of other objects of the source bucket.
	otherKeys []string
	// encryption of the object; "" where it is not known.
	encryption ObjectEncryption
	// kms says that the object and its replica are encrypted with KMS, or may be.
	kms    bool
	locked bool
	event  Event
}

// setRule sets the rule and the partition of the buckets.
func (e *callBuilder) setRule(rule *s3config.Rule) {
	prefix := "arn:aws:s3:::"
	if end := strings.LastIndex(rule.Destination.Bucket, ":"); end >= 0 {
		prefix = rule.Destination.Bucket[:end+1]
	}
	e.rule, e.sourceARN, e.destinationARN = rule, prefix+e.source.Bucket, prefix+e.destination.Bucket
}

// copyCalls adds the calls that replicate an object.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
func (e *callBuilder) copyCalls(calls []requiredCall) []requiredCall {
	calls = e.readCalls(append(calls, e.assumeRoleCall()))
	tags := e.atDestination("s3:ReplicateTags", "DstPutTaggingNotPermitted", e.event != TagsChanged)
	tags.coveredBy = replicateObject // "you don't need to explicitly grant permission for the s3:ReplicateTags action"
	calls = append(calls, e.atDestination(replicateObject, "DstPutObjectNotPermitted", false), tags)
	if e.rule.Destination.AccessControlTranslation != nil && e.destination.Ownership != BucketOwnerEnforced {
		calls = append(calls, e.atDestination("s3:ObjectOwnerOverrideToBucketOwner", "DstPutObjectNotPermitted", false))
	}
	if !e.kms {
		return calls
	}
	return e.kmsCalls(calls)
}

// deleteCalls adds the calls that replicate a delete marker.
func (e *callBuilder) deleteCalls(calls []requiredCall) []requiredCall {
	return append(e.readBucketCalls(append(calls, e.assumeRoleCall())), e.deleteCall())
}

func (e *callBuilder) deleteCall() requiredCall {
	return e.atDestination("s3:ReplicateDelete", "DstDelObjNotPermitted", false)
}

// assumeRoleCall returns the call by which S3 assumes the role. AWS does not document that S3 sends
// the source bucket.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
func (e *callBuilder) assumeRoleCall() requiredCall {
	if e.trust == nil {
		call := e.newAssumeRoleCall()
		e.trust = &call
	}
	return *e.trust
}

func (e *callBuilder) newAssumeRoleCall() requiredCall {
	possible := map[string][]string{}
	if e.source.Account != "" {
		possible[sourceAccountKey] = []string{e.source.Account}
	}
	if e.source.Bucket != "" {
		possible[sourceARNKey] = []string{e.sourceARN}
	}
	return requiredCall{anyObject: true, target: onTrust, failure: "AssumeRoleNotPermitted", request: policy.Request{
		Principal: s3Service, Action: "sts:AssumeRole", Resource: e.role, ResourceAccount: awsid.AccountOf(e.role),
		Context: map[string][]string{"aws:SecureTransport": {"true"}}, Possible: possible, Incomplete: true,
	}}
}

const s3Service = "s3.amazonaws.com"

// readBucketCalls adds the calls to the source bucket. None can be judged if its name is unknown.
func (e *callBuilder) readBucketCalls(calls []requiredCall) []requiredCall {
	if e.source.Bucket == "" {
		return calls
	}
	calls = append(calls,
		e.atSource("s3:GetReplicationConfiguration", e.sourceARN, "SrcGetObjectNotPermitted", false),
		e.atSource("s3:ListBucket", e.sourceARN, "SrcGetObjectNotPermitted", false))
	calls[len(calls)-1].anyObject, calls[len(calls)-2].anyObject = true, true
	return calls
}

func (e *callBuilder) readCalls(calls []requiredCall) []requiredCall {
	if e.source.Bucket == "" {
		return calls
	}
	object := e.sourceARN + "/" + e.key
	calls = append(e.readBucketCalls(calls),
		e.readDataCall(object),
		e.atSource("s3:GetObjectVersionAcl", object, "SrcGetAclNotPermitted", false),
		e.atSource("s3:GetObjectVersionTagging", object, "SrcGetTaggingNotPermitted", e.event != TagsChanged))
	if e.locked {
		calls = append(calls,
			e.atSource("s3:GetObjectRetention", object, "SrcGetRetentionNotPermitted", false),
			e.atSource("s3:GetObjectLegalHold", object, "SrcGetLegalHoldNotPermitted", false))
	}
	return calls
}

// readDataCall returns the call that reads the object. s3:GetObjectVersion is enough for objects
// that are not encrypted with KMS.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
func (e *callBuilder) readDataCall(object string) requiredCall {
	call := e.atSource("s3:GetObjectVersionForReplication", object, "SrcGetObjectNotPermitted", false)
	if e.encryption != "" && !e.encryption.usesKMS() {
		call.instead = getObjectVersion
	}
	return call
}

const (
	getObjectVersion = "s3:GetObjectVersion"
	replicateObject  = "s3:ReplicateObject"
)

// kmsCalls adds the calls to KMS. The documentation requires Encrypt; some pages name
// GenerateDataKey and Decrypt for objects that were never encrypted and for bucket keys.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
func (e *callBuilder) kmsCalls(calls []requiredCall) []requiredCall {
	if e.sourceKey != "" {
		calls = e.decryptCalls(calls, e.sourceKey, false)
	}
	key := e.rule.ReplicaKey()
	if key == "" {
		return calls
	}
	for _, use := range e.usesOf(key, e.destination, e.destinationARN) {
		calls = append(calls,
			use.call("kms:Encrypt", onReplicaKey, "DstPutObjectNotPermitted", e.role, false),
			use.call("kms:GenerateDataKey", onReplicaKey, "DstPutObjectNotPermitted", e.role, true),
			use.call("kms:Decrypt", onReplicaKey, "DstPutObjectNotPermitted", e.role, e.destination.BucketKey != Yes))
	}
	return calls
}

// decryptCalls adds those that decrypt with a key of the source. None can be judged if the bucket's name is unknown.
func (e *callBuilder) decryptCalls(calls []requiredCall, key string, optional bool) []requiredCall {
	if e.source.Bucket == "" {
		return calls
	}
	for _, use := range e.usesOf(key, e.source, e.sourceARN) {
		calls = append(calls, use.call("kms:Decrypt", onSourceKey, "SrcGetObjectNotPermitted", e.role, optional))
	}
	return calls
}

// keyUse is one way in which a key is used for an object.
type keyUse struct {
	key, account      string
	context           map[string][]string
	encryptionContext string
	anyObject         bool
	// uncertain uses are not known to happen.
	uncertain bool
}

// usesOf a key: with the ARN of the bucket as the encryption context under a
// bucket key, and with that of the object without one. Where either is
// possible, neither is certain.
func (e *callBuilder) usesOf(key string, bucket *BucketFacts, arn string) [2]keyUse {
	underBucketKey := e.source.BucketKey == Yes || e.destination.BucketKey == Yes
	without := e.source.BucketKey == No && e.destination.BucketKey == No
	account := orStandIn(awsid.AccountOf(key))
	context := e.contexts.ofKeyUse(e.role, regionOfUse(key, bucket.Region))
	return [2]keyUse{
		{key: key, account: account, context: context, encryptionContext: arn, anyObject: true, uncertain: !underBucketKey},
		{key: key, account: account, context: context, encryptionContext: arn + "/" + e.key, uncertain: !without},
	}
}

func (u *keyUse) call(action string, at callTarget, failure, role string, optional bool) requiredCall {
	return requiredCall{
		target: at, failure: failure, optional: optional, uncertain: u.uncertain, encryptionContext: u.encryptionContext, anyObject: u.anyObject,
		request: toKMS(role, action, u.key, u.account, u.context),
	}
}

func (e *callBuilder) atSource(action, resource, failure string, optional bool) requiredCall {
	return requiredCall{
		target: onSource, failure: failure, optional: optional,
		request: ofRole(e.role, action, resource, orStandIn(e.source.Account), ofReplication),
	}
}

func (e *callBuilder) atDestination(action, failure string, optional bool) requiredCall {
	context := ofReplication
	if action == replicateObject {
		context = e.encrypted()
	}
	account := orStandIn(e.destination.accountOr(e.rule.Destination.Account))
	return requiredCall{
		target: onDestination, failure: failure, optional: optional,
		request: ofRole(e.role, action, e.destinationARN+"/"+e.key, account, context),
	}
}

// encrypted is what the request has that writes a replica.
func (e *callBuilder) encrypted() map[string][]string {
	encryption := e.encryption
	if encryption == Unencrypted {
		encryption = e.destination.DefaultEncryption
	}
	switch key := e.rule.ReplicaKey(); {
	case e.kms && key != "" && encryption != "":
		return e.contexts.ofReplica(encryption, key)
	case e.encryption == Unencrypted && encryption.usesKMS():
		return e.contexts.ofReplica(encryption, e.destination.DefaultKey)
	default:
		return e.contexts.ofReplica(encryption, "")
	}
}

// standInAccount is the placeholder for an account that is unknown before the deployment.
const standInAccount = "000000000000"

// orStandIn returns the account, or the placeholder for one that is unknown in a plan.
func orStandIn(account string) string {
	if account != "" && !awsid.IsAccount(account) {
		return standInAccount
	}
	return account
}

// standInRole returns the role, with the placeholder for an account that is unknown in a plan, and
// whether it was needed.
func standInRole(role string) (string, bool) {
	account := awsid.AccountOf(role)
	if account == "" || awsid.IsAccount(account) {
		return role, false
	}
	return strings.Replace(role, ":"+account+":", ":"+standInAccount+":", 1), true
}

// regionOfUse is the region in which S3 uses a key: that of the bucket, which is
// the key's.
func regionOfUse(key, region string) string {
	if region == "" {
		return awsid.RegionOf(key)
	}
	return region
}
