package verify

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const bucketARN = "arn:aws:s3:::data"

var awsConfig = aws.Config{}

func TestSetting_Policies(t *testing.T) {
	t.Parallel()
	deny := policy.Statement{Sid: "DenyPlain", Effect: policy.Deny, Principal: policy.Anyone(), Action: policy.Values{"s3:*"}, Resource: policy.Values{"*"}}
	let := policy.Statement{Sid: "Let", Effect: policy.Allow, Principal: policy.AWS("111111111111"), Action: policy.Values{"s3:GetObject"}, Resource: policy.Values{"*"}}
	stranger := policy.Statement{Effect: policy.Allow, Principal: policy.AWS("222222222222"), Action: policy.Values{"s3:DeleteObjectVersion"}, Resource: policy.Values{bucketARN + "/*"}}
	wider, kept := let, let
	wider.Action, wider.Condition = policy.Values{"s3:*"}, policy.Conditions{"Bool": {"aws:SecureTransport": {"true"}}}
	kept.Principal = policy.AWS("arn:aws:iam::111111111111:root")
	for _, test := range []struct {
		name string
		now  []policy.Statement
		want []string
	}{
		{"as deployed", []policy.Statement{deny, let}, nil},
		{"as AWS keeps it", []policy.Statement{kept, deny}, nil},
		{"somebody is let in", []policy.Statement{deny, let, stranger}, []string{
			"a statement without a Sid, which was not deployed, allows s3:DeleteObjectVersion on " + bucketARN + "/* to 222222222222",
		}},
		{"a statement is gone", []policy.Statement{let}, []string{"the statement DenyPlain is missing"}},
		{"a statement is wider", []policy.Statement{deny, wider}, []string{
			"the statement Let was changed: it allows s3:* to 111111111111 under a condition on aws:SecureTransport",
		}},
		{"another policy", []policy.Statement{stranger}, []string{"allows s3:DeleteObjectVersion", "the statement DenyPlain is missing", "the statement Let is missing"}},
		{"no policy", nil, []string{"it has no statements, was deployed with"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &setting{Setting: replication.Setting{
				Kind: replication.BucketPolicySetting, ARN: bucketARN, Values: replication.StatementValues(policy.New(deny, let)),
			}, found: answer[liveSetting]{value: liveSetting{statements: statements(policy.New(test.now...))}}}
			o := s.judge()
			if test.want == nil {
				assert.Empty(t, o.reason)
				return
			}
			for _, part := range append(test.want, "the policy of s3://data is not as deployed") {
				assert.Contains(t, o.reason, part)
			}
			assert.True(t, o.harmless)
		})
	}
}

func TestSetting_PolicyVersion(t *testing.T) {
	t.Parallel()
	own := policy.Statement{Sid: "OwnFolder", Effect: policy.Deny, Principal: policy.Anyone(), Action: policy.Values{"s3:PutObject"}, NotResource: policy.Values{bucketARN + "/${aws:PrincipalAccount}/*"}}
	plain := policy.Statement{Sid: "Plain", Effect: policy.Deny, Principal: policy.Anyone(), Action: policy.Values{"s3:PutObject"}, Resource: policy.Values{bucketARN + "/*"}}
	for _, test := range []struct {
		name, version string
		statement     policy.Statement
		want          string
	}{
		{"as deployed", policy.Version, own, ""},
		{"an earlier version", "2008-10-17", own, "its Version is 2008-10-17, was deployed as 2012-10-17: the policy variables in the statement OwnFolder are taken as text"},
		{"no version", "", own, "its Version is nothing"},
		{"an earlier version without variables", "2008-10-17", plain, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &setting{Setting: replication.Setting{
				Kind: replication.BucketPolicySetting, ARN: bucketARN, Values: replication.StatementValues(policy.New(test.statement)),
			}}
			s.found.value = policiesOf(policy.Document{Version: test.version, Statement: []policy.Statement{test.statement}})
			if o := s.judge(); test.want == "" {
				assert.Empty(t, o.reason)
			} else {
				assert.Contains(t, o.reason, test.want)
			}
		})
	}
}

