package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/access"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// breakable is a stack with everything that verify compares.
const breakable = `
config:
  crr:forceDestroy: true
  crr:deletionWindowInDays: 7
  crr:audit: { cloudWatchLogs: { retentionDays: 30 } }
  crr:replications:
    - name: data
      source: { region: us-east-1, lifecycle: { noncurrentDays: 90, transitions: [{ days: 60, storageClass: GLACIER }] } }
      destinations: [{ name: dr, region: us-west-2, storageClass: STANDARD_IA, intelligentTiering: { archiveDays: 90 } }]
      monitoring: { emails: [ops@example.com, audit@example.com], failureQueue: true, dashboard: true }
      audit: { enabled: true, accessLogs: true, inventory: Weekly }
      rules:
        - { id: critical, prefix: finance/, tags: { class: critical }, replicationTimeControl: true }
        - { id: rest }
    - name: vault
      source: { region: us-east-1, objectLock: { mode: GOVERNANCE, days: 30 } }
      destinations: [{ name: dr, region: us-west-2, objectLock: { mode: GOVERNANCE, days: 30 } }]
`

// TestVerify_FindsEveryBreakage makes changes that widen access, remove a subscriber
// or shorten the life of replicas, without affecting replication.
func TestVerify_FindsEveryBreakage(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.project(breakable)
	l.up()
	deployed := l.descriptors()
	of := func(d replication.Descriptor) *verified {
		return &verified{lab: l, deployed: d, source: d.Source, dr: d.Destinations[0]}
	}
	data, vault := of(deployed[0]), of(deployed[1])
	for _, v := range []*verified{data, vault} {
		r := v.verify(v.deployed)
		require.Equal(t, 0, r.status, "%s%s", r.out, r.err)
	}
	all := data.breakages()
	t.Logf("%d breakages, and %d of what replication needs", len(all)+len(vault.lockBreakages()), len(breaches))
	assert.Greater(t, len(all)+len(vault.lockBreakages())+len(breaches), 110)
	t.Run("data", func(t *testing.T) { data.within(t).breakEach(all) })
	t.Run("vault", func(t *testing.T) { vault.within(t).breakEach(vault.lockBreakages()) })
	t.Run("the key of objects that exist is to be deleted", func(t *testing.T) { data.within(t).loseKeyOfObjects() })
}

// must fails the test if a call fails.
func must[T any](v *verified) func(T, error) T {
	return func(value T, err error) T {
		v.t.Helper()
		require.NoError(v.t, err)
		return value
	}
}

// document is a policy, and how to change it.
type document struct {
	name string
	// about is the beginning of the first failing line.
	about string
	// resource and action for an added statement.
	resource, action string
	principal        bool
	get              func(*verified) string
	put              func(*verified, string)
}

// settingOf returns a deployed setting of a resource whose ARN contains a text.
func (v *verified) settingOf(kind replication.SettingKind, part string) replication.Setting {
	v.t.Helper()
	for _, each := range v.deployed.Settings {
		if each.Kind == kind && strings.Contains(each.ARN, part) {
			return each
		}
	}
	require.Fail(v.t, "no setting", "%s of %s", kind, part)
	return replication.Setting{}
}

func nameIn(arn string) string { return arn[strings.LastIndexAny(arn, ":/")+1:] }

func (v *verified) bucketDocument(name, about, bucket, region string) document {
	return document{
		name: name, about: about, resource: "arn:aws:s3:::" + bucket + "/*", action: "s3:DeleteObjectVersion", principal: true,
		get: func(v *verified) string {
			return aws.ToString(must[*s3.GetBucketPolicyOutput](v)(v.in(region).s3.GetBucketPolicy(v.t.Context(), &s3.GetBucketPolicyInput{Bucket: &bucket})).Policy)
		},
		put: func(v *verified, text string) {
			must[*s3.PutBucketPolicyOutput](v)(v.in(region).s3.PutBucketPolicy(v.t.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: &text}))
		},
	}
}

func (v *verified) keyDocument(name, about, arn, region string) document {
	return document{
		name: name, about: about, resource: "*", action: "kms:ReEncryptFrom", principal: true,
		get: func(v *verified) string {
			return aws.ToString(must[*kms.GetKeyPolicyOutput](v)(v.in(region).kms.GetKeyPolicy(v.t.Context(), &kms.GetKeyPolicyInput{KeyId: &arn, PolicyName: aws.String("default")})).Policy)
		},
		put: func(v *verified, text string) {
			must[*kms.PutKeyPolicyOutput](v)(v.in(region).kms.PutKeyPolicy(v.t.Context(), &kms.PutKeyPolicyInput{
				KeyId: &arn, PolicyName: aws.String("default"), Policy: &text, BypassPolicyLockoutSafetyCheck: true,
			}))
		},
	}
}

func (v *verified) topicDocument(arn, region string) document {
	return document{
		name: "the topic in " + region, about: "topic " + nameIn(arn) + ", policy", resource: arn, action: "sns:Subscribe", principal: true,
		get: func(v *verified) string {
			return must[*sns.GetTopicAttributesOutput](v)(v.in(region).sns.GetTopicAttributes(v.t.Context(), &sns.GetTopicAttributesInput{TopicArn: &arn})).Attributes["Policy"]
		},
		put: func(v *verified, text string) { v.setTopic(arn, region, "Policy", text) },
	}
}

func (v *verified) setTopic(arn, region, name, value string) {
	v.t.Helper()
	must[*sns.SetTopicAttributesOutput](v)(v.in(region).sns.SetTopicAttributes(v.t.Context(), &sns.SetTopicAttributesInput{
		TopicArn: &arn, AttributeName: &name, AttributeValue: &value,
	}))
}

// queue returns the URL and the attributes of a queue.
func (v *verified) queue(arn string) (url *string, attributes map[string]string) {
	v.t.Helper()
	client := v.in("us-east-1").sqs
	url = must[*sqs.GetQueueUrlOutput](v)(client.GetQueueUrl(v.t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String(nameIn(arn))})).QueueUrl
	found := must[*sqs.GetQueueAttributesOutput](v)(client.GetQueueAttributes(v.t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: url, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameAll},
	}))
	return url, found.Attributes
}

// setQueue sets an attribute of a queue. The emulator drops the policy if it is not
// in the request.
func (v *verified) setQueue(arn, name, value string) {
	v.t.Helper()
	url, before := v.queue(arn)
	attributes := map[string]string{name: value}
	if name != "Policy" && before["Policy"] != "" {
		attributes["Policy"] = before["Policy"]
	}
	must[*sqs.SetQueueAttributesOutput](v)(v.in("us-east-1").sqs.SetQueueAttributes(v.t.Context(), &sqs.SetQueueAttributesInput{
		QueueUrl: url, Attributes: attributes,
	}))
}

