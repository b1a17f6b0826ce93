package replication_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// A role that a service assumed never has MFA, and calls as a session.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
func TestExplain_IsCertainOfDeniesThatS3NeverPasses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		condition policy.Conditions
		want      replication.Verdict
	}{
		"age of MFA is missing":      {policy.Conditions{"Null": {"aws:MultiFactorAuthAge": {"true"}}}, replication.DoesNotReplicate},
		"MFA, if there is such":      {policy.Conditions{"BoolIfExists": {"aws:MultiFactorAuthPresent": {"false"}}}, replication.DoesNotReplicate},
		"age of MFA above a minute":  {policy.Conditions{"NumericGreaterThan": {"aws:MultiFactorAuthAge": {"60"}}}, replication.Replicates},
		"MFA is present":             {policy.Conditions{"Bool": {"aws:MultiFactorAuthPresent": {"true"}}}, replication.Replicates},
		"MFA is known to be missing": {policy.Conditions{"Bool": {"aws:MultiFactorAuthPresent": {"false"}}}, replication.VerdictUnknown},
	} {
		decision := guarded("s3:*", test.condition).ask().Decisions[0]
		assert.Equal(t, test.want, decision.Verdict, "%s: %v", name, decision.Reasons)
	}
	q := guarded("s3:*", nil)
	q.destination.Policy.Statement[0].Principal = nil
	q.destination.Policy.Statement[0].NotPrincipal = policy.AWS(roleARN, "arn:aws:iam::111111111111:root")
	assert.Equal(t, replication.DoesNotReplicate, q.ask().Decisions[0].Verdict, "NotPrincipal lists no session")
}

func TestExplain_JudgesWhatLimitsTheRole(t *testing.T) {
	t.Parallel()
	full := policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}})
	kmsOnly := policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"kms:*"}, Resource: policy.Values{"*"}})
	deny := policy.New(policy.Statement{Effect: policy.Deny, Principal: policy.Anyone(), Action: policy.Values{"s3:Replicate*"}, Resource: policy.Values{"*"}})
	denyAssume := policy.New(policy.Statement{Effect: policy.Deny, Principal: policy.Anyone(), Action: policy.Values{"sts:*"}, Resource: policy.Values{"*"}})
	trusts := func(service, operator, key, value string) *policy.Document {
		document := policy.New(policy.Statement{Effect: policy.Allow, Principal: policy.Service(service), Action: policy.Values{"sts:AssumeRole"}})
		if operator != "" {
			document.Statement[0].Condition = policy.Conditions{operator: {key: {value}}}
		}
		return &document
	}
	for name, test := range map[string]struct {
		change  func(*replication.RoleFacts)
		want    replication.Verdict
		failure string
	}{
		"an SCP of full access":      {func(r *replication.RoleFacts) { r.ServiceControl = []policy.Level{{full}} }, replication.Replicates, ""},
		"a level that leaves S3 out": {func(r *replication.RoleFacts) { r.ServiceControl = []policy.Level{{full}, {kmsOnly}} }, replication.DoesNotReplicate, "SrcGetObjectNotPermitted"},
		"an SCP is no grant": {func(r *replication.RoleFacts) {
			r.ServiceControl, r.Policies = []policy.Level{{full}}, []policy.Document{kmsOnly}
		}, replication.DoesNotReplicate, "SrcGetObjectNotPermitted"},
		"an RCP":                     {func(r *replication.RoleFacts) { r.ResourceControl = []policy.Document{deny} }, replication.DoesNotReplicate, "DstPutObjectNotPermitted"},
		"an RCP on the role":         {func(r *replication.RoleFacts) { r.ResourceControl = []policy.Document{denyAssume} }, replication.DoesNotReplicate, "AssumeRoleNotPermitted"},
		"a permissions boundary":     {func(r *replication.RoleFacts) { r.Boundary = &kmsOnly }, replication.DoesNotReplicate, "SrcGetObjectNotPermitted"},
		"S3 is trusted":              {func(r *replication.RoleFacts) { r.Trust = trusts("s3.amazonaws.com", "", "", "") }, replication.Replicates, ""},
		"another service is trusted": {func(r *replication.RoleFacts) { r.Trust = trusts("ec2.amazonaws.com", "", "", "") }, replication.DoesNotReplicate, "AssumeRoleNotPermitted"},
		"the account, if S3 names it": {func(r *replication.RoleFacts) {
			r.Trust = trusts("s3.amazonaws.com", "StringEqualsIfExists", "aws:SourceAccount", "111111111111")
		}, replication.Replicates, ""},
		"the account, which S3 has to name": {func(r *replication.RoleFacts) {
			r.Trust = trusts("s3.amazonaws.com", "StringEquals", "aws:SourceAccount", "111111111111")
		}, replication.VerdictUnknown, ""},
		"another account": {func(r *replication.RoleFacts) {
			r.Trust = trusts("s3.amazonaws.com", "StringEquals", "aws:SourceAccount", "999999999999")
		}, replication.DoesNotReplicate, "AssumeRoleNotPermitted"},
		"another bucket": {func(r *replication.RoleFacts) {
			r.Trust = trusts("s3.amazonaws.com", "ArnLike", "aws:SourceArn", "arn:aws:s3:::other")
		}, replication.DoesNotReplicate, "AssumeRoleNotPermitted"},
	} {
		q := fineQuestion()
		test.change(&q.facts.Role)
		decision := q.ask().Decisions[0]
		assert.Equal(t, test.want, decision.Verdict, "%s: %v", name, decision.Reasons)
		if test.failure != "" && assert.NotEmpty(t, decision.Reasons, name) {
			assert.Equal(t, test.failure, decision.Reasons[0].Failure, name)
		}
	}
}