func TestSetting_Values(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		kind     replication.SettingKind
		deployed map[string]string
		found    liveSetting
		want     string
	}{
		{"the same", replication.LifecycleSetting, map[string]string{"a.Status": "Enabled"}, liveSetting{values: map[string]string{"a.Status": "Enabled"}}, ""},
		{
			"a rule more", replication.LifecycleSetting,
			map[string]string{"a.Status": "Enabled"},
			liveSetting{values: map[string]string{"a.Status": "Enabled", "b.Expiration.Days": "1"}},
			"b.Expiration.Days is 1, was deployed as nothing",
		},
		{"a rule less", replication.LifecycleSetting, map[string]string{"a.Status": "Enabled"}, liveSetting{}, "a.Status is nothing, was deployed as Enabled"},
		{
			"what AWS has besides", replication.QueueSetting,
			map[string]string{"MessageRetentionPeriod": "60"},
			liveSetting{values: map[string]string{"MessageRetentionPeriod": "60", "CreatedTimestamp": "1"}},
			"",
		},
		{
			"a log bucket is opened", replication.BucketSetting,
			map[string]string{"BlockPublicPolicy": "true"},
			liveSetting{values: map[string]string{"BlockPublicPolicy": "false"}},
			"BlockPublicPolicy is false, was deployed as true",
		},
		{
			"an inventory of a part", replication.InventorySetting,
			map[string]string{"Filter.Prefix": "", "OptionalFields": "ETag, Size"},
			liveSetting{values: map[string]string{"Filter.Prefix": "never/", "OptionalFields": "ETag, Size"}},
			"Filter.Prefix is never/, was deployed as nothing",
		},
		{
			"an inventory without ETags", replication.InventorySetting,
			map[string]string{"Filter.Prefix": "", "OptionalFields": "ETag, Size"},
			liveSetting{values: map[string]string{"OptionalFields": "Size"}},
			"OptionalFields is Size, was deployed as ETag, Size",
		},
		{
			"a queue drops large messages", replication.QueueSetting,
			map[string]string{"MaximumMessageSize": "262144"},
			liveSetting{values: map[string]string{"MaximumMessageSize": "1024"}},
			"MaximumMessageSize is 1024, was deployed as 262144",
		},
		{"none was deployed", replication.RoleBoundarySetting, nil, liveSetting{values: map[string]string{"PermissionsBoundaryArn": "arn"}}, "PermissionsBoundaryArn is arn, was deployed as nothing"},
		{"it is gone", replication.QueueSetting, nil, liveSetting{missing: true}, "does not exist"},
		{
			"a grant to another account", replication.KeySetting,
			map[string]string{"KeyState": "Enabled"},
			liveSetting{values: map[string]string{"KeyState": "Enabled"}, added: []string{"a grant lets arn:aws:iam::222222222222:root call Decrypt"}},
			"arn:aws:iam::222222222222:root call Decrypt",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &setting{Setting: replication.Setting{Kind: test.kind, ARN: bucketARN, Values: test.deployed}, found: answer[liveSetting]{value: test.found}}
			if o := s.judge(); test.want == "" {
				assert.Empty(t, o.reason)
			} else {
				assert.Contains(t, o.reason, test.want)
			}
		})
	}
	s := &setting{Setting: replication.Setting{Kind: replication.QueueSetting}, found: answer[liveSetting]{err: &smithy.GenericAPIError{Code: "AccessDenied"}}}
	assert.True(t, s.judge().noAnswer, "what can't be read is not known")
}

// TestNotifications_BesideThoseDeployed has what may take names of objects elsewhere.
func TestNotifications_BesideThoseDeployed(t *testing.T) {
	t.Parallel()
	const failures, other = "arn:aws:sqs:us-east-1:111111111111:failures", "arn:aws:sns:us-east-1:222222222222:other"
	failed, created := []string{"s3:Replication:OperationFailedReplication"}, []string{"s3:ObjectCreated:*"}
	values := func(bridge bool, add ...func(map[string]string)) map[string]string {
		all := map[string]string{}
		if bridge {
			all[replication.EventBridgeValue] = "true"
		}
		for _, each := range add {
			each(all)
		}
		return all
	}
	of := func(arn, prefix string, events []string) func(map[string]string) {
		return func(all map[string]string) { replication.AddNotification(all, arn, prefix, "", events) }
	}
	const remove = "aws s3api put-bucket-notification-configuration --bucket b --region us-east-1 --expected-bucket-owner 111111111111 --notification-configuration '{}'"
	for _, test := range []struct {
		name          string
		deployed, now map[string]string
		reason, fix   string
	}{
		{"as deployed", values(true, of(failures, "", failed)), values(true, of(failures, "", failed)), "", ""},
		{"in two parts", values(true, of(other, "", []string{"a", "b"})), values(true, of(other, "", []string{"b"}), of(other, "", []string{"a"})), "", ""},
		{"the user's own is kept", values(false, of(other, "a/", created)), values(false, of(other, "a/", created)), "", ""},
		{"the user's own is gone", values(false, of(other, "a/", created)), nil, other + ", prefix a/ is nothing, was deployed as s3:ObjectCreated:*", restore},
		{"a topic", values(true, of(failures, "", failed)), values(true, of(failures, "", failed), of(other, "", created)), other + " is s3:ObjectCreated:*, was deployed as nothing", restore},
		{
			"more events to a target", values(true, of(failures, "", failed)), values(true, of(failures, "", append(created, failed...))),
			failures + " is s3:ObjectCreated:*, s3:Replication:OperationFailedReplication, was deployed as", restore,
		},
		{"more keys to a target", values(false, of(other, "a/", created)), values(false, of(other, "a/", created), of(other, "", created)), other + " is s3:ObjectCreated:*", restore},
		{"EventBridge", values(false, of(failures, "", failed)), values(true, of(failures, "", failed)), "EventBridge is true, was deployed as nothing", restore},
		{"where none were deployed", nil, values(false, of(other, "", created)), other + " is s3:ObjectCreated:*, was deployed as nothing", remove},
		{"EventBridge where nothing was deployed", nil, values(true), "EventBridge is true, was deployed as nothing", remove},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &setting{Setting: replication.Setting{
				Kind: replication.NotificationsSetting, ARN: "arn:aws:s3:::b", Region: "us-east-1", AccountID: "111111111111", Values: test.deployed,
			}, found: answer[liveSetting]{value: liveSetting{values: test.now}}}
			s.at = replication.DeployedBucket{Region: s.Region, AccountID: s.AccountID}
			found := s.judge()
			assert.Equal(t, test.reason == "", found.reason == "", found.reason)
			assert.Contains(t, found.reason, test.reason)
			assert.Contains(t, found.fix, test.fix)
		})
	}
}