// documents returns the policies of a deployment.
func (v *verified) documents() []document {
	queue := v.settingOf(replication.QueuePolicySetting, "failures").ARN
	topics := map[string]string{}
	for _, topic := range v.deployed.Topics {
		topics[topic.Region] = topic.ARN
	}
	messageKey := func(region string) string {
		return v.settingOf(replication.TopicSetting, ":"+region+":").Values["KmsMasterKeyId"]
	}
	trail := v.settingOf(replication.TrailSetting, "")
	role := v.roleName()
	trust := document{
		name: "the trust policy", about: "role, trust", action: "sts:AssumeRole", principal: true,
		get: func(v *verified) string {
			found := must[*iam.GetRoleOutput](v)(v.in("us-east-1").iam.GetRole(v.t.Context(), &iam.GetRoleInput{RoleName: &role}))
			return unescape(v.t, aws.ToString(found.Role.AssumeRolePolicyDocument))
		},
		put: func(v *verified, text string) {
			must[*iam.UpdateAssumeRolePolicyOutput](v)(v.in("us-east-1").iam.UpdateAssumeRolePolicy(v.t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: &role, PolicyDocument: &text}))
		},
	}
	inline := document{name: "the role's policy", about: "role, policies", resource: v.dr.ARN + "/*", action: "s3:DeleteObjectVersion"}
	inline.get = func(v *verified) string { return v.inlinePolicy(nil) }
	inline.put = func(v *verified, text string) { v.inlinePolicy(&text) }
	records := v.settingOf(replication.AccessLogSetting, v.source.Bucket).Values["TargetBucket"]
	logs := trail.Values["S3BucketName"]
	return []document{
		v.bucketDocument("the source", "source, bucket policy", v.source.Bucket, v.source.Region),
		v.bucketDocument("the destination", "dr, bucket policy", v.dr.Bucket, v.dr.Region),
		v.bucketDocument("the bucket of the trail", "bucket "+logs+", bucket policy", logs, "us-east-1"),
		v.bucketDocument("the bucket of the records", "bucket "+records+", bucket policy", records, "us-east-1"),
		v.keyDocument("the source's key", "source, key policy", v.source.KMSKeyARN, v.source.Region),
		v.keyDocument("the destination's key", "dr, key policy", v.dr.KMSKeyARN, v.dr.Region),
		v.keyDocument("the key of messages", "key "+nameIn(messageKey("us-east-1"))+", key policy", messageKey("us-east-1"), "us-east-1"),
		v.keyDocument("the other key of messages", "key "+nameIn(messageKey("us-west-2"))+", key policy", messageKey("us-west-2"), "us-west-2"),
		v.keyDocument("the key of the trail", "key "+nameIn(trail.Values["KmsKeyId"])+", key policy", trail.Values["KmsKeyId"], "us-east-1"),
		v.topicDocument(topics["us-east-1"], "us-east-1"), v.topicDocument(topics["us-west-2"], "us-west-2"),
		{
			name: "the failure queue", about: "queue " + nameIn(queue) + ", policy", resource: queue, action: "sqs:ReceiveMessage", principal: true,
			get: func(v *verified) string { _, attributes := v.queue(queue); return attributes["Policy"] },
			put: func(v *verified, text string) { v.setQueue(queue, "Policy", text) },
		},
		trust, inline,
	}
}

// inlinePolicy reads the first inline policy of the role, or replaces it.
func (v *verified) inlinePolicy(with *string) string {
	client, role := v.in("us-east-1").iam, aws.String(v.roleName())
	name := must[*iam.ListRolePoliciesOutput](v)(client.ListRolePolicies(v.t.Context(), &iam.ListRolePoliciesInput{RoleName: role})).PolicyNames[0]
	if with != nil {
		must[*iam.PutRolePolicyOutput](v)(client.PutRolePolicy(v.t.Context(), &iam.PutRolePolicyInput{RoleName: role, PolicyName: &name, PolicyDocument: with}))
		return *with
	}
	found := must[*iam.GetRolePolicyOutput](v)(client.GetRolePolicy(v.t.Context(), &iam.GetRolePolicyInput{RoleName: role, PolicyName: &name}))
	return unescape(v.t, aws.ToString(found.PolicyDocument))
}

// change edits a policy, and returns how to restore it.
func (d document) change(edit func(*policy.Document)) func(*verified) func() {
	return func(v *verified) func() {
		before := d.get(v)
		parsed, err := policy.Parse([]byte(before))
		require.NoError(v.t, err)
		edit(&parsed)
		d.put(v, parsed.JSON())
		return func() { d.put(v, before) }
	}
}

func (d document) statement(sid string, effect policy.Effect, principal *policy.Principal) policy.Statement {
	added := policy.Statement{Sid: sid, Effect: effect, Action: policy.Values{d.action}}
	if d.principal {
		added.Principal = principal
	}
	if d.resource != "" {
		added.Resource = policy.Values{d.resource}
	}
	return added
}

// breakages of one policy: access is granted to another account, a Deny is added
// that does not affect replication, and a statement is widened.
func (d document) breakages() []breach {
	add := func(s policy.Statement) func(*policy.Document) {
		return func(p *policy.Document) { p.Statement = append(p.Statement, s) }
	}
	stranger := d.statement("Strangers", policy.Allow, policy.AWS("arn:aws:iam::222222222222:root"))
	unlessMFA := d.statement("UnlessMFA", policy.Deny, policy.AWS("arn:aws:iam::222222222222:root"))
	unlessMFA.Condition = policy.Conditions{"BoolIfExists": {"aws:MultiFactorAuthPresent": {"false"}}}
	all := []breach{
		{d.name + " lets more in", d.change(add(stranger)), words(d.about, "Strangers", "which was not deployed, allows "+d.action), words("pulumi up --refresh")},
		{d.name + " denies unless MFA", d.change(add(unlessMFA)), words(d.about, "UnlessMFA", "denies "+d.action, "aws:MultiFactorAuthPresent"), words("pulumi up --refresh")},
	}
	if d.principal && d.action != "sts:AssumeRole" {
		own := d.statement("Insiders", policy.Allow, policy.AWS(roleFor(access.ToVerify)))
		all = append(all, breach{d.name + " lets one role of the account do more", d.change(add(own)), words(d.about, "Insiders", roleFor(access.ToVerify)), words("pulumi up --refresh")})
	}
	return all
}

// changed makes a call and returns how to undo it.
func changed(do, undo func(*verified)) func(*verified) func() {
	return func(v *verified) func() {
		do(v)
		return func() { undo(v) }
	}
}

// lifecycleChanged replaces the lifecycle of a bucket.
func lifecycleChanged(at replication.DeployedBucket, edit func([]s3types.LifecycleRule) []s3types.LifecycleRule) func(*verified) func() {
	return func(v *verified) func() {
		before := lifecycleOf(v, at)
		if after := edit(lifecycleOf(v, at)); len(after) > 0 {
			putLifecycle(v, at, after)
		} else {
			must[*s3.DeleteBucketLifecycleOutput](v)(v.in(at.Region).s3.DeleteBucketLifecycle(v.t.Context(), &s3.DeleteBucketLifecycleInput{Bucket: &at.Bucket}))
		}
		return func() { putLifecycle(v, at, before) }
	}
}

func expiry(id string, set func(*s3types.LifecycleRule)) func([]s3types.LifecycleRule) []s3types.LifecycleRule {
	return func(rules []s3types.LifecycleRule) []s3types.LifecycleRule {
		added := s3types.LifecycleRule{ID: &id, Status: s3types.ExpirationStatusEnabled, Filter: &s3types.LifecycleRuleFilter{Prefix: aws.String("")}}
		set(&added)
		return append(rules, added)
	}
}

// breakages returns all changes with which replication continues.
func (v *verified) breakages() []breach {
	var all []breach
	for _, d := range v.documents() {
		all = append(all, d.breakages()...)
	}
	for _, trust := range v.otherRoles() {
		all = append(all, widened(trust)...)
	}
	for _, bucket := range v.logBuckets() {
		all = append(all, v.logBucketBreakages(bucket)...)
	}
	return slices.Concat(all, v.policyLosses(), v.roleBreakages(), v.bucketBreakages(), v.keyBreakages(), v.messageBreakages(), v.alarmBreakages(),
		v.recordBreakages(), v.ruleBreakages())
}

// policyLosses are removed statements.
func (v *verified) policyLosses() []breach {
	var all []breach
	sids := map[string]string{
		"the source": "DenyOutdatedTLS", "the destination": "DenyCustomerKeys", "the failure queue": "AllowBucketEvents",
		"the topic in us-east-1": "AllowAlarms", "the topic in us-west-2": "DenyInsecureTransport", "the key of messages": "AllowAlarms",
		"the other key of messages": "AllowBucketEvents", "the bucket of the records": "AllowAccessLogs",
	}
	for _, d := range v.documents() {
		sid := sids[d.name]
		if sid == "" {
			continue
		}
		lose := d.change(func(p *policy.Document) {
			before := len(p.Statement)
			p.Statement = slices.DeleteFunc(p.Statement, func(s policy.Statement) bool { return s.Sid == sid })
			require.Less(v.t, len(p.Statement), before)
		})
		all = append(all, breach{d.name + " loses " + sid, lose, words(d.about, sid+" is missing"), words("pulumi up --refresh")})
	}
	return all
}

