package model

import (
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Checks are what must hold of the documents for replication from a source to
// a destination: everything that S3 does is allowed, clients can go on working,
// and nothing else can be done with the role, the buckets or the keys.
func Checks(roleARN string, trust Trust, source, destination BucketRef) []Check {
	c := checks{roleARN: roleARN, trust: trust, source: source, destination: destination}
	c.replication()
	c.clients(SourceBucket, source)
	c.clients(DestinationBucket, destination)
	c.encryption(SourceBucket, source)
	c.encryption(DestinationBucket, destination)
	c.transport(SourceBucket, source)
	c.transport(DestinationBucket, destination)
	c.roleOnBuckets()
	for _, key := range source.keys() {
		c.roleOnKey(SourceKey, source, key, sourceKeyActions)
	}
	for _, key := range destination.replicaKeys() {
		c.roleOnKey(DestinationKey, destination, key, replicaKeyActions)
	}
	c.otherKeys()
	c.unrelatedCallers(SourceBucket, SourceKey, source)
	c.unrelatedCallers(DestinationBucket, DestinationKey, destination)
	c.assumeRole()
	if source.Account != destination.Account {
		c.unrestrictedRole()
	}
	if source.Deployer != "" {
		c.guard(SourceBucket, source)
	}
	if destination.Deployer != "" {
		c.guard(DestinationBucket, destination)
	}
	return c.list
}

type checks struct {
	roleARN             string
	trust               Trust
	source, destination BucketRef
	list                []Check
}

const outsideAccount = "999999999999"

// add adds a check, unless it is about a key that the bucket does not have.
func (c *checks) add(want Want, name string, caller Caller, target Target, at BucketRef, action, resource string, context map[string][]string) {
	if resource == "" {
		return
	}
	full := map[string][]string{"aws:SecureTransport": {"true"}, "s3:TlsVersion": {"1.3"}}
	for key, values := range context {
		full[key] = values
		if values == nil {
			delete(full, key)
		}
	}
	c.list = append(c.list, Check{
		Name: name, Caller: caller, Target: target, Want: want,
		Request: policy.Request{
			Principal: c.principal(caller, at), Action: action, Resource: resource, ResourceAccount: at.Account, Context: full,
		},
	})
}

func (c *checks) principal(caller Caller, at BucketRef) string {
	partition, _ := replication.PartitionOf(at.Region)
	switch caller {
	case Role, UnrestrictedRole:
		return c.roleARN
	case Administrator:
		return "arn:" + partition.ID + ":iam::" + at.Account + ":role/administrator"
	case Deployer:
		return at.Deployer
	case Outsider:
		return "arn:" + partition.ID + ":iam::" + outsideAccount + ":role/administrator"
	case S3:
		return "s3.amazonaws.com"
	case OtherService:
		return "ec2.amazonaws.com"
	default:
		return ""
	}
}

// replication is all that S3 does in the role's name.
func (c *checks) replication() {
	for _, call := range Calls(c.roleARN, c.source, c.destination) {
		target := map[bool]Target{false: SourceBucket, true: SourceKey}[call.Key]
		if call.At.BucketARN == c.destination.BucketARN {
			target = map[bool]Target{false: DestinationBucket, true: DestinationKey}[call.Key]
		}
		if call.Key && call.Request.Resource != call.At.KMSKeyARN {
			// A further key has a policy of its own; the role's policy must allow its part.
			target, call.Request.ResourceAccount = Elsewhere, call.At.Account
		}
		c.list = append(c.list, Check{Name: "replicate an object", Caller: Role, Target: target, Want: Allowed, Request: call.Request})
	}
	for _, call := range keyCalls(c.roleARN, c.source, c.source.replicaKeys(), sourceKeyActions...) {
		c.list = append(c.list, Check{Name: "read an encrypted object", Caller: Role, Target: SourceKey, Want: Allowed, Request: call.Request})
	}
	c.otherEncryptions()
	c.assume(Allowed, "assume the role for the source bucket",
		map[string][]string{sourceAccountKey: {c.source.Account}, sourceARNKey: {c.source.BucketARN}})
	c.assume(Allowed, assumeUnnamed, nil)
}

// otherEncryptions are those that objects may have beside SSE-KMS, and their
// replicas then have, too. They are no [Calls]: a user's statement may refuse
// them, and replication goes on.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
func (c *checks) otherEncryptions() {
	at := c.destination
	contexts := []map[string][]string{ofReplica(SSES3, "")}
	if at.KMSKeyARN != "" {
		contexts = append(contexts, ofReplica(DSSEKMS, at.KMSKeyARN))
	}
	for _, context := range contexts {
		c.add(Allowed, "replicate an object that is not encrypted with SSE-KMS", Role, DestinationBucket, at,
			"s3:ReplicateObject", at.BucketARN+"/"+objectKey, context)
	}
}

func sse(algorithm, keyARN string) map[string][]string {
	context := map[string][]string{SSEConditionKey: {algorithm}}
	if keyARN != "" {
		context[SSEKMSKeyIDConditionKey] = []string{keyARN}
	}
	return context
}

// clients must not notice that a bucket is replicated.
func (c *checks) clients(target Target, at BucketRef) {
	object := at.BucketARN + "/" + objectKey
	c.add(Allowed, "upload and leave the encryption to the bucket", Administrator, target, at, "s3:PutObject", object, nil)
	if at.KMSKeyARN != "" {
		c.add(Allowed, "upload with the bucket's key", Administrator, target, at, "s3:PutObject", object, sse("aws:kms", at.KMSKeyARN))
	}
	c.add(Allowed, "download", Administrator, target, at, "s3:GetObject", object, nil)
	c.add(Allowed, "list the bucket", Administrator, target, at, "s3:ListBucket", at.BucketARN, nil)
	c.add(NotDenied, "a service calls with an unknown TLS version", S3, target, at, "s3:PutObject", object,
		map[string][]string{"s3:TlsVersion": {"1.0"}, "aws:PrincipalIsAWSService": {"true"}})
}

// encryption is what uploads must not get around, where the bucket has a key.
func (c *checks) encryption(target Target, at BucketRef) {
	if at.KMSKeyARN == "" {
		return
	}
	object := at.BucketARN + "/" + objectKey
	upload := func(name string, context map[string][]string) {
		c.add(Denied, name, Administrator, target, at, "s3:PutObject", object, context)
	}
	upload("upload with SSE-S3", sse("AES256", ""))
	upload("upload with DSSE-KMS", sse("aws:kms:dsse", at.KMSKeyARN))
	upload("upload with another key", sse("aws:kms", at.KMSKeyARN+"-other"))
	upload("upload with another key and no algorithm", map[string][]string{SSEKMSKeyIDConditionKey: {at.KMSKeyARN + "-other"}})
	upload("upload with the AWS managed key", sse("aws:kms", ""))
	upload("upload with a key of the client's own", map[string][]string{SSECustomerConditionKey: {"AES256"}})
	if !at.KeyChanges {
		c.add(Denied, "change the key of an object", Administrator, target, at, updateEncryption, object, nil)
	}
}

// transport is refused without TLS, or with an old one.
func (c *checks) transport(target Target, at BucketRef) {
	object := at.BucketARN + "/" + objectKey
	refuse := func(over string, context map[string][]string) {
		c.add(Denied, "upload "+over, Administrator, target, at, "s3:PutObject", object, context)
		c.add(Denied, "download "+over, Administrator, target, at, "s3:GetObject", object, context)
		c.add(Denied, "list "+over, Administrator, target, at, "s3:ListBucket", at.BucketARN, context)
	}
	refuse("over plain HTTP", map[string][]string{"aws:SecureTransport": {"false"}, "s3:TlsVersion": nil})
	refuse("over TLS 1.1", map[string][]string{"s3:TlsVersion": {"1.1"}})
}

// roleOnBuckets is what the role must not do, on these buckets and on others.
func (c *checks) roleOnBuckets() {
	source, destination := c.source.BucketARN+"/"+objectKey, c.destination.BucketARN+"/"+objectKey
	refuse := func(name string, target Target, at BucketRef, action, resource string) {
		c.add(Denied, name, Role, target, at, action, resource, nil)
	}
	refuse("read objects as a client", SourceBucket, c.source, "s3:GetObject", source)
	refuse("write to the source", SourceBucket, c.source, "s3:PutObject", source)
	refuse("delete at the source", SourceBucket, c.source, "s3:DeleteObject", source)
	refuse("delete versions at the source", SourceBucket, c.source, "s3:DeleteObjectVersion", source)
	refuse("suspend versioning at the source", SourceBucket, c.source, "s3:PutBucketVersioning", c.source.BucketARN)
	refuse("change the rules", SourceBucket, c.source, "s3:PutReplicationConfiguration", c.source.BucketARN)
	refuse("read replicas", DestinationBucket, c.destination, "s3:GetObject", destination)
	refuse("write to the destination as a client", DestinationBucket, c.destination, "s3:PutObject", destination)
	refuse("delete replicas", DestinationBucket, c.destination, "s3:DeleteObject", destination)
	refuse("delete versions of replicas", DestinationBucket, c.destination, "s3:DeleteObjectVersion", destination)
	refuse("suspend versioning at the destination", DestinationBucket, c.destination, "s3:PutBucketVersioning", c.destination.BucketARN)
	refuse("change the destination's policy", DestinationBucket, c.destination, "s3:PutBucketPolicy", c.destination.BucketARN)
	refuse("shorten retention at the destination", DestinationBucket, c.destination, "s3:BypassGovernanceRetention", destination)
	for _, action := range []string{"s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"} {
		refuse("read other buckets", Elsewhere, c.source, action, c.source.BucketARN+"-other/"+objectKey)
	}
	for _, action := range replicaActions(true) {
		refuse("write to other buckets", Elsewhere, c.destination, action, c.destination.BucketARN+"-other/"+objectKey)
	}
	refuse("list other buckets", Elsewhere, c.source, "s3:ListBucket", c.source.BucketARN+"-other")
	refuse("read rules of other buckets", Elsewhere, c.source, "s3:GetReplicationConfiguration", c.source.BucketARN+"-other")
}

// otherKeys are those that replicas must not be encrypted with. Within one account,
// the role's policy and the bucket's each allow by themselves, so both together must
// refuse, and the role's alone for a bucket with a policy that is not known. Across
// accounts it takes both, and the bucket's must refuse whatever the role's allows.
func (c *checks) otherKeys() {
	at := c.destination
	if at.KMSKeyARN == "" {
		return
	}
	refuse := func(caller Caller, target Target) {
		object := at.BucketARN + "/" + objectKey
		c.add(Denied, "write replicas with another key", caller, target, at, "s3:ReplicateObject", object, sse("aws:kms", at.KMSKeyARN+"-other"))
		for _, unknown := range []string{"none", "aws:kms:other", "aws:kms:dsse:other", "AES256:other"} {
			c.add(Denied, "write replicas with an unknown encryption", caller, target, at, "s3:ReplicateObject", object, sse(unknown, ""))
		}
	}
	refuse(Role, DestinationBucket)
	if c.source.Account == at.Account {
		refuse(Role, Elsewhere)
	} else {
		refuse(UnrestrictedRole, DestinationBucket)
	}
}

// roleOnKey is what the role must not do with a key.
func (c *checks) roleOnKey(target Target, at BucketRef, key string, actions []string) {
	if key != at.KMSKeyARN {
		target = Elsewhere // a key that has a policy of its own
	}
	via := func(service, encryptionContext string) map[string][]string {
		return map[string][]string{viaServiceKey: {service}, EncryptionContextConditionKey: {encryptionContext}}
	}
	s3 := replication.S3ViaService(at.Region)
	refuse := func(name, action, resource string, context map[string][]string) {
		c.add(Denied, name, Role, target, at, action, resource, context)
	}
	for _, action := range actions {
		refuse("use the key without S3", action, key, map[string][]string{EncryptionContextConditionKey: {at.BucketARN}})
		refuse("use the key through another service", action, key, via("ec2."+at.Region+".amazonaws.com", at.BucketARN))
		refuse("use the key through S3 of another region", action, key, via("s3.af-south-1.amazonaws.com", at.BucketARN))
		refuse("use the key for another bucket", action, key, via(s3, at.BucketARN+"-other"))
		refuse("use the key for an object of another bucket", action, key, via(s3, at.BucketARN+"-other/"+objectKey))
		refuse("use the key without an encryption context", action, key, map[string][]string{viaServiceKey: {s3}})
		refuse("use another key", action, key+"-other", via(s3, at.BucketARN))
	}
	refuse("delete the key", "kms:ScheduleKeyDeletion", key, via(s3, at.BucketARN))
	refuse("change the key's policy", "kms:PutKeyPolicy", key, via(s3, at.BucketARN))
	refuse("hand the key on", "kms:CreateGrant", key, via(s3, at.BucketARN))
}

// widenedRole is what a destination must not leave to the other account.
func (c *checks) unrestrictedRole() {
	at := c.destination
	object := at.BucketARN + "/" + objectKey
	refuse := func(name string, target Target, action, resource string, context map[string][]string) {
		c.add(Denied, name, UnrestrictedRole, target, at, action, resource, context)
	}
	refuse("read replicas", DestinationBucket, "s3:GetObject", object, nil)
	refuse("write to the destination as a client", DestinationBucket, "s3:PutObject", object, nil)
	refuse("delete versions of replicas", DestinationBucket, "s3:DeleteObjectVersion", object, nil)
	refuse("suspend versioning at the destination", DestinationBucket, "s3:PutBucketVersioning", at.BucketARN, nil)
	refuse("use the key without S3", DestinationKey, "kms:Decrypt", at.KMSKeyARN, map[string][]string{EncryptionContextConditionKey: {at.BucketARN}})
	refuse("use the key through another service", DestinationKey, "kms:Decrypt", at.KMSKeyARN, map[string][]string{
		viaServiceKey: {"ec2." + at.Region + ".amazonaws.com"}, EncryptionContextConditionKey: {at.BucketARN},
	})
	for _, action := range []string{"kms:ScheduleKeyDeletion", "kms:PutKeyPolicy", "kms:CreateGrant", "kms:DisableKey"} {
		refuse("manage the key", DestinationKey, action, at.KMSKeyARN, map[string][]string{
			viaServiceKey: {replication.S3ViaService(at.Region)}, EncryptionContextConditionKey: {at.BucketARN},
		})
	}
}

// outsiders are those that have no part in this.
func (c *checks) unrelatedCallers(bucket, key Target, at BucketRef) {
	object := at.BucketARN + "/" + objectKey
	for _, caller := range []Caller{Outsider, Anonymous, OtherService} {
		c.add(Denied, "upload", caller, bucket, at, "s3:PutObject", object, nil)
		c.add(Denied, "download", caller, bucket, at, "s3:GetObject", object, nil)
		c.add(Denied, "list", caller, bucket, at, "s3:ListBucket", at.BucketARN, nil)
		c.add(Denied, "write replicas", caller, bucket, at, "s3:ReplicateObject", object, nil)
	}
	for _, caller := range []Caller{Outsider, OtherService} {
		c.add(Denied, "use the key through S3", caller, key, at, "kms:Decrypt", at.KMSKeyARN,
			map[string][]string{viaServiceKey: {replication.S3ViaService(at.Region)}, EncryptionContextConditionKey: {at.BucketARN}})
	}
	for _, caller := range []Caller{S3, OtherService} {
		c.add(Denied, "use the key", caller, key, at, "kms:Decrypt", at.KMSKeyARN, nil)
	}
}

// assumeUnnamed is the name of the check of a call that AWS does not document to
// have any key that names the bucket.
const assumeUnnamed = "assume the role without naming the bucket"

func (c *checks) assume(want Want, name string, context map[string][]string) {
	c.add(want, name, S3, RoleTrust, c.source, "sts:AssumeRole", c.roleARN, context)
}

// assumeRole adds who must not be able to assume the role.
func (c *checks) assumeRole() {
	if c.trust != TrustAnyAccount {
		c.assume(Denied, "assume the role for a bucket of another account", map[string][]string{
			sourceAccountKey: {outsideAccount}, sourceARNKey: {c.source.BucketARN},
		})
	}
	if c.trust == TrustBucket {
		c.assume(Denied, "assume the role for another bucket", map[string][]string{
			sourceAccountKey: {c.source.Account}, sourceARNKey: {c.source.BucketARN + "-other"},
		})
	}
	for _, caller := range []Caller{Outsider, Anonymous, OtherService} {
		c.add(Denied, "become the role", caller, RoleTrust, c.source, "sts:AssumeRole", c.roleARN, nil)
	}
	c.add(Denied, "pass sessions on", S3, RoleTrust, c.source, "sts:TagSession", c.roleARN,
		map[string][]string{sourceAccountKey: {c.source.Account}})
}