// TestCheckSettings_RolesThatDoNotReplicate has the role of a canary, which nothing
// else judges.
func TestCheckSettings_RolesThatDoNotReplicate(t *testing.T) {
	t.Parallel()
	const canary = "arn:aws:iam::111111111111:role/data-canary-role"
	own := policy.Statement{Sid: "AllowLambda", Effect: policy.Allow, Principal: policy.Service("lambda.amazonaws.com"), Action: policy.Values{"sts:AssumeRole"}}
	stranger := policy.Statement{Effect: policy.Allow, Principal: policy.AWS("222222222222"), Action: policy.Values{"sts:AssumeRole"}}
	admin := policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}
	for _, test := range []struct {
		name string
		now  role
		want []string
	}{
		{"as deployed", role{trust: policy.New(own)}, nil},
		{"another account may become it", role{trust: policy.New(own, stranger)}, []string{"trust policy: ", "allows sts:AssumeRole to 222222222222"}},
		{"an administrator", role{trust: policy.New(own), policies: []policy.Document{policy.New(admin)}}, []string{"policies: ", "allows *"}},
		{"a boundary", role{trust: policy.New(own), boundaryARN: "open"}, []string{"permissions boundary: ", "PermissionsBoundaryArn is open, was deployed as nothing"}},
		{"it is gone", role{missing: true}, []string{"does not exist"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := &deployment{list: &checklist{}, descriptor: replication.Descriptor{Canary: &replication.Canary{}}}
			for kind, values := range map[replication.SettingKind]map[string]string{
				replication.TrustSetting: replication.StatementValues(policy.New(own)), replication.RolePoliciesSetting: nil, replication.RoleBoundarySetting: nil,
			} {
				s := &setting{Setting: replication.Setting{Kind: kind, ARN: canary, Values: values}}
				s.about, s.found.value = aboutOf(d.descriptor, s.Setting), s.ofRole(test.now)
				d.settings = append(d.settings, s)
			}
			d.checkSettings()
			var found string
			for _, check := range d.list.checks {
				assert.Equal(t, "role data-canary-role", check.About)
				if check.Status != Pass {
					found += check.Name + ": " + check.Reason + "\n"
				}
			}
			assert.Equal(t, test.want == nil, found == "", found)
			for _, part := range test.want {
				assert.Contains(t, found, part)
			}
		})
	}
}

