package model_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// guarded is a question about a destination whose policy has a Deny.
func guarded(action string, condition policy.Conditions) *question {
	q := fineQuestion()
	q.destination.Policy = denying(action, "arn:aws:s3:::dr/*", condition)
	return q
}

func TestExplain_TellsWhatAConditionOfAPolicyDoes(t *testing.T) {
	t.Parallel()
	unless := func(operator, key string, values ...string) policy.Conditions {
		return policy.Conditions{operator: {key: values}}
	}
	for name, test := range map[string]struct {
		condition policy.Conditions
		want      model.Verdict
	}{
		"our organization alone":        {ofOurOrganization, model.VerdictUnknown},
		"a tag of the role":             {unless("StringNotEquals", "aws:PrincipalTag/team", "storage"), model.VerdictUnknown},
		"before a day":                  {unless("DateGreaterThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"), model.VerdictUnknown},
		"our account alone":             {unless("StringNotEquals", "aws:PrincipalAccount", "111111111111"), model.Replicates},
		"another account alone":         {unless("StringNotEquals", "aws:PrincipalAccount", "999999999999"), model.DoesNotReplicate},
		"our roles alone":               {unless("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::111111111111:role/*"), model.Replicates},
		"one address alone":             {unless("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"), model.DoesNotReplicate},
		"one endpoint alone":            {unless("StringNotEquals", "aws:SourceVpce", "vpce-1"), model.DoesNotReplicate},
		"one access point's account":    {unless("StringNotEquals", "s3:DataAccessPointAccount", "111111111111"), model.DoesNotReplicate},
		"services for a principal":      {unless("Bool", "aws:ViaAWSService", "false"), model.DoesNotReplicate},
		"encrypted connections":         {unless("Bool", "aws:SecureTransport", "false"), model.Replicates},
		"objects without clients' keys": {unless("Null", model.SSECustomerConditionKey, "false"), model.Replicates},
		"our organization, or the role": {policy.Conditions{
			"StringNotEquals": {"aws:PrincipalOrgID": {"o-ours"}},
			"ArnNotEquals":    {"aws:PrincipalArn": {roleARN}},
		}, model.Replicates},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			decision := guarded("s3:*", test.condition).ask().Decisions[0]
			assert.Equal(t, test.want, decision.Verdict, "%v", decision.Reasons)
		})
	}
}

// S3 forwards the role's session to KMS, so that aws:ViaAWSService is true there. AWS does not document that for
// replication: neither value is certain.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
func TestExplain_RequestsToKMSComeThroughS3(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		condition policy.Conditions
		want      model.Verdict
	}{
		"no services":               {policy.Conditions{"Bool": {"aws:ViaAWSService": {"true"}}}, model.VerdictUnknown},
		"no services, another case": {policy.Conditions{"BoolIfExists": {"AWS:viaawsservice": {"true"}}}, model.VerdictUnknown},
		"services alone":            {policy.Conditions{"Bool": {"aws:ViaAWSService": {"false"}}}, model.VerdictUnknown},
		"no such services":          {policy.Conditions{"Bool": {"aws:ViaAWSService": {"true"}}, "StringNotEquals": {"kms:ViaService": {"s3.us-east-1.amazonaws.com", "s3.us-west-2.amazonaws.com"}}}, model.Replicates},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := fineQuestion()
			q.facts.Role.Policies = append(q.facts.Role.Policies, policy.New(policy.Statement{
				Sid: "Guard", Effect: policy.Deny, Action: policy.Values{"kms:*"}, Resource: policy.Values{"*"}, Condition: test.condition,
			}))
			assert.Equal(t, test.want, q.ask().Decisions[0].Verdict)
		})
	}
}