func (v *verified) roleBreakages() []breach {
	role := v.roleName()
	attach := func(document string) func(*verified) func() {
		return func(v *verified) func() {
			client := v.in("us-east-1").iam
			made := must[*iam.CreatePolicyOutput](v)(client.CreatePolicy(v.t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("widened"), PolicyDocument: &document}))
			must[*iam.AttachRolePolicyOutput](v)(client.AttachRolePolicy(v.t.Context(), &iam.AttachRolePolicyInput{RoleName: &role, PolicyArn: made.Policy.Arn}))
			return func() {
				must[*iam.DetachRolePolicyOutput](v)(client.DetachRolePolicy(v.t.Context(), &iam.DetachRolePolicyInput{RoleName: &role, PolicyArn: made.Policy.Arn}))
				must[*iam.DeletePolicyOutput](v)(client.DeletePolicy(v.t.Context(), &iam.DeletePolicyInput{PolicyArn: made.Policy.Arn}))
			}
		}
	}
	admin := policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}).JSON()
	trust := func(edit func(*policy.Document)) func(*verified) func() {
		for _, d := range v.documents() {
			if d.about == "role, trust" {
				return d.change(edit)
			}
		}
		return nil
	}
	return []breach{
		{"the role becomes an administrator", attach(admin), words("role, policies", "which was not deployed, allows *"), words("pulumi up --refresh")},
		{
			"the role may read everything", attach(policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"s3:GetObject*"}, Resource: policy.Values{"*"}}).JSON()),
			words("role, policies", "allows s3:GetObject*"), words("pulumi up --refresh"),
		},
		{"the role is trusted for any account", trust(func(p *policy.Document) { p.Statement[0].Condition = nil }), words("role, trust", "is not as deployed"), words("pulumi up --refresh")},
		{
			"another account may become the role", trust(func(p *policy.Document) {
				p.Statement[0].Principal.AWS = policy.Values{"arn:aws:iam::222222222222:root"}
				p.Statement[0].Condition = nil
			}), words("role, trust", "arn:aws:iam::222222222222:root"), words("pulumi up --refresh"),
		},
		{
			"a boundary that allows everything is put on the role", func(v *verified) func() {
				client := v.in("us-east-1").iam
				made := must[*iam.CreatePolicyOutput](v)(client.CreatePolicy(v.t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("open"), PolicyDocument: &admin}))
				must[*iam.PutRolePermissionsBoundaryOutput](v)(client.PutRolePermissionsBoundary(v.t.Context(), &iam.PutRolePermissionsBoundaryInput{RoleName: &role, PermissionsBoundary: made.Policy.Arn}))
				return func() {
					must[*iam.DeleteRolePermissionsBoundaryOutput](v)(client.DeleteRolePermissionsBoundary(v.t.Context(), &iam.DeleteRolePermissionsBoundaryInput{RoleName: &role}))
				}
			}, words("role, permissions boundary", ":policy/open, was deployed as nothing"), words("pulumi up --refresh"),
		},
	}
}

// otherRoles are the trust policies of roles that do not replicate.
func (v *verified) otherRoles() []replication.Setting {
	var all []replication.Setting
	for _, each := range v.deployed.Settings {
		replicates := each.ARN == v.deployed.RoleARN || slices.ContainsFunc(v.deployed.Buckets(), func(p replication.DeployedBucket) bool { return p.RoleARN == each.ARN })
		if each.Kind == replication.TrustSetting && !replicates {
			all = append(all, each)
		}
	}
	require.NotEmpty(v.t, all)
	return all
}

// widened is a role with more permissions, or with a wider trust policy.
func widened(role replication.Setting) []breach {
	name := aws.String(nameIn(role.ARN))
	client := func(v *verified) *iam.Client {
		if role.AccountID != v.source.AccountID {
			return v.inAccount(role.AccountID, role.Region).iam
		}
		return v.in(role.Region).iam
	}
	admin := policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}).JSON()
	stranger := policy.New(policy.Statement{Effect: policy.Allow, Principal: policy.AWS("arn:aws:iam::333333333333:root"), Action: policy.Values{"sts:AssumeRole"}}).JSON()
	return []breach{
		{"the role " + *name + " becomes an administrator", changed(func(v *verified) {
			must[*iam.PutRolePolicyOutput](v)(client(v).PutRolePolicy(v.t.Context(), &iam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("more"), PolicyDocument: &admin}))
		}, func(v *verified) {
			must[*iam.DeleteRolePolicyOutput](v)(client(v).DeleteRolePolicy(v.t.Context(), &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("more")}))
		}), words("role "+*name+", policies", "which was not deployed, allows *"), words("pulumi up --refresh")},
		{"another account may become the role " + *name, func(v *verified) func() {
			before := unescape(v.t, aws.ToString(must[*iam.GetRoleOutput](v)(client(v).GetRole(v.t.Context(), &iam.GetRoleInput{RoleName: name})).Role.AssumeRolePolicyDocument))
			put := func(document string) {
				must[*iam.UpdateAssumeRolePolicyOutput](v)(client(v).UpdateAssumeRolePolicy(v.t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: &document}))
			}
			put(stranger)
			return func() { put(before) }
		}, words("role "+*name+", trust policy", "arn:aws:iam::333333333333:root"), words("pulumi up --refresh")},
	}
}

// logBuckets are the buckets of the trail and of the records.
func (v *verified) logBuckets() []replication.DeployedBucket {
	var all []replication.DeployedBucket
	for _, each := range v.deployed.Settings {
		if each.Kind == replication.BucketSetting {
			all = append(all, replication.DeployedBucket{Bucket: nameIn(each.ARN), Region: each.Region, KMSKeyARN: each.Values["KMSMasterKeyID"]})
		}
	}
	require.Len(v.t, all, 3, "of the trail, and of the records in two regions")
	return all
}

func (v *verified) logBucketBreakages(at replication.DeployedBucket) []breach {
	versioning := func(v *verified, status s3types.BucketVersioningStatus) {
		must[*s3.PutBucketVersioningOutput](v)(v.in(at.Region).s3.PutBucketVersioning(v.t.Context(), &s3.PutBucketVersioningInput{
			Bucket: &at.Bucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: status},
		}))
	}
	algorithm, other := "AES256", "aws:kms"
	if at.KMSKeyARN != "" {
		algorithm, other = other, algorithm
	}
	var all []breach
	add := func(name string, do func(*verified) func(), cause string) {
		all = append(all, breach{name + " of the log bucket " + at.Bucket, do, words("bucket "+at.Bucket+", bucket settings", cause), words("pulumi up --refresh")})
	}
	add("versioning", changed(func(v *verified) { versioning(v, s3types.BucketVersioningStatusSuspended) }, func(v *verified) { versioning(v, s3types.BucketVersioningStatusEnabled) }),
		"VersioningStatus is Suspended, was deployed as Enabled")
	add("public access block", publicAccess(at, "RestrictPublicBuckets"), "RestrictPublicBuckets is false, was deployed as true")
	add("ownership", v.ownership(at, s3types.ObjectOwnershipObjectWriter), "ObjectOwnership is ObjectWriter, was deployed as BucketOwnerEnforced")
	add("default encryption", changed(func(v *verified) { v.setEncryption(at, other, "") }, func(v *verified) { v.setEncryption(at, algorithm, at.KMSKeyARN) }),
		"SSEAlgorithm is "+other+", was deployed as "+algorithm)
	return all
}