// TestCheckSettings_ThatTheDescriptorLacks has descriptors of earlier releases, whose
// deployments are verified as far as they are described.
func TestCheckSettings_ThatTheDescriptorLacks(t *testing.T) {
	t.Parallel()
	const logs, queue, logRole = "arn:aws:s3:::logs", "arn:aws:sqs:us-east-1:111111111111:failures", "arn:aws:iam::111111111111:role/events"
	const trail = "arn:aws:cloudtrail:us-east-1:111111111111:trail/audit"
	of := func(kind replication.SettingKind, arn string, values map[string]string) *setting {
		s := &setting{Setting: replication.Setting{Kind: kind, ARN: arn, Values: values}, found: answer[liveSetting]{value: liveSetting{values: values}}}
		s.about = aboutOf(replication.Descriptor{}, s.Setting)
		return s
	}
	earlier := []*setting{
		of(replication.BucketPolicySetting, logs, nil), of(replication.QueueSetting, queue, nil),
		of(replication.TrailSetting, trail, map[string]string{"CloudWatchLogsLogGroupArn": "events"}), of(replication.InventorySetting, bucketARN, nil),
	}
	now := []*setting{
		earlier[0], of(replication.BucketSetting, logs, nil), of(replication.QueueSetting, queue, map[string]string{"MaximumMessageSize": "262144"}),
		of(replication.TrailSetting, trail, map[string]string{"CloudWatchLogsLogGroupArn": "events", "CloudWatchLogsRoleArn": logRole}),
		of(replication.TrustSetting, logRole, nil), of(replication.InventorySetting, bucketARN, map[string]string{"OptionalFields": "ETag"}),
	}
	made, adopted := deployedPlace("made", "us-east-1"), deployedPlace("adopted", "us-east-1")
	adopted.Existing = true
	places := []*place{newPlace(made, "", awsConfig), newPlace(adopted, "", awsConfig)}
	policies := of(replication.BucketPolicySetting, made.ARN, nil)
	earlier, now = append(earlier, policies), append(now, policies, of(replication.NotificationsSetting, made.ARN, nil))
	for _, test := range []struct {
		name     string
		settings []*setting
		want     map[string]string
	}{
		{"an earlier release", earlier, map[string]string{
			"bucket logs": "bucket settings", "queue failures": "message size and delays", "trail audit": "role of its log group", "bucket data": "inventory fields and filter", "canary": "roles",
			"made": "notifications",
		}},
		{"this release", now, map[string]string{}},
	} {
		d := &deployment{list: &checklist{}, settings: test.settings, descriptor: replication.Descriptor{Canary: &replication.Canary{}}, places: places}
		d.standings = map[*place]standing{places[0]: {bucket: &Check{Status: Pass}}}
		assert.Equal(t, test.want, d.lacking(), test.name)
		d.checkSettings()
		skipped := map[string]string{}
		for _, check := range d.list.checks {
			assert.NotEqual(t, Fail, check.Status, check.Reason)
			if check.Status == Skipped {
				skipped[check.About] = check.Name
				assert.Contains(t, check.Reason, "not compared")
			}
		}
		assert.Equal(t, test.want, skipped, test.name)
	}
}

func TestSetting_EveryKindIsRead(t *testing.T) {
	t.Parallel()
	for kind, known := range settingKinds {
		assert.NotNil(t, known.read, "%s", kind)
		assert.NotEmpty(t, known.name)
	}
}

// TestRefusals_NeedTheReason has answers of S3. One that credentials without the
// right to upload get says nothing of the bucket's policy.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
func TestRefusals_NeedTheReason(t *testing.T) {
	t.Parallel()
	const who = "AccessDenied: User: arn:aws:sts::111111111111:assumed-role/ops/me is not authorized to perform: s3:PutObject on resource: \"" + bucketARN + "/k\" "
	for _, test := range []struct {
		attempt, answer string
		proved          bool
	}{
		{"SSE-S3", who + "with an explicit deny in a resource-based policy", true},
		{"SSE-S3", who + "because no identity-based policy allows the s3:PutObject action", false},
		{"SSE-S3", who + "with an explicit deny in a service control policy", false},
		{plainHTTP, "AccessDenied: Access Denied", false},
		{unsigned, "AccessDenied: Access Denied", true},
	} {
		a := &attempt{name: test.attempt, at: newPlace(deployedPlace("source", "us-east-1"), "", awsConfig)}
		o := a.judgeRefusal(test.answer)
		assert.Equal(t, test.proved, o.reason == "", test.answer)
		assert.Equal(t, !test.proved, o.noAnswer, test.answer)
	}
}

func TestCleanUp_TellsOfProbesOfOtherRuns(t *testing.T) {
	t.Parallel()
	p := newPlace(deployedPlace("source", "us-east-1"), "", awsConfig)
	assert.Empty(t, leftovers{}.outcome(p, 0).reason)
	p.leftBehind.value = leftBehind{underway: []string{".crr-verify/29990101T000000Z-other/"}}
	for _, o := range []outcome{leftovers{}.outcome(p, 0), p.judgeLeftBehind(false), p.judgeLeftBehind(true)} {
		assert.True(t, o.skipped)
		assert.Contains(t, o.reason, "another run of verify, which may still be active, has probes below s3://"+p.Bucket+"/.crr-verify/29990101T000000Z-other/")
	}
	p.leftBehind = answer[leftBehind]{err: errors.New("no route")}
	o := leftovers{}.outcome(p, 0)
	assert.True(t, o.noAnswer, "a check that was not made never passes")
	assert.Contains(t, o.reason, "no route")
}
