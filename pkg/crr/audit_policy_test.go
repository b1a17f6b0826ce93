package crr

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/policytest"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

const (
	ours      = "111111111111"
	theirs    = "222222222222"
	ourTrail  = "arn:aws:cloudtrail:us-east-1:111111111111:trail/audit"
	logsARN   = "arn:aws:s3:::logs"
	ourKey    = "arn:aws:kms:us-east-1:111111111111:key/trail"
	auditor   = "arn:aws:iam::111111111111:role/auditor"
	developer = "arn:aws:iam::111111111111:role/developer"
)

// expectation is a call, and whether the document may let it happen.
type expectation struct {
	name    string
	allowed bool
	request policy.Request
	// byIAM gives the caller every permission that IAM can.
	byIAM bool
}

// verdict evaluates a call under a document of a resource of ours, or, for a role
// policy, under the document as the caller's.
func (e expectation) verdict(document policy.Document) bool {
	everything := policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}})
	policies := policy.Policies{Resource: &document, KeyPolicy: e.request.Resource == ourKey}
	if e.byIAM {
		policies.Identity = []policy.Document{everything}
	}
	if e.request.Principal == logRole {
		policies = policy.Policies{Identity: []policy.Document{document}}
	}
	e.request.ResourceAccount = ours
	return policy.Evaluate(policies, e.request).Allowed
}

const logRole = "arn:aws:iam::111111111111:role/trail-to-logs"

func request(principal, action, resource string, context map[string]string) policy.Request {
	r := policy.Request{Principal: principal, Action: action, Resource: resource, Context: map[string][]string{"aws:SecureTransport": {"true"}, "s3:TlsVersion": {"1.3"}}}
	for key, value := range context {
		r.Context[key] = []string{value}
	}
	return r
}

// but returns a context with some keys changed; those changed to "" are left out.
func but(context map[string]string, keysAndValues ...string) map[string]string {
	changed := maps.Clone(context)
	for i := 0; i < len(keysAndValues); i += 2 {
		changed[keysAndValues[i]] = keysAndValues[i+1]
		if keysAndValues[i+1] == "" {
			delete(changed, keysAndValues[i])
		}
	}
	return changed
}

func trail() trailIdentity { return trailIdentity{name: "audit", region: "us-east-1", account: ours} }

func bucketExpectations() []expectation {
	const object = logsARN + "/AWSLogs/111111111111/CloudTrail/us-west-2/2026/x.json.gz"
	write := map[string]string{"aws:SourceArn": ourTrail, "s3:x-amz-acl": "bucket-owner-full-control"}
	trailWrites := func(name string, allowed bool, object string, context map[string]string) expectation {
		return expectation{name, allowed, request(cloudTrailService, "s3:PutObject", object, context), false}
	}
	reads := func(name string, allowed bool, context map[string]string) expectation {
		return expectation{name, allowed, request(auditor, "s3:GetObject", object, context), true}
	}
	return []expectation{
		trailWrites("our trail writes its logs", true, object, write),
		trailWrites("another trail of ours does not", false, object, but(write, "aws:SourceArn", ourTrail+"-2")),
		trailWrites("another account's trail does not", false, object, but(write, "aws:SourceArn", "arn:aws:cloudtrail:us-east-1:222222222222:trail/audit")),
		trailWrites("a trail that is not named does not", false, object, but(write, "aws:SourceArn", "")),
		trailWrites("not without giving the objects to us", false, object, but(write, "s3:x-amz-acl", "")),
		trailWrites("not under another account's prefix", false, logsARN+"/AWSLogs/222222222222/x", write),
		trailWrites("not elsewhere in the bucket", false, logsARN+"/x", write),
		trailWrites("not over plain HTTP", false, object, but(write, "aws:SecureTransport", "false")),
		{"our trail looks at the ACL", true, request(cloudTrailService, "s3:GetBucketAcl", logsARN, but(write, "s3:x-amz-acl", "")), false},
		{"another trail does not", false, request(cloudTrailService, "s3:GetBucketAcl", logsARN, but(write, "aws:SourceArn", ourTrail+"-2")), false},
		{"our trail does not read", false, request(cloudTrailService, "s3:GetObject", object, write), false},
		{"our trail does not delete", false, request(cloudTrailService, "s3:DeleteObject", object, write), false},
		{"another service does not write", false, request("logging.s3.amazonaws.com", "s3:PutObject", object, write), false},
		{"another account does not read", false, request("arn:aws:iam::222222222222:role/x", "s3:GetObject", object, nil), true},
		reads("who IAM lets, reads", true, nil),
		reads("no reads over plain HTTP", false, map[string]string{"aws:SecureTransport": "false"}),
		reads("no reads with outdated TLS", false, map[string]string{"s3:TlsVersion": "1.1"}),
		{
			"no listing over plain HTTP", false,
			request(auditor, "s3:ListBucket", logsARN, map[string]string{"aws:SecureTransport": "false"}), true,
		},
		{"no listing with outdated TLS", false, request(auditor, "s3:ListBucket", logsARN, map[string]string{"s3:TlsVersion": "1.1"}), true},
		{
			"a service whose TLS is redacted still writes", true,
			request(cloudTrailService, "s3:PutObject", object, but(write, "s3:TlsVersion", "1.0")), false,
		},
	}
}