func (v *verified) bucketBreakages() []breach {
	var all []breach
	add := func(name string, do func(*verified) func(), cause ...string) {
		all = append(all, breach{name, do, cause, words("pulumi up --refresh")})
	}
	for _, at := range []replication.DeployedBucket{v.source, v.dr} {
		add("replicas of "+at.Name+" expire after a day", lifecycleChanged(at, expiry("expire", func(r *s3types.LifecycleRule) {
			r.Expiration = &s3types.LifecycleExpiration{Days: aws.Int32(1)}
		})), at.Name+", lifecycle", "expire.Expiration.Days is 1, was deployed as nothing")
		add("noncurrent versions of "+at.Name+" expire after a day", lifecycleChanged(at, expiry("old", func(r *s3types.LifecycleRule) {
			r.NoncurrentVersionExpiration = &s3types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(1)}
		})), at.Name+", lifecycle", "old.NoncurrentVersionExpiration.NoncurrentDays is 1")
		add("the lifecycle of "+at.Name+" is removed", lifecycleChanged(at, func([]s3types.LifecycleRule) []s3types.LifecycleRule { return nil }),
			at.Name+", lifecycle", "abort-stale-uploads.Status is nothing, was deployed as Enabled")
		add("ACLs are enabled at "+at.Name, v.ownership(at, s3types.ObjectOwnershipObjectWriter), at.Name+", ownership", "is ObjectWriter, was deployed as BucketOwnerEnforced")
		add("the bucket key of "+at.Name+" is disabled", v.bucketKey(at), at.Name+", encryption", "the bucket key of s3://"+at.Bucket+" is disabled")
		for i, name := range []string{"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"} {
			if i%2 == 0 == (at.Name == replication.SourceName) {
				all = append(all, breach{name + " of " + at.Name + " is off", publicAccess(at, name), words(at.Name+", public access", name+" is off"), words("aws s3api put-public-access-block")})
			}
		}
	}
	add("a rule of the lifecycle is disabled", lifecycleChanged(v.source, func(rules []s3types.LifecycleRule) []s3types.LifecycleRule {
		rules[0].Status = s3types.ExpirationStatusDisabled
		return rules
	}), "source, lifecycle", "Status is Disabled, was deployed as Enabled")
	add("noncurrent versions are kept shorter", lifecycleChanged(v.source, func(rules []s3types.LifecycleRule) []s3types.LifecycleRule {
		for i := range rules {
			if rules[i].NoncurrentVersionExpiration != nil {
				rules[i].NoncurrentVersionExpiration.NoncurrentDays = aws.Int32(2)
			}
		}
		return rules
	}), "source, lifecycle", "NoncurrentVersionExpiration.NoncurrentDays is 2, was deployed as 90")
	add("replicas move to another class", lifecycleChanged(v.dr, expiry("cold", func(r *s3types.LifecycleRule) {
		r.Transitions = []s3types.Transition{{Days: aws.Int32(30), StorageClass: s3types.TransitionStorageClassDeepArchive}}
	})), "dr, lifecycle", "cold.Transitions.DEEP_ARCHIVE.Days is 30")
	all = append(all, breach{"archive tiers of the source are added", changed(func(v *verified) {
		must[*s3.PutBucketIntelligentTieringConfigurationOutput](v)(v.in(v.source.Region).s3.PutBucketIntelligentTieringConfiguration(v.t.Context(), &s3.PutBucketIntelligentTieringConfigurationInput{
			Bucket: &v.source.Bucket, Id: aws.String("added"), IntelligentTieringConfiguration: &s3types.IntelligentTieringConfiguration{
				Id: aws.String("added"), Status: s3types.IntelligentTieringStatusEnabled,
				Tierings: []s3types.Tiering{{AccessTier: s3types.IntelligentTieringAccessTierArchiveAccess, Days: aws.Int32(90)}},
			},
		}))
	}, func(v *verified) {
		must[*s3.DeleteBucketIntelligentTieringConfigurationOutput](v)(v.in(v.source.Region).s3.DeleteBucketIntelligentTieringConfiguration(v.t.Context(), &s3.DeleteBucketIntelligentTieringConfigurationInput{
			Bucket: &v.source.Bucket, Id: aws.String("added"),
		}))
	}), words("source, archive tiers", "added.ARCHIVE_ACCESS is 90, was deployed as nothing"), words("delete-bucket-intelligent-tiering-configuration --bucket " + v.source.Bucket)})
	add("what is in the archive tiers changes", func(v *verified) func() {
		put := func(v *verified, days int32) {
			must[*s3.PutBucketIntelligentTieringConfigurationOutput](v)(v.in(v.dr.Region).s3.PutBucketIntelligentTieringConfiguration(v.t.Context(), &s3.PutBucketIntelligentTieringConfigurationInput{
				Bucket: &v.dr.Bucket, Id: aws.String("archive"), IntelligentTieringConfiguration: &s3types.IntelligentTieringConfiguration{
					Id: aws.String("archive"), Status: s3types.IntelligentTieringStatusEnabled,
					Tierings: []s3types.Tiering{{AccessTier: s3types.IntelligentTieringAccessTierArchiveAccess, Days: &days}},
				},
			}))
		}
		put(v, 120)
		return func() { put(v, 90) }
	}, "dr, archive tiers", "archive.ARCHIVE_ACCESS is 120, was deployed as 90")
	return all
}

func (v *verified) ownership(at replication.DeployedBucket, ownership s3types.ObjectOwnership) func(*verified) func() {
	put := func(v *verified, to s3types.ObjectOwnership) {
		must[*s3.PutBucketOwnershipControlsOutput](v)(v.in(at.Region).s3.PutBucketOwnershipControls(v.t.Context(), &s3.PutBucketOwnershipControlsInput{
			Bucket: &at.Bucket, OwnershipControls: &s3types.OwnershipControls{Rules: []s3types.OwnershipControlsRule{{ObjectOwnership: to}}},
		}))
	}
	return changed(func(v *verified) { put(v, ownership) }, func(v *verified) { put(v, s3types.ObjectOwnershipBucketOwnerEnforced) })
}

func (v *verified) bucketKey(at replication.DeployedBucket) func(*verified) func() {
	return changed(func(v *verified) {
		must[*s3.PutBucketEncryptionOutput](v)(v.in(at.Region).s3.PutBucketEncryption(v.t.Context(), &s3.PutBucketEncryptionInput{
			Bucket: &at.Bucket, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{
				BucketKeyEnabled: aws.Bool(false),
				ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{
					SSEAlgorithm: s3types.ServerSideEncryptionAwsKms, KMSMasterKeyID: &at.KMSKeyARN,
				},
			}}},
		}))
	}, func(v *verified) { v.setEncryption(at, "aws:kms", at.KMSKeyARN) })
}

func publicAccess(at replication.DeployedBucket, off string) func(*verified) func() {
	return changed(func(v *verified) {
		must[*s3.PutPublicAccessBlockOutput](v)(v.in(at.Region).s3.PutPublicAccessBlock(v.t.Context(), &s3.PutPublicAccessBlockInput{
			Bucket: &at.Bucket, PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
				BlockPublicAcls: aws.Bool(off != "BlockPublicAcls"), IgnorePublicAcls: aws.Bool(off != "IgnorePublicAcls"),
				BlockPublicPolicy: aws.Bool(off != "BlockPublicPolicy"), RestrictPublicBuckets: aws.Bool(off != "RestrictPublicBuckets"),
			},
		}))
	}, func(v *verified) { v.blockPublicAccess(at) })
}

// keys returns the keys of the stack, by the beginning of the lines about them.
func (v *verified) keys() map[string]replication.Setting {
	keys := map[string]replication.Setting{}
	for _, each := range v.deployed.Settings {
		if each.Kind != replication.KeySetting {
			continue
		}
		switch each.ARN {
		case v.source.KMSKeyARN:
			keys["source, key"] = each
		case v.dr.KMSKeyARN:
			keys["dr, key"] = each
		default:
			keys["key "+nameIn(each.ARN)+", key settings"] = each
		}
	}
	return keys
}

