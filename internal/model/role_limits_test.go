package model_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// A role that a service assumed never has MFA, and calls as a session.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
func TestExplain_IsCertainOfDeniesThatS3NeverPasses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		condition policy.Conditions
		want      model.Verdict
	}{
		"age of MFA is missing":      {policy.Conditions{"Null": {"aws:MultiFactorAuthAge": {"true"}}}, model.DoesNotReplicate},
		"MFA, if there is such":      {policy.Conditions{"BoolIfExists": {"aws:MultiFactorAuthPresent": {"false"}}}, model.DoesNotReplicate},
		"age of MFA above a minute":  {policy.Conditions{"NumericGreaterThan": {"aws:MultiFactorAuthAge": {"60"}}}, model.Replicates},
		"MFA is present":             {policy.Conditions{"Bool": {"aws:MultiFactorAuthPresent": {"true"}}}, model.Replicates},
		"MFA is known to be missing": {policy.Conditions{"Bool": {"aws:MultiFactorAuthPresent": {"false"}}}, model.VerdictUnknown},
	} {
		decision := guarded("s3:*", test.condition).ask().Decisions[0]
		assert.Equal(t, test.want, decision.Verdict, "%s: %v", name, decision.Reasons)
	}
	q := guarded("s3:*", nil)
	q.destination.Policy.Statement[0].Principal = nil
	q.destination.Policy.Statement[0].NotPrincipal = policy.AWS(roleARN, "arn:aws:iam::111111111111:root")
	assert.Equal(t, model.DoesNotReplicate, q.ask().Decisions[0].Verdict, "NotPrincipal lists no session")
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
		change  func(*model.RoleFacts)
		want    model.Verdict
		failure string
	}{
		"an SCP of full access":      {func(r *model.RoleFacts) { r.ServiceControl = []policy.Level{{full}} }, model.Replicates, ""},
		"a level that leaves S3 out": {func(r *model.RoleFacts) { r.ServiceControl = []policy.Level{{full}, {kmsOnly}} }, model.DoesNotReplicate, "SrcGetObjectNotPermitted"},
		"an SCP is no grant": {func(r *model.RoleFacts) {
			r.ServiceControl, r.Policies = []policy.Level{{full}}, []policy.Document{kmsOnly}
		}, model.DoesNotReplicate, "SrcGetObjectNotPermitted"},
		"an RCP":                     {func(r *model.RoleFacts) { r.ResourceControl = []policy.Document{deny} }, model.DoesNotReplicate, "DstPutObjectNotPermitted"},
		"an RCP on the role":         {func(r *model.RoleFacts) { r.ResourceControl = []policy.Document{denyAssume} }, model.DoesNotReplicate, "AssumeRoleNotPermitted"},
		"a permissions boundary":     {func(r *model.RoleFacts) { r.Boundary = &kmsOnly }, model.DoesNotReplicate, "SrcGetObjectNotPermitted"},
		"S3 is trusted":              {func(r *model.RoleFacts) { r.Trust = trusts("s3.amazonaws.com", "", "", "") }, model.Replicates, ""},
		"another service is trusted": {func(r *model.RoleFacts) { r.Trust = trusts("ec2.amazonaws.com", "", "", "") }, model.DoesNotReplicate, "AssumeRoleNotPermitted"},
		"the account, if S3 names it": {func(r *model.RoleFacts) {
			r.Trust = trusts("s3.amazonaws.com", "StringEqualsIfExists", "aws:SourceAccount", "111111111111")
		}, model.Replicates, ""},
		"the account, which S3 has to name": {func(r *model.RoleFacts) {
			r.Trust = trusts("s3.amazonaws.com", "StringEquals", "aws:SourceAccount", "111111111111")
		}, model.VerdictUnknown, ""},
		"another account": {func(r *model.RoleFacts) {
			r.Trust = trusts("s3.amazonaws.com", "StringEquals", "aws:SourceAccount", "999999999999")
		}, model.DoesNotReplicate, "AssumeRoleNotPermitted"},
		"another bucket": {func(r *model.RoleFacts) {
			r.Trust = trusts("s3.amazonaws.com", "ArnLike", "aws:SourceArn", "arn:aws:s3:::other")
		}, model.DoesNotReplicate, "AssumeRoleNotPermitted"},
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