func keyExpectations(readers bool) []expectation {
	encrypt := map[string]string{"aws:SourceArn": ourTrail, "kms:EncryptionContext:aws:cloudtrail:arn": ourTrail}
	read := map[string]string{"kms:EncryptionContext:aws:cloudtrail:arn": ourTrail}
	group := map[string]string{"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:111111111111:log-group:/aws/cloudtrail/audit"}
	ask := func(name string, allowed bool, principal, action string, context map[string]string) expectation {
		return expectation{name, allowed, request(principal, action, ourKey, context), true}
	}
	all := []expectation{
		ask("our trail encrypts", true, cloudTrailService, "kms:GenerateDataKey", encrypt),
		ask("another trail does not", false, cloudTrailService, "kms:GenerateDataKey", but(encrypt, "aws:SourceArn", ourTrail+"-2")),
		ask("another account's trail does not", false, cloudTrailService, "kms:GenerateDataKey",
			but(encrypt, "aws:SourceArn", "arn:aws:cloudtrail:us-east-1:222222222222:trail/audit")),
		ask("not in another account's name", false, cloudTrailService, "kms:GenerateDataKey",
			but(encrypt, "kms:EncryptionContext:aws:cloudtrail:arn", "arn:aws:cloudtrail:us-east-1:222222222222:trail/audit")),
		ask("our trail looks at the key", true, cloudTrailService, "kms:DescribeKey", encrypt),
		ask("another trail does not look", false, cloudTrailService, "kms:DescribeKey", but(encrypt, "aws:SourceArn", ourTrail+"-2")),
		ask("our trail cannot read what it wrote", false, cloudTrailService, "kms:Decrypt", encrypt),
		ask("the auditor reads", true, auditor, "kms:Decrypt", read),
		ask("the auditor reads nothing but logs of trails", false, auditor, "kms:Decrypt", nil),
		ask("the auditor does not encrypt", false, auditor, "kms:Encrypt", encrypt),
		ask("others read only where IAM decides", !readers, developer, "kms:Decrypt", read),
		ask("another account does not read", false, "arn:aws:iam::222222222222:role/x", "kms:Decrypt", read),
		ask("no grants", false, developer, "kms:CreateGrant", read),
		ask("our log group does not take others' keys", false, "logs.us-east-1.amazonaws.com", "kms:Encrypt",
			but(group, "kms:EncryptionContext:aws:logs:arn", "arn:aws:logs:us-east-1:111111111111:log-group:/other")),
		ask("logs of another region do not", false, "logs.us-west-2.amazonaws.com", "kms:Encrypt", group),
	}
	for _, action := range []string{"Encrypt", "Decrypt", "ReEncryptFrom", "GenerateDataKey", "DescribeKey"} {
		all = append(all, ask("our log group: "+action, true, "logs.us-east-1.amazonaws.com", "kms:"+action, group))
	}
	for _, action := range []string{
		"CreateAlias", "DescribeKey", "EnableKeyRotation", "ListGrants", "PutKeyPolicy", "UpdateKeyDescription", "RevokeGrant", "DisableKey",
		"GetKeyPolicy", "DeleteAlias", "TagResource", "UntagResource", "ScheduleKeyDeletion", "CancelKeyDeletion", "RotateKeyOnDemand",
	} {
		all = append(all, ask("IAM's administrators: "+action, true, developer, "kms:"+action, nil))
	}
	return all
}