func (v *verified) keyBreakages() []breach {
	var all []breach
	keys := v.keys()
	require.Len(v.t, keys, 5, "of two buckets, of messages in two regions, and of the trail")
	for about, key := range keys {
		ours := func(v *verified) *kms.Client { return v.in(key.Region).kms }
		all = append(all,
			breach{"rotation of " + about + " is off", changed(func(v *verified) {
				must[*kms.DisableKeyRotationOutput](v)(ours(v).DisableKeyRotation(v.t.Context(), &kms.DisableKeyRotationInput{KeyId: &key.ARN}))
			}, func(v *verified) {
				must[*kms.EnableKeyRotationOutput](v)(ours(v).EnableKeyRotation(v.t.Context(), &kms.EnableKeyRotationInput{KeyId: &key.ARN}))
			}), words(strings.TrimSuffix(about, " settings"), "KeyRotationEnabled is false, was deployed as true"), words("pulumi up --refresh")},
			breach{"the alias of " + about + " is gone", changed(func(v *verified) {
				must[*kms.DeleteAliasOutput](v)(ours(v).DeleteAlias(v.t.Context(), &kms.DeleteAliasInput{AliasName: aws.String(key.Values["AliasName"])}))
			}, func(v *verified) {
				must[*kms.CreateAliasOutput](v)(ours(v).CreateAlias(v.t.Context(), &kms.CreateAliasInput{AliasName: aws.String(key.Values["AliasName"]), TargetKeyId: &key.ARN}))
			}), words(strings.TrimSuffix(about, " settings"), "AliasName is nothing, was deployed as "+key.Values["AliasName"]), words("pulumi up --refresh")},
		)
		var grant *string
		all = append(all, breach{"another account gets a grant on " + about, changed(func(v *verified) {
			grant = must[*kms.CreateGrantOutput](v)(ours(v).CreateGrant(v.t.Context(), &kms.CreateGrantInput{
				KeyId: &key.ARN, GranteePrincipal: aws.String("arn:aws:iam::333333333333:root"), Operations: []kmstypes.GrantOperation{kmstypes.GrantOperationDecrypt},
			})).GrantId
		}, func(v *verified) {
			must[*kms.RevokeGrantOutput](v)(ours(v).RevokeGrant(v.t.Context(), &kms.RevokeGrantInput{KeyId: &key.ARN, GrantId: grant}))
		}), words(strings.TrimSuffix(about, " settings"), "lets arn:aws:iam::333333333333:root call Decrypt"), words("aws kms revoke-grant --key-id " + nameIn(key.ARN))})
		enable := func(v *verified) {
			must[*kms.EnableKeyOutput](v)(ours(v).EnableKey(v.t.Context(), &kms.EnableKeyInput{KeyId: &key.ARN}))
		}
		all = append(all,
			breach{"the key of " + about + " is disabled", changed(func(v *verified) {
				must[*kms.DisableKeyOutput](v)(ours(v).DisableKey(v.t.Context(), &kms.DisableKeyInput{KeyId: &key.ARN}))
			}, enable), words(about, "Disabled"), words("aws kms enable-key --key-id " + nameIn(key.ARN))},
			breach{"the key of " + about + " is to be deleted", changed(func(v *verified) {
				must[*kms.ScheduleKeyDeletionOutput](v)(ours(v).ScheduleKeyDeletion(v.t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: &key.ARN, PendingWindowInDays: aws.Int32(7)}))
			}, func(v *verified) {
				must[*kms.CancelKeyDeletionOutput](v)(ours(v).CancelKeyDeletion(v.t.Context(), &kms.CancelKeyDeletionInput{KeyId: &key.ARN}))
				enable(v)
			}), words(about, "PendingDeletion"), words("aws kms cancel-key-deletion --key-id " + nameIn(key.ARN))},
		)
	}
	return all
}

func (v *verified) messageBreakages() []breach {
	var all []breach
	add := func(name string, do func(*verified) func(), cause ...string) {
		all = append(all, breach{name, do, cause, words("pulumi up --refresh")})
	}
	queue := v.settingOf(replication.QueuePolicySetting, "failures").ARN
	dead := v.settingOf(replication.QueueSetting, "dead-letters")
	attribute := func(arn, name, to string) func(*verified) func() {
		return func(v *verified) func() {
			_, before := v.queue(arn)
			v.setQueue(arn, name, to)
			return func() { v.setQueue(arn, name, before[name]) }
		}
	}
	about := "queue " + nameIn(queue) + ", "
	add("the failure queue has no policy", attribute(queue, "Policy", ""), about+"policy", "it has no statements")
	add("the failure queue keeps messages for a minute", attribute(queue, "MessageRetentionPeriod", "60"), about+"attributes", "MessageRetentionPeriod is 60, was deployed as 1209600")
	add("the failure queue is not encrypted with its key", attribute(queue, "KmsMasterKeyId", "alias/aws/sqs"), about+"attributes", "KmsMasterKeyId is alias/aws/sqs")
	add("the failure queue drops what is received twice", attribute(queue, "RedrivePolicy", `{"deadLetterTargetArn": "`+dead.ARN+`", "maxReceiveCount": 2}`),
		about+"attributes", "RedrivePolicy.maxReceiveCount is 2, was deployed as 1000")
	for name, to := range map[string]string{"MaximumMessageSize": "1024", "DelaySeconds": "900", "VisibilityTimeout": "43200"} {
		add("the failure queue has another "+name, attribute(queue, name, to), about+"attributes", name+" is "+to+", was deployed as")
	}
	add("the dead letters are kept for a minute", attribute(dead.ARN, "MessageRetentionPeriod", "60"), "queue "+nameIn(dead.ARN)+", attributes", "MessageRetentionPeriod is 60")
	stranger := policy.New(policy.Statement{
		Effect: policy.Allow, Principal: policy.AWS("arn:aws:iam::222222222222:root"), Action: policy.Values{"sqs:ReceiveMessage"}, Resource: policy.Values{dead.ARN},
	}).JSON()
	for _, added := range []struct{ name, to, check, cause string }{
		{"Policy", stranger, "policy", "allows sqs:ReceiveMessage on " + dead.ARN},
		{"RedrivePolicy", `{"deadLetterTargetArn": "` + queue + `", "maxReceiveCount": 1}`, "attributes", "it moves messages to " + queue},
	} {
		all = append(all, breach{
			"the dead letters get a " + added.name, attribute(dead.ARN, added.name, added.to),
			words("queue "+nameIn(dead.ARN)+", "+added.check, added.cause), words("aws sqs set-queue-attributes", `'{"`+added.name+`": ""}'`),
		})
	}
	for _, topic := range v.deployed.Topics {
		name := "topic " + nameIn(topic.ARN) + ", "
		add("the topic in "+topic.Region+" is encrypted otherwise", func(v *verified) func() {
			key := v.settingOf(replication.TopicSetting, topic.ARN).Values["KmsMasterKeyId"]
			v.setTopic(topic.ARN, topic.Region, "KmsMasterKeyId", "alias/aws/sns")
			return func() { v.setTopic(topic.ARN, topic.Region, "KmsMasterKeyId", key) }
		}, name+"encryption", "KmsMasterKeyId is alias/aws/sns")
		subscriptions := func(v *verified) []string {
			found := must[*sns.ListSubscriptionsByTopicOutput](v)(v.in(topic.Region).sns.ListSubscriptionsByTopic(v.t.Context(), &sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(topic.ARN)}))
			var arns []string
			for _, each := range found.Subscriptions {
				arns = append(arns, aws.ToString(each.SubscriptionArn))
			}
			return arns
		}
		add("one of two subscribers in "+topic.Region+" is gone", func(v *verified) func() {
			client := v.in(topic.Region).sns
			arn := subscriptions(v)[0]
			endpoint := must[*sns.GetSubscriptionAttributesOutput](v)(client.GetSubscriptionAttributes(v.t.Context(), &sns.GetSubscriptionAttributesInput{SubscriptionArn: &arn})).Attributes["Endpoint"]
			must[*sns.UnsubscribeOutput](v)(client.Unsubscribe(v.t.Context(), &sns.UnsubscribeInput{SubscriptionArn: &arn}))
			return func() {
				must[*sns.SubscribeOutput](v)(client.Subscribe(v.t.Context(), &sns.SubscribeInput{TopicArn: aws.String(topic.ARN), Protocol: aws.String("email"), Endpoint: &endpoint}))
			}
		}, name+"subscriptions", "@example.com is no longer subscribed")
		add("a stranger subscribes in "+topic.Region, func(v *verified) func() {
			client := v.in(topic.Region).sns
			made := must[*sns.SubscribeOutput](v)(client.Subscribe(v.t.Context(), &sns.SubscribeInput{
				TopicArn: aws.String(topic.ARN), Protocol: aws.String("email"), Endpoint: aws.String("stranger@example.com"), ReturnSubscriptionArn: true,
			}))
			return func() {
				must[*sns.UnsubscribeOutput](v)(client.Unsubscribe(v.t.Context(), &sns.UnsubscribeInput{SubscriptionArn: made.SubscriptionArn}))
			}
		}, name+"subscriptions", "stranger@example.com is subscribed, but was not deployed", "aws sns unsubscribe")
		add("a filter drops everything in "+topic.Region, func(v *verified) func() {
			arn := subscriptions(v)[0]
			filter := func(text string) {
				must[*sns.SetSubscriptionAttributesOutput](v)(v.in(topic.Region).sns.SetSubscriptionAttributes(v.t.Context(), &sns.SetSubscriptionAttributesInput{
					SubscriptionArn: &arn, AttributeName: aws.String("FilterPolicy"), AttributeValue: &text,
				}))
			}
			filter(`{"never": ["ever"]}`)
			return func() { filter("{}") }
		}, name+"subscriptions", "gets only the messages that match its filter policy", "never")
	}
	notification := func(edit func(*s3types.NotificationConfiguration)) func(*verified) func() {
		return func(v *verified) func() {
			client := v.in("us-east-1").s3
			found := must[*s3.GetBucketNotificationConfigurationOutput](v)(client.GetBucketNotificationConfiguration(v.t.Context(), &s3.GetBucketNotificationConfigurationInput{Bucket: &v.source.Bucket}))
			put := func(c *s3types.NotificationConfiguration) {
				putNotifications(v.t, client, &s3.PutBucketNotificationConfigurationInput{Bucket: &v.source.Bucket, NotificationConfiguration: c})
			}
			of := func() *s3types.NotificationConfiguration {
				return &s3types.NotificationConfiguration{
					QueueConfigurations: slices.Clone(found.QueueConfigurations), TopicConfigurations: found.TopicConfigurations,
					LambdaFunctionConfigurations: found.LambdaFunctionConfigurations, EventBridgeConfiguration: found.EventBridgeConfiguration,
				}
			}
			changed := of()
			edit(changed)
			put(changed)
			return func() { put(of()) }
		}
	}
	add("EventBridge is switched off", notification(func(c *s3types.NotificationConfiguration) { c.EventBridgeConfiguration = nil }),
		"notifications, source to EventBridge", "does not notify Amazon EventBridge")
	add("all notifications are removed", notification(func(c *s3types.NotificationConfiguration) { *c = s3types.NotificationConfiguration{} }),
		"notifications, source to "+nameIn(queue), "does not notify "+queue)
	add("failures of some keys only are notified", notification(func(c *s3types.NotificationConfiguration) {
		c.QueueConfigurations[0].Filter = &s3types.NotificationConfigurationFilter{Key: &s3types.S3KeyFilter{
			FilterRules: []s3types.FilterRule{{Name: s3types.FilterRuleNamePrefix, Value: aws.String("never/")}},
		}}
	}), "notifications, source to "+nameIn(queue), "for some keys only")
	add("a target is notified of new objects too", notification(func(c *s3types.NotificationConfiguration) {
		c.QueueConfigurations = append(c.QueueConfigurations, s3types.QueueConfiguration{QueueArn: &queue, Events: []s3types.Event{"s3:ObjectCreated:*"}})
	}), "source, notifications", queue+" is s3:ObjectCreated:*, s3:Replication:")
	const other = "arn:aws:sqs:us-east-1:" + homeAccount + ":events"
	add("another queue is notified of new objects", func(v *verified) func() {
		v.makeQueue()
		return notification(func(c *s3types.NotificationConfiguration) {
			c.QueueConfigurations = append(c.QueueConfigurations, s3types.QueueConfiguration{QueueArn: aws.String(other), Events: []s3types.Event{"s3:ObjectCreated:*"}})
		})(v)
	}, "source, notifications", other+" is s3:ObjectCreated:*, was deployed as nothing")
	all = append(all, breach{
		"EventBridge is notified where nothing was deployed", v.notifyEventBridge(), words("dr, notifications", "EventBridge is true, was deployed as nothing"),
		words("aws s3api put-bucket-notification-configuration --bucket " + v.dr.Bucket),
	})
	return all
}