// Where the encryption of an object is unknown, what stands against objects under KMS may stand against it.
func TestExplain_IsUncertainOfKeysWhereTheEncryptionIsUnknown(t *testing.T) {
	t.Parallel()
	denying := func(action string) func(*question) {
		return func(q *question) {
			q.facts.Role.Policies = append(q.facts.Role.Policies, policy.New(policy.Statement{
				Sid: "Guard", Effect: policy.Deny, Action: policy.Values{action}, Resource: policy.Values{"*"},
			}))
		}
	}
	replicaKey := func(state model.KeyState) func(*question) {
		return func(q *question) {
			q.destination.Keys = map[string]model.KeyFacts{destinationKey: {State: state}}
		}
	}
	for name, test := range map[string]struct {
		change func(*question)
		reason string
		want   model.Verdict
	}{
		"nothing":                       {func(*question) {}, "", model.Replicates},
		"a Deny of the replica's key":   {denying("kms:Encrypt"), "not-permitted", model.VerdictUnknown},
		"a Deny of every use of a key":  {denying("kms:*"), "not-permitted", model.VerdictUnknown},
		"no Allow of the replica's key": {func(q *question) { q.facts.Role.Policies = without([]string{"kms:Encrypt"}) }, "not-permitted", model.VerdictUnknown},
		"no Allow of any source key":    {func(q *question) { q.facts.Role.Policies = without([]string{"kms:Decrypt"}) }, "not-permitted", model.VerdictUnknown},
		"a Deny of reading":             {denying("s3:GetObject*"), "not-permitted", model.DoesNotReplicate},
		"a disabled key for replicas":   {replicaKey(model.KeyDisabled), "replica-key-unusable", model.VerdictUnknown},
		"a missing key for replicas":    {replicaKey(model.KeyNotFound), "replica-key-not-found", model.VerdictUnknown},
		"no KMS":                        {func(q *question) { q.object.Encryption = model.SSES3; replicaKey(model.KeyDisabled)(q) }, "", model.Replicates},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := fineQuestion()
			q.facts.Source.DefaultEncryption = ""
			test.change(q)
			decision := q.ask().Decisions[0]
			assert.Equal(t, test.want, decision.Verdict, "%v", decision.Reasons)
			if test.reason != "" {
				assert.Contains(t, reasonIDs(decision.Reasons), test.reason)
			}
		})
	}
}

// A canonical user is an account, and which one is not known.
func TestExplain_IsUncertainOfADenyOfACanonicalUser(t *testing.T) {
	t.Parallel()
	q := guarded("s3:ReplicateObject", nil)
	q.destination.Policy.Statement[0].Principal = &policy.Principal{CanonicalUser: policy.Values{"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}}
	decision := q.ask().Decisions[0]
	assert.Equal(t, model.VerdictUnknown, decision.Verdict)
	assert.Contains(t, decision.Reasons[0].Sentence, "which tests CanonicalUser")
}

func TestExplain_NamesOnceWhatLeavesPermissionsUndecided(t *testing.T) {
	t.Parallel()
	explanation := guarded("s3:*", ofOurOrganization).ask()
	assert.Empty(t, explanation.Status, "it is neither COMPLETED nor FAILED")
	reasons := explanation.Decisions[0].Reasons
	require.Equal(t, []string{"permission-undecided"}, reasonIDs(reasons))
	assert.Equal(t, "It is unknown whether the replication role is allowed to call s3:ReplicateObject: depends on Statement[0] (Guard) of the resource policy, "+
		"which tests aws:PrincipalOrgID, on arn:aws:s3:::dr.", reasons[0].Sentence)
}

func TestExplain_IsCertainOfADenyBesideOneThatIsNot(t *testing.T) {
	t.Parallel()
	q := guarded("s3:*", ofOurOrganization)
	q.destination.Policy.Statement = append(q.destination.Policy.Statement, denying("s3:ReplicateObject", "arn:aws:s3:::dr/*", nil).Statement...)
	decision := q.ask().Decisions[0]
	assert.Equal(t, model.DoesNotReplicate, decision.Verdict)
	assert.Equal(t, []string{"not-permitted"}, reasonIDs(decision.Reasons))
}

// Of the two encryption contexts, S3 uses one, and it is not known which.
func TestExplain_NeedsOneCertainWayToUseAKey(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		object, bucket policy.Reason // what the key's policy makes of the context
		want           model.Verdict
	}{
		"both are allowed":              {policy.Allowed, policy.Allowed, model.Replicates},
		"one is undecided":              {policy.Allowed, policy.Unknown, model.VerdictUnknown},
		"one is refused":                {policy.Allowed, policy.ExplicitDeny, model.VerdictUnknown},
		"both are undecided":            {policy.Unknown, policy.Unknown, model.VerdictUnknown},
		"one is refused, one undecided": {policy.ExplicitDeny, policy.Unknown, model.VerdictUnknown},
		"both are refused":              {policy.ExplicitDeny, policy.ExplicitDeny, model.DoesNotReplicate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := fineQuestion()
			q.facts.Source.BucketKey, q.destination.BucketKey = model.Unknown, model.Unknown
			key := policy.New(policy.Statement{
				Effect: policy.Allow, Principal: policy.AWS("111111111111"), Action: policy.Values{"kms:*"}, Resource: policy.Values{"*"},
			})
			deny := func(outcome policy.Reason, pattern string) {
				if outcome == policy.Allowed {
					return
				}
				statement := policy.Statement{
					Effect: policy.Deny, Principal: policy.Anyone(), Action: policy.Values{"kms:Encrypt"}, Resource: policy.Values{"*"},
					Condition: policy.Conditions{"StringLike": {"kms:EncryptionContext:aws:s3:arn": {pattern}}},
				}
				if outcome == policy.Unknown {
					statement.Condition["StringNotEquals"] = ofOurOrganization["StringNotEquals"]
				}
				key.Statement = append(key.Statement, statement)
			}
			deny(test.object, "arn:aws:s3:::dr/*")
			deny(test.bucket, "arn:aws:s3:::dr")
			q.destination.Keys = map[string]model.KeyFacts{destinationKey: {State: model.KeyEnabled, Policy: &key}}
			decision := q.ask().Decisions[0]
			assert.Equal(t, test.want, decision.Verdict, "%v", decision.Reasons)
		})
	}
}