func roleExpectations() []expectation {
	const group = "arn:aws:logs:us-east-1:111111111111:log-group:/aws/cloudtrail/audit:log-stream:"
	const stream = group + "111111111111_CloudTrail_us-east-1_3"
	return []expectation{
		{"makes its streams", true, request(logRole, "logs:CreateLogStream", stream, nil), false},
		{"writes events", true, request(logRole, "logs:PutLogEvents", stream, nil), false},
		{"not to another stream", false, request(logRole, "logs:PutLogEvents", group+"222222222222_CloudTrail_us-east-1", nil), false},
		{"does not delete", false, request(logRole, "logs:DeleteLogGroup", stream, nil), false},
	}
}

func trustExpectations() []expectation {
	return []expectation{
		{"CloudTrail assumes the role", true, request(cloudTrailService, "sts:AssumeRole", logRole, nil), false},
		{"S3 does not", false, request("s3.amazonaws.com", "sts:AssumeRole", logRole, nil), false},
	}
}

func recordsExpectations() []expectation {
	const logged, listed = logsARN + "/access-logs/data/2026", logsARN + "/inventory/data/manifest.json"
	about := map[string]string{"aws:SourceArn": "arn:aws:s3:::data", "aws:SourceAccount": ours}
	inventory := but(about, "s3:x-amz-acl", "bucket-owner-full-control")
	write := func(name string, allowed bool, service, object string, context map[string]string) expectation {
		return expectation{name, allowed, request(service, "s3:PutObject", object, context), false}
	}
	const logging, s3 = "logging.s3.amazonaws.com", "s3.amazonaws.com"
	return []expectation{
		write("access logs arrive", true, logging, logged, about),
		write("those of the other bucket too", true, logging, logged, but(about, "aws:SourceArn", "arn:aws:s3:::replicas")),
		write("those of a stranger's bucket do not", false, logging, logged, but(about, "aws:SourceArn", "arn:aws:s3:::stranger")),
		write("nor another account's", false, logging, logged, but(about, "aws:SourceAccount", theirs)),
		write("nor outside of their prefix", false, logging, listed, about),
		write("nor over plain HTTP", false, logging, logged, but(about, "aws:SecureTransport", "false")),
		write("inventories arrive", true, s3, listed, inventory),
		write("those of a bucket without do not", false, s3, listed, but(inventory, "aws:SourceArn", "arn:aws:s3:::replicas")),
		write("nor another account's", false, s3, listed, but(inventory, "aws:SourceAccount", theirs)),
		write("nor outside of their prefix", false, s3, logged, inventory),
		write("nor without giving them to us", false, s3, listed, about),
		write("a service whose TLS is redacted still writes", true, logging, logged, but(about, "s3:TlsVersion", "1.0")),
		{"who IAM lets, reads", true, request(auditor, "s3:GetObject", logged, nil), true},
		{"log delivery does not read", false, request(logging, "s3:GetObject", logged, about), false},
		{"no reads over plain HTTP", false, request(auditor, "s3:GetObject", logged, map[string]string{"aws:SecureTransport": "false"}), true},
		{"no reads with outdated TLS", false, request(auditor, "s3:GetObject", logged, map[string]string{"s3:TlsVersion": "1.1"}), true},
		{"no listing over plain HTTP", false, request(auditor, "s3:ListBucket", logsARN, map[string]string{"aws:SecureTransport": "false"}), true},
		{"no listing with outdated TLS", false, request(auditor, "s3:ListBucket", logsARN, map[string]string{"s3:TlsVersion": "1.1"}), true},
	}
}