// notifyEventBridge has S3 send the destination's events to EventBridge.
func (v *verified) notifyEventBridge() func(*verified) func() {
	put := func(v *verified, to *s3types.EventBridgeConfiguration) {
		putNotifications(v.t, v.in(v.dr.Region).s3, &s3.PutBucketNotificationConfigurationInput{
			Bucket: &v.dr.Bucket, NotificationConfiguration: &s3types.NotificationConfiguration{EventBridgeConfiguration: to},
		})
	}
	return changed(func(v *verified) { put(v, &s3types.EventBridgeConfiguration{}) }, func(v *verified) { put(v, nil) })
}

func (v *verified) alarmBreakages() []breach {
	var all []breach
	for name, test := range map[string]struct {
		change func(*cloudwatch.PutMetricAlarmInput)
		cause  string
	}{
		"looks at another statistic": {func(a *cloudwatch.PutMetricAlarmInput) { a.Statistic = cwtypes.StatisticMinimum }, "inimum"},
		"compares the other way round": {func(a *cloudwatch.PutMetricAlarmInput) {
			a.ComparisonOperator = cwtypes.ComparisonOperatorLessThanThreshold
		}, "ComparisonOperator is LessThanThreshold"},
		"needs more datapoints": {func(a *cloudwatch.PutMetricAlarmInput) {
			a.DatapointsToAlarm, a.EvaluationPeriods = aws.Int32(60), aws.Int32(60)
		}, "EvaluationPeriods is 60"},
		"looks at another namespace":       {func(a *cloudwatch.PutMetricAlarmInput) { a.Namespace = aws.String("AWS/EC2") }, "in the namespace AWS/EC2"},
		"looks at another metric":          {func(a *cloudwatch.PutMetricAlarmInput) { a.MetricName = aws.String("Other") }, "watches Other"},
		"takes missing data for breaching": {func(a *cloudwatch.PutMetricAlarmInput) { a.TreatMissingData = aws.String("breaching") }, "TreatMissingData is breaching"},
		"looks for another unit":           {func(a *cloudwatch.PutMetricAlarmInput) { a.Unit = cwtypes.StandardUnitBits }, "Unit is Bits"},
		"has another period":               {func(a *cloudwatch.PutMetricAlarmInput) { a.Period = aws.Int32(3600) }, "Period is 3600"},
	} {
		all = append(all, breach{"an alarm " + name, changeAlarm(test.change), words("alarms, "+v.deployed.Alarms[0].Name, test.cause), words("pulumi up --refresh")})
	}
	composite := v.deployed.CompositeAlarms[0]
	put := func(edit func(*cloudwatch.PutCompositeAlarmInput)) func(*verified) func() {
		return func(v *verified) func() {
			client := v.in(composite.Region).cw
			found := must[*cloudwatch.DescribeAlarmsOutput](v)(client.DescribeAlarms(v.t.Context(), &cloudwatch.DescribeAlarmsInput{
				AlarmNames: []string{composite.Name}, AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeCompositeAlarm},
			})).CompositeAlarms[0]
			of := func() *cloudwatch.PutCompositeAlarmInput {
				return &cloudwatch.PutCompositeAlarmInput{
					AlarmName: found.AlarmName, AlarmRule: found.AlarmRule, ActionsEnabled: found.ActionsEnabled, AlarmActions: found.AlarmActions,
					OKActions: found.OKActions, AlarmDescription: found.AlarmDescription,
				}
			}
			changed := of()
			edit(changed)
			must[*cloudwatch.PutCompositeAlarmOutput](v)(client.PutCompositeAlarm(v.t.Context(), changed))
			return func() { must[*cloudwatch.PutCompositeAlarmOutput](v)(client.PutCompositeAlarm(v.t.Context(), of())) }
		}
	}
	about := "alarms, " + composite.Name
	return append(all,
		breach{"a composite alarm notifies no topic", put(func(c *cloudwatch.PutCompositeAlarmInput) { c.AlarmActions = nil }), words(about, "does not notify"), words("pulumi up --refresh")},
		breach{
			"a composite alarm goes off with one alarm only",
			put(func(c *cloudwatch.PutCompositeAlarmInput) {
				c.AlarmRule = aws.String(`ALARM("` + composite.Alarms[0] + `")`)
			}),
			words(about, "does not fire with"), words("pulumi up --refresh"),
		},
		breach{
			"a composite alarm needs all its alarms",
			put(func(c *cloudwatch.PutCompositeAlarmInput) {
				c.AlarmRule = aws.String(strings.ReplaceAll(*c.AlarmRule, " OR ", " AND "))
			}),
			words(about, "does not fire with"), words("pulumi up --refresh"),
		},
		breach{
			"a composite alarm never goes off",
			put(func(c *cloudwatch.PutCompositeAlarmInput) {
				c.AlarmRule = aws.String("FALSE AND (" + *c.AlarmRule + ")")
			}),
			words(about, "does not fire with"), words("pulumi up --refresh"),
		},
		breach{
			"a composite alarm is always in alarm",
			put(func(c *cloudwatch.PutCompositeAlarmInput) { c.AlarmRule = aws.String(*c.AlarmRule + " OR TRUE") }),
			words(about, "has more than the deployed alarms"), words("pulumi up --refresh"),
		},
		breach{
			"a composite alarm notifies another account, too",
			put(func(c *cloudwatch.PutCompositeAlarmInput) {
				c.AlarmActions = append(slices.Clone(c.AlarmActions), "arn:aws:sns:us-east-1:222222222222:stranger")
			}),
			words(about, "has actions that were not deployed: arn:aws:sns:us-east-1:222222222222:stranger"), words("pulumi up --refresh"),
		},
		breach{"a composite alarm is switched off", put(func(c *cloudwatch.PutCompositeAlarmInput) { c.ActionsEnabled = aws.Bool(false) }), words(about, "are disabled"), words("enable-alarm-actions")},
	)
}