func TestRefusals_LeaveOutWhatHangsOnFactsThatNobodyTold(t *testing.T) {
	t.Parallel()
	_, subject := deployedPair(t)
	facts := subject.Facts.Destinations["data-dr"]
	facts.Policy = denying("s3:*", "*", ofOurOrganization)
	subject.Facts.Destinations["data-dr"] = facts
	assert.Empty(t, model.DeniedCalls(subject))
}

func TestLint_SaysOnceWhatLeavesPermissionsUndecided(t *testing.T) {
	t.Parallel()
	subject := fineSubject()
	subject.destination.Policy = denying("s3:*", "arn:aws:s3:::dr/*", ofOurOrganization)
	var undecided []model.Finding
	for _, finding := range subject.findings() {
		if strings.HasPrefix(finding.ID, "permission") || strings.HasSuffix(finding.ID, "permitted") {
			undecided = append(undecided, finding)
		}
	}
	require.Len(t, undecided, 1)
	assert.Equal(t, model.SeverityInfo, undecided[0].Severity)
	assert.Contains(t, undecided[0].Message, "aws:PrincipalOrgID")
}

// What a descriptor says of buckets with SSE-S3 and of older keys decides what is
// said about their objects.
func TestSubjects_OfBucketsWithAndWithoutKeys(t *testing.T) {
	t.Parallel()
	old, other := "arn:aws:kms:us-east-1:111111111111:key/old", "arn:aws:kms:us-east-1:111111111111:key/other"
	for name, test := range map[string]struct {
		change  func(*replication.Descriptor)
		object  model.Object
		verdict model.Verdict
		reason  string
	}{
		"SSE-S3 on both sides": {keyless, model.Object{}, model.Replicates, ""},
		"a KMS object of a bucket with SSE-S3": {
			keyless, model.Object{Encryption: model.SSEKMS, KMSKey: old}, model.DoesNotReplicate, "kms-not-selected",
		},
		"a KMS object of a bucket with SSE-S3, and a key for replicas": {
			func(d *replication.Descriptor) { d.Source.KMSKeyARN, d.Source.Existing = "", true },
			model.Object{Encryption: model.SSEKMS, KMSKey: old},
			model.DoesNotReplicate, "source-key-not-granted",
		},
		"an object under an older key": {
			func(d *replication.Descriptor) { d.Source.DecryptKeyARNs = []string{old} },
			model.Object{Encryption: model.SSEKMS, KMSKey: old},
			model.Replicates, "",
		},
		"an object under another key": {
			func(d *replication.Descriptor) { d.Source.DecryptKeyARNs = []string{old} },
			model.Object{Encryption: model.SSEKMS, KMSKey: other},
			model.DoesNotReplicate, "source-key-not-granted",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := deployed("111111111111")
			for i := range d.Rules {
				d.Rules[i].Status = replication.Enabled
			}
			test.change(&d)
			subject := model.Subjects(d)[0]
			test.object.Key = "a"
			decision := model.NewExplainer(subject.Configuration, subject.Facts).Explain(test.object).Decisions[0]
			assert.Equal(t, test.verdict, decision.Verdict)
			if test.reason != "" {
				assert.Equal(t, []string{test.reason}, reasonIDs(decision.Reasons))
			}
			assumes := slices.ContainsFunc(decision.Assumptions, func(a model.Assumption) bool { return a.ID == "source-sse-s3" })
			assert.Equal(t, name == "SSE-S3 on both sides", assumes, "what leaving the key out says is not checked")
		})
	}
}

func keyless(d *replication.Descriptor) {
	d.Source.KMSKeyARN, d.Source.Existing, d.Destinations[0].KMSKeyARN, d.Destinations[0].Existing = "", true, "", true
}