// strangers returns calls like those that are allowed, but for one thing: by another
// service or account, or without a principal, for another action of the service, on
// another resource, or with a context key that is missing or has another value. Those
// that the document refuses must stay refused.
func strangers(document policy.Document, expected []expectation) []expectation {
	var refused []expectation
	for _, each := range expected {
		if !each.allowed {
			continue
		}
		try := func(name string, change func(*policy.Request)) {
			stranger := each
			stranger.name, stranger.allowed = each.name+", "+name, false
			stranger.request.Context = maps.Clone(each.request.Context)
			change(&stranger.request)
			if !stranger.verdict(document) {
				refused = append(refused, stranger)
			}
		}
		for _, principal := range []string{"ec2.amazonaws.com", "arn:aws:iam::999999999999:role/x", ""} {
			each.byIAM = true // strangers are allowed everything that their account can allow
			try("by "+principal, func(r *policy.Request) { r.Principal = principal })
		}
		service, _, _ := strings.Cut(each.request.Action, ":")
		try("another action", func(r *policy.Request) { r.Action = service + ":Other" })
		try("more than the resource", func(r *policy.Request) { r.Resource += "-other" })
		for key, values := range each.request.Context {
			try("without "+key, func(r *policy.Request) { delete(r.Context, key) })
			try("with more than the value of "+key, func(r *policy.Request) { r.Context[key] = []string{values[0] + "-other"} })
			try("with a value beside that of "+key, func(r *policy.Request) { r.Context[key] = []string{strings.Replace(values[0], "/", "-other/", 1)} })
		}
	}
	return refused
}

// TestAuditPolicies_LetInWhomTheyMustAndNoPartCanChange evaluates every policy of an
// audit, whole, and then with each part removed or widened in turn: each must make an
// expectation fail.
func TestAuditPolicies_LetInWhomTheyMustAndNoPartCanChange(t *testing.T) {
	t.Parallel()
	toLogs := TrailArgs{CloudWatchLogs: &CloudWatchLogsArgs{}}
	forReaders := TrailArgs{CloudWatchLogs: &CloudWatchLogsArgs{}, Readers: []string{auditor}}
	for name, c := range map[string]struct {
		document policy.Document
		kind     policy.Kind
		expected []expectation
	}{
		"bucket of a trail":  {trail().bucketPolicy(logsARN), policy.ResourcePolicy, bucketExpectations()},
		"key, IAM decides":   {trail().keyPolicy(toLogs), policy.ResourcePolicy, keyExpectations(false)},
		"key, readers named": {trail().keyPolicy(forReaders), policy.ResourcePolicy, keyExpectations(true)},
		"role for logs":      {trail().logRolePolicy(), policy.IdentityPolicy, roleExpectations()},
		"trust of the role":  {logRoleTrust(), policy.TrustPolicy, trustExpectations()},
		"bucket of bucket records": {
			recordsPolicy(ours, logsARN, []string{"arn:aws:s3:::data", "arn:aws:s3:::replicas"}, []string{"arn:aws:s3:::data"}),
			policy.ResourcePolicy, recordsExpectations(),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, c.document.ValidateAs(c.kind))
			for _, each := range c.expected {
				assert.Equal(t, each.allowed, each.verdict(c.document), each.name)
			}
			expected := slices.Concat(c.expected, strangers(c.document, c.expected))
			for _, change := range append(policytest.Removals(c.document), policytest.Widenings(c.document)...) {
				mutated := copyOf(t, c.document)
				change.Apply(&mutated)
				assert.True(t, noticed(mutated, expected), "%s, and no expectation fails", change.Name)
			}
		})
	}
}

func noticed(document policy.Document, expected []expectation) bool {
	for _, each := range expected {
		if each.verdict(document) != each.allowed {
			return true
		}
	}
	return false
}

func copyOf(t *testing.T, document policy.Document) policy.Document {
	t.Helper()
	var copied policy.Document
	data, err := json.Marshal(document)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &copied))
	return copied
}

// In China, services of the partition have another suffix.
func TestAuditPolicies_NameThePartition(t *testing.T) {
	t.Parallel()
	china := trailIdentity{name: "audit", region: "cn-north-1", account: ours}
	document := china.keyPolicy(TrailArgs{CloudWatchLogs: &CloudWatchLogsArgs{}}).JSON()
	assert.Contains(t, document, `"logs.cn-north-1.amazonaws.com.cn"`)
	assert.Contains(t, document, "arn:aws-cn:cloudtrail:cn-north-1:111111111111:trail/audit")
	assert.NotContains(t, document, "arn:aws:")
}