func (v *verified) recordBreakages() []breach {
	var all []breach
	add := func(name string, do func(*verified) func(), cause ...string) {
		all = append(all, breach{name, do, cause, words("pulumi up --refresh")})
	}
	trail := v.settingOf(replication.TrailSetting, "")
	client := func(v *verified) *cloudtrail.Client {
		return cloudtrail.NewFromConfig(configOf(v.t, v.env, trail.Region))
	}
	about := "trail " + nameIn(trail.ARN) + ", trail"
	add("the trail is stopped", changed(func(v *verified) {
		must[*cloudtrail.StopLoggingOutput](v)(client(v).StopLogging(v.t.Context(), &cloudtrail.StopLoggingInput{Name: &trail.ARN}))
	}, func(v *verified) {
		must[*cloudtrail.StartLoggingOutput](v)(client(v).StartLogging(v.t.Context(), &cloudtrail.StartLoggingInput{Name: &trail.ARN}))
	}), about, "IsLogging is false, was deployed as true")
	update := func(edit, back cloudtrail.UpdateTrailInput) func(*verified) func() {
		edit.Name, back.Name = &trail.ARN, &trail.ARN
		return changed(func(v *verified) { must[*cloudtrail.UpdateTrailOutput](v)(client(v).UpdateTrail(v.t.Context(), &edit)) },
			func(v *verified) { must[*cloudtrail.UpdateTrailOutput](v)(client(v).UpdateTrail(v.t.Context(), &back)) })
	}
	add("the trail records one region", update(cloudtrail.UpdateTrailInput{IsMultiRegionTrail: aws.Bool(false)}, cloudtrail.UpdateTrailInput{IsMultiRegionTrail: aws.Bool(true)}),
		about, "IsMultiRegionTrail is false")
	add("the trail's logs are not validated", update(cloudtrail.UpdateTrailInput{EnableLogFileValidation: aws.Bool(false)}, cloudtrail.UpdateTrailInput{EnableLogFileValidation: aws.Bool(true)}),
		about, "LogFileValidationEnabled is false")
	add("the trail records no objects", func(v *verified) func() {
		found := must[*cloudtrail.GetEventSelectorsOutput](v)(client(v).GetEventSelectors(v.t.Context(), &cloudtrail.GetEventSelectorsInput{TrailName: &trail.ARN}))
		put := func(selectors []cloudtrailtypes.AdvancedEventSelector) {
			must[*cloudtrail.PutEventSelectorsOutput](v)(client(v).PutEventSelectors(v.t.Context(), &cloudtrail.PutEventSelectorsInput{TrailName: &trail.ARN, AdvancedEventSelectors: selectors}))
		}
		put(found.AdvancedEventSelectors[:1])
		return func() { put(found.AdvancedEventSelectors) }
	}, about, "EventSelectors is management events, was deployed as management events, objects of")
	logs := replication.DeployedBucket{Bucket: trail.Values["S3BucketName"], Region: trail.Region}
	add("the trail's logs expire after a day", lifecycleChanged(logs, func(rules []s3types.LifecycleRule) []s3types.LifecycleRule {
		for i := range rules {
			if rules[i].Expiration != nil && rules[i].Expiration.Days != nil {
				rules[i].Expiration.Days = aws.Int32(1)
			}
		}
		return rules
	}), "bucket "+logs.Bucket+", lifecycle", "expire-logs.Expiration.Days is 1, was deployed as 365")
	add("access logs are off", func(v *verified) func() {
		s3Client := v.in(v.source.Region).s3
		before := must[*s3.GetBucketLoggingOutput](v)(s3Client.GetBucketLogging(v.t.Context(), &s3.GetBucketLoggingInput{Bucket: &v.source.Bucket})).LoggingEnabled
		put := func(enabled *s3types.LoggingEnabled) {
			must[*s3.PutBucketLoggingOutput](v)(s3Client.PutBucketLogging(v.t.Context(), &s3.PutBucketLoggingInput{Bucket: &v.source.Bucket, BucketLoggingStatus: &s3types.BucketLoggingStatus{LoggingEnabled: enabled}}))
		}
		put(nil)
		return func() { put(before) }
	}, "source, access logs", "TargetBucket is nothing")
	inventory := func(at replication.DeployedBucket, change func(*s3.Client, *s3types.InventoryConfiguration)) func(*verified) func() {
		return func(v *verified) func() {
			s3Client := v.in(at.Region).s3
			id := aws.String("replication-status")
			before := must[*s3.GetBucketInventoryConfigurationOutput](v)(s3Client.GetBucketInventoryConfiguration(v.t.Context(), &s3.GetBucketInventoryConfigurationInput{Bucket: aws.String(at.Bucket), Id: id})).InventoryConfiguration
			edited := *before
			change(s3Client, &edited)
			return func() {
				must[*s3.PutBucketInventoryConfigurationOutput](v)(s3Client.PutBucketInventoryConfiguration(v.t.Context(), &s3.PutBucketInventoryConfigurationInput{Bucket: aws.String(at.Bucket), Id: id, InventoryConfiguration: before}))
			}
		}
	}
	add("the inventory is disabled", inventory(v.source, func(c *s3.Client, i *s3types.InventoryConfiguration) {
		i.IsEnabled = aws.Bool(false)
		must[*s3.PutBucketInventoryConfigurationOutput](v)(c.PutBucketInventoryConfiguration(v.t.Context(), &s3.PutBucketInventoryConfigurationInput{Bucket: &v.source.Bucket, Id: i.Id, InventoryConfiguration: i}))
	}), "source, inventory", "IsEnabled is false, was deployed as true")
	add("the inventory is narrowed", inventory(v.source, func(c *s3.Client, i *s3types.InventoryConfiguration) {
		i.Filter, i.OptionalFields = &s3types.InventoryFilter{Prefix: aws.String("never/")}, nil
		must[*s3.PutBucketInventoryConfigurationOutput](v)(c.PutBucketInventoryConfiguration(v.t.Context(), &s3.PutBucketInventoryConfigurationInput{Bucket: &v.source.Bucket, Id: i.Id, InventoryConfiguration: i}))
	}), "source, inventory", "Filter.Prefix is never/, was deployed as nothing", "OptionalFields is nothing, was deployed as")
	add("the inventory is delivered to another account", inventory(v.source, func(c *s3.Client, i *s3types.InventoryConfiguration) {
		to := *i.Destination.S3BucketDestination
		to.AccountId = aws.String("222222222222")
		i.Destination = &s3types.InventoryDestination{S3BucketDestination: &to}
		must[*s3.PutBucketInventoryConfigurationOutput](v)(c.PutBucketInventoryConfiguration(v.t.Context(), &s3.PutBucketInventoryConfigurationInput{Bucket: &v.source.Bucket, Id: i.Id, InventoryConfiguration: i}))
	}), "source, inventory", "AccountId is 222222222222")
	add("the inventory is deleted", inventory(v.dr, func(c *s3.Client, i *s3types.InventoryConfiguration) {
		must[*s3.DeleteBucketInventoryConfigurationOutput](v)(c.DeleteBucketInventoryConfiguration(v.t.Context(), &s3.DeleteBucketInventoryConfigurationInput{Bucket: &v.dr.Bucket, Id: i.Id}))
	}), "dr, inventory", "IsEnabled is nothing, was deployed as true")
	for _, at := range []replication.DeployedBucket{v.source, v.dr} {
		all = append(all, v.addedInventory(at), v.requesterPays(at))
	}
	dashboard := func(change func(*cloudwatch.Client, *string)) func(*verified) func() {
		return func(v *verified) func() {
			cw, name := v.in(v.source.Region).cw, aws.String(v.deployed.Dashboard)
			body := must[*cloudwatch.GetDashboardOutput](v)(cw.GetDashboard(v.t.Context(), &cloudwatch.GetDashboardInput{DashboardName: name})).DashboardBody
			change(cw, name)
			return func() {
				must[*cloudwatch.PutDashboardOutput](v)(cw.PutDashboard(v.t.Context(), &cloudwatch.PutDashboardInput{DashboardName: name, DashboardBody: body}))
			}
		}
	}
	add("the dashboard is deleted", dashboard(func(cw *cloudwatch.Client, name *string) {
		must[*cloudwatch.DeleteDashboardsOutput](v)(cw.DeleteDashboards(v.t.Context(), &cloudwatch.DeleteDashboardsInput{DashboardNames: []string{*name}}))
	}), "dashboard, ", "does not exist")
	add("the dashboard is emptied", dashboard(func(cw *cloudwatch.Client, name *string) {
		must[*cloudwatch.PutDashboardOutput](v)(cw.PutDashboard(v.t.Context(), &cloudwatch.PutDashboardInput{DashboardName: name, DashboardBody: aws.String(`{"widgets":[]}`)}))
	}), "dashboard, ", "it has no widgets")
	return all
}

// addedInventory lists the objects of a bucket for another account.
func (v *verified) addedInventory(at replication.DeployedBucket) breach {
	id := aws.String("spy")
	return breach{"an inventory of " + at.Name + " is added", changed(func(v *verified) {
		must[*s3.PutBucketInventoryConfigurationOutput](v)(v.in(at.Region).s3.PutBucketInventoryConfiguration(v.t.Context(), &s3.PutBucketInventoryConfigurationInput{
			Bucket: &at.Bucket, Id: id, InventoryConfiguration: &s3types.InventoryConfiguration{
				Id: id, IsEnabled: aws.Bool(true), IncludedObjectVersions: s3types.InventoryIncludedObjectVersionsAll,
				Schedule: &s3types.InventorySchedule{Frequency: s3types.InventoryFrequencyDaily},
				Destination: &s3types.InventoryDestination{S3BucketDestination: &s3types.InventoryS3BucketDestination{
					Bucket: aws.String("arn:aws:s3:::elsewhere"), AccountId: aws.String("222222222222"), Format: s3types.InventoryFormatCsv,
				}},
			},
		}))
	}, func(v *verified) {
		must[*s3.DeleteBucketInventoryConfigurationOutput](v)(v.in(at.Region).s3.DeleteBucketInventoryConfiguration(v.t.Context(), &s3.DeleteBucketInventoryConfigurationInput{Bucket: &at.Bucket, Id: id}))
	}), words(at.Name+", added inventories", `"spy" into s3://elsewhere of the account 222222222222`), words("aws s3api delete-bucket-inventory-configuration --bucket "+at.Bucket, "--id 'spy'")}
}

func (v *verified) requesterPays(at replication.DeployedBucket) breach {
	put := func(payer s3types.Payer) func(*verified) {
		return func(v *verified) {
			must[*s3.PutBucketRequestPaymentOutput](v)(v.in(at.Region).s3.PutBucketRequestPayment(v.t.Context(), &s3.PutBucketRequestPaymentInput{
				Bucket: &at.Bucket, RequestPaymentConfiguration: &s3types.RequestPaymentConfiguration{Payer: payer},
			}))
		}
	}
	return breach{
		"readers of " + at.Name + " pay", changed(put(s3types.PayerRequester), put(s3types.PayerBucketOwner)),
		words(at.Name+", requester pays", "s3://"+at.Bucket+" has Requester Pays"), words("aws s3api put-bucket-request-payment --bucket "+at.Bucket, "Payer=BucketOwner"),
	}
}

func (v *verified) ruleBreakages() []breach {
	var all []breach
	for name, test := range map[string]struct {
		change func(*s3types.ReplicationRule)
		cause  string
	}{
		"is narrowed":        {func(r *s3types.ReplicationRule) { r.Filter.And.Prefix = aws.String("finance/2024/") }, "finance/2024/"},
		"loses its priority": {func(r *s3types.ReplicationRule) { r.Priority = aws.Int32(77) }, "Priority is 77"},
		"replicates without time control": {func(r *s3types.ReplicationRule) {
			r.Destination.ReplicationTime = nil
			r.Destination.Metrics.EventThreshold = nil
		}, "ReplicationTime"},
		"publishes no metrics": {func(r *s3types.ReplicationRule) { r.Destination.Metrics = nil; r.Destination.ReplicationTime = nil }, "Metrics"},
		"leaves out objects encrypted by KMS": {func(r *s3types.ReplicationRule) {
			r.SourceSelectionCriteria = nil
			r.Destination.EncryptionConfiguration = nil
		}, "SourceSelectionCriteria"},
	} {
		all = append(all, breach{"a rule " + name, changeRules(test.change), words("rules, critical", test.cause), words("pulumi up --refresh")})
	}
	return all
}

// lockBreakages shorten the retention of versions.
func (v *verified) lockBreakages() []breach {
	retention := func(at replication.DeployedBucket, to *s3types.ObjectLockRule) func(*verified) func() {
		put := func(v *verified, rule *s3types.ObjectLockRule) {
			must[*s3.PutObjectLockConfigurationOutput](v)(v.in(at.Region).s3.PutObjectLockConfiguration(v.t.Context(), &s3.PutObjectLockConfigurationInput{
				Bucket: aws.String(at.Bucket), ObjectLockConfiguration: &s3types.ObjectLockConfiguration{ObjectLockEnabled: s3types.ObjectLockEnabledEnabled, Rule: rule},
			}))
		}
		return changed(func(v *verified) { put(v, to) }, func(v *verified) {
			put(v, &s3types.ObjectLockRule{DefaultRetention: &s3types.DefaultRetention{Mode: s3types.ObjectLockRetentionModeGovernance, Days: aws.Int32(30)}})
		})
	}
	var all []breach
	for _, at := range []replication.DeployedBucket{v.source, v.dr} {
		all = append(all,
			breach{"versions of " + at.Name + " are locked for a day", retention(at, &s3types.ObjectLockRule{DefaultRetention: &s3types.DefaultRetention{
				Mode: s3types.ObjectLockRetentionModeGovernance, Days: aws.Int32(1),
			}}), words(at.Name+", retention", "Rule.DefaultRetention.Days is 1, was deployed as 30"), words("pulumi up --refresh")},
			breach{"new versions of " + at.Name + " are not locked", retention(at, nil), words(at.Name+", retention", "Rule.DefaultRetention.Days is nothing, was deployed as 30"), words("pulumi up --refresh")},
		)
	}
	return all
}

// loseKeyOfObjects puts an object with a key other than the bucket's, as after an
// edit of the stack that replaced the key.
func (v *verified) loseKeyOfObjects() {
	at := v.in(v.dr.Region)
	old := must[*kms.CreateKeyOutput](v)(at.kms.CreateKey(v.t.Context(), &kms.CreateKeyInput{})).KeyMetadata.Arn
	put := func() {
		before := v.bucketPolicy(v.dr)
		v.aws("s3api", "delete-bucket-policy", "--bucket", v.dr.Bucket, "--region", v.dr.Region) // it rejects other keys
		must[*s3.PutObjectOutput](v)(at.s3.PutObject(v.t.Context(), &s3.PutObjectInput{
			Bucket: &v.dr.Bucket, Key: aws.String("old/object"), Body: strings.NewReader("old"),
			ServerSideEncryption: s3types.ServerSideEncryptionAwsKms, SSEKMSKeyId: old,
		}))
		v.putPolicy(v.dr, before)
	}
	put()
	assert.Equal(v.t, 0, v.verify(v.deployed, "--no-write").status, "a key that works is no fault")
	must[*kms.ScheduleKeyDeletionOutput](v)(at.kms.ScheduleKeyDeletion(v.t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: old, PendingWindowInDays: aws.Int32(7)}))
	r := v.verify(v.deployed, "--no-write")
	assert.Equal(v.t, 1, r.status, "%s%s", r.out, r.err)
	for _, part := range []string{"dr, keys of objects", "old/object", *old, "PendingDeletion", "aws kms cancel-key-deletion --key-id " + nameIn(*old)} {
		assert.Contains(v.t, r.firstFailure(), part)
	}
}
