package model_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// What an explanation finds denied or undecided by policies for any object, lint
// reports too.
func TestLint_ReportsWhatExplainFindsDenied(t *testing.T) {
	t.Parallel()
	keys := []string{"x", "a", "a/x", "a/b/x", "secret", "a/secret/x", "x.tmp", "a/b/x.tmp", "any-object", "a/any-object", "b/111111111111/x"}
	denied, undecided := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		facts := guardedFacts(t)
		var rules []s3config.Rule
		for i := range rapid.IntRange(1, 3).Draw(t, "rules") {
			rules = append(rules, randomEnabledRule(t, i))
		}
		subject := model.Subject{Name: "data", Configuration: rulesOf(rules...), Facts: facts}
		var reported strings.Builder
		for _, finding := range model.Lint(subject) {
			if strings.HasSuffix(finding.ID, "not-permitted") || finding.ID == "permission-undecided" {
				reported.WriteString(finding.Message + "\n")
			}
		}
		refused := map[string]bool{}
		for _, call := range model.DeniedCalls(subject) {
			refused[call.Action] = true
		}
		explainer := model.NewExplainer(subject.Configuration, facts)
		for _, key := range keys {
			for _, object := range []model.Object{{Key: key}, {Key: key, Tags: map[string]string{"k": "1"}}, {Key: key, Event: model.DeleteMarkerMade}} {
				for _, decision := range explainer.Explain(object).Decisions {
					for _, reason := range permissionReasons(decision) {
						for _, action := range actionsIn.FindAllString(reason.Sentence, -1) {
							assert.Contains(t, reported.String(), action, "lint about %s: %s", key, reason.Sentence)
						}
						if reason.ID == "not-permitted" {
							denied++
							assert.True(t, refused[actionsIn.FindString(reason.Sentence)], "DeniedCalls about %s: %s", key, reason.Sentence)
						} else {
							undecided++
						}
					}
				}
			}
		}
	})
	assert.NotZero(t, denied)
	assert.NotZero(t, undecided)
}

// actionsIn are the actions that a reason names.
var actionsIn = regexp.MustCompile(`\b(sts:AssumeRole|s3:(Get|List|Replicate|Object)\w+|kms:(Decrypt|Encrypt|GenerateDataKey))\b`)

// permissionReasons are those of a decision that policies alone decide.
func permissionReasons(decision model.Decision) []model.Reason {
	if slices.ContainsFunc(decision.Reasons, func(r model.Reason) bool { return r.ID != "not-permitted" && r.ID != "permission-undecided" }) {
		return nil
	}
	return decision.Reasons
}

func randomEnabledRule(t *rapid.T, i int) s3config.Rule {
	rule := ruleTo(rapid.SampledFrom([]string{"dr", "dr", "two"}).Draw(t, "bucket"), fmt.Sprintf("rule-%d", i), 9-i)
	rule.Filter = randomFilter(t)
	rule.DeleteMarkerReplication.Status = replication.Disabled
	if rule.Filter.Prefix != nil {
		rule.DeleteMarkerReplication.Status = randomStatus(t, "markers")
	}
	rule.SourceSelectionCriteria.SseKmsEncryptedObjects.Status = randomStatus(t, "kms")
	if rapid.IntRange(0, 3).Draw(t, "override") == 0 {
		rule.Destination.Account = "111111111111"
		rule.Destination.AccessControlTranslation = &s3config.AccessControlTranslation{Owner: "Destination"}
	}
	if rapid.IntRange(0, 5).Draw(t, "first") == 0 {
		prefix := rapid.SampledFrom(somePrefixes).Draw(t, "first prefix")
		rule.Filter, rule.Prefix, rule.Priority, rule.DeleteMarkerReplication = nil, &prefix, nil, nil
	}
	return rule
}

func guardedFacts(t *rapid.T) model.Facts {
	facts := allFacts()
	facts.Source.BucketKey = randomFact(t, "bucket key")
	facts.Source.ObjectLock = randomFact(t, "lock")
	facts.Source.DefaultEncryption = rapid.SampledFrom([]model.ObjectEncryption{model.SSEKMS, model.SSES3, model.DSSEKMS}).Draw(t, "encryption")
	dr := facts.Destinations["dr"]
	dr.BucketKey = randomFact(t, "replica bucket key")
	dr.Ownership = rapid.SampledFrom([]model.ObjectOwnership{"", model.BucketOwnerEnforced, model.ObjectWriter}).Draw(t, "ownership")
	dr.Account = rapid.SampledFrom(someAccounts).Draw(t, "account")
	where := rapid.SampledFrom([]string{"role", "role", "source", "dr", "source key", "key", "boundary", "scp", "rcp", "trust"}).Draw(t, "where")
	if rapid.IntRange(0, 3).Draw(t, "wide") == 0 {
		facts.Role.Policies = []policy.Document{policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}})}
	}
	if rapid.IntRange(0, 9).Draw(t, "unknown") == 0 {
		facts.Role.Policies = nil
	}
	document := randomGuard(t, where)
	switch where {
	case "role":
		if facts.Role.Policies == nil || rapid.Bool().Draw(t, "alone") {
			facts.Role.Policies = []policy.Document{document}
		} else {
			facts.Role.Policies = append(slices.Clone(facts.Role.Policies), document)
		}
	case "source":
		facts.Source.Policy = &document
	case "dr":
		dr.Policy = &document
	case "source key":
		facts.Source.Keys = map[string]model.KeyFacts{sourceKey: {State: model.KeyEnabled, Policy: &document}}
	case "key":
		dr.Keys = map[string]model.KeyFacts{destinationKey: {State: model.KeyEnabled, Policy: &document}}
	case "boundary":
		facts.Role.Boundary = &document
	case "scp":
		facts.Role.ServiceControl = []policy.Level{{document}}
	case "rcp":
		facts.Role.ResourceControl = []policy.Document{document}
	case "trust":
		facts.Role.Trust = &document
	}
	facts.Destinations["dr"] = dr
	return facts
}

func randomGuard(t *rapid.T, where string) policy.Document {
	document := policy.New()
	if rapid.Bool().Draw(t, "allow all") {
		all := policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}
		if where != "role" && where != "boundary" && where != "scp" {
			all.Principal = policy.Anyone()
		}
		document.Statement = append(document.Statement, all)
	}
	for range rapid.IntRange(1, 3).Draw(t, "statements") {
		document.Statement = append(document.Statement, randomStatement(t, where))
	}
	if rapid.IntRange(0, 4).Draw(t, "old") == 0 {
		document.Version = "2008-10-17"
	}
	return document
}

func randomStatement(t *rapid.T, where string) policy.Statement {
	some := func(label string, from ...string) policy.Values {
		return rapid.SliceOfN(rapid.SampledFrom(from), 1, 2).Draw(t, label)
	}
	s := policy.Statement{Sid: "S", Effect: rapid.SampledFrom([]policy.Effect{policy.Deny, policy.Allow}).Draw(t, "effect")}
	actions := some("actions", "*", "s3:*", "s3:Get*", "S3:getobject*", "s3:Replicate*", "s3:ReplicateDelete", "kms:*", "kms:Decrypt", "kms:Encrypt", "s3:ListBucket", "sts:AssumeRole", "s3:GetObjectVersionTagging", "s3:ObjectOwner*")
	if rapid.IntRange(0, 3).Draw(t, "not action") == 0 {
		s.NotAction = actions
	} else {
		s.Action = actions
	}
	resources := some("resources", "*", "arn:aws:s3:::data", "arn:aws:s3:::data/*", "arn:aws:s3:::dr/*", "arn:aws:s3:::data/a/*", "arn:aws:s3:::*secret*", "arn:aws:s3:::*/*.tmp", "arn:aws:s3:::dr/a*", "arn:aws:s3:::d*/any*",
		"arn:aws:s3:::*/${aws:PrincipalAccount}/*", "arn:aws:s3:::*/${aws:PrincipalTag/team}/*", "arn:aws:s3", "arn:aws:kms:*:*:key/*", sourceKey, "arn:aws:s3:::data/?", "arn:aws:s3:::*:*", roleARN, "arn:*:s3:::*/b/*")
	if s.Effect == policy.Deny && rapid.IntRange(0, 3).Draw(t, "not resource") == 0 {
		s.NotResource = resources
	} else {
		s.Resource = resources
	}
	if where != "role" && where != "boundary" && where != "scp" {
		principal := rapid.SampledFrom([]*policy.Principal{
			policy.Anyone(), policy.AWS("*"), policy.AWS(roleARN), policy.AWS("111111111111"), policy.AWS("222222222222"), policy.Service("s3.amazonaws.com"),
			policy.AWS("arn:aws:sts::111111111111:assumed-role/replication/s3"),
			{CanonicalUser: policy.Values{"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}},
		}).Draw(t, "principal")
		if rapid.IntRange(0, 4).Draw(t, "not principal") == 0 {
			s.NotPrincipal = principal
		} else {
			s.Principal = principal
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "conditions") {
		operator := rapid.SampledFrom([]string{"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "ArnLike", "ArnNotEquals", "Bool", "Null", "DateLessThan", "NumericLessThan", "IpAddress", "NotIpAddress"}).Draw(t, "operator")
		if operator != "Null" {
			operator = rapid.SampledFrom([]string{"", "", "ForAllValues:", "ForAnyValue:"}).Draw(t, "set") + operator + rapid.SampledFrom([]string{"", "IfExists"}).Draw(t, "if exists")
		}
		key := rapid.SampledFrom([]string{
			"kms:EncryptionContext:aws:s3:arn", "KMS:encryptioncontext:AWS:S3:ARN", "kms:ViaService", "aws:PrincipalArn", "aws:principalarn", "aws:PrincipalOrgID", "aws:SourceIp", "aws:SourceVpce",
			"aws:SecureTransport", "aws:ViaAWSService", "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id", "aws:SourceAccount", "aws:SourceArn", "aws:CurrentTime", "s3:TlsVersion", "aws:MultiFactorAuthPresent",
			"aws:PrincipalTag/team", "aws:ResourceAccount", "kms:CallerAccount",
		}).Draw(t, "key")
		value := rapid.SampledFrom([]string{
			"true", "false", "111111111111", "arn:aws:s3:::data", "arn:aws:s3:::data/*", "arn:aws:s3:::data/a/*", "arn:aws:s3:::*secret*", "arn:aws:s3:::dr/*.tmp", "arn:aws:s3:::data/secret", "ARN:AWS:S3:::DATA/SECRET", roleARN, "aws:kms", "AES256",
			sourceKey, destinationKey, "s3.us-east-1.amazonaws.com", "2020-01-01T00:00:00Z", "1.3", "10.0.0.0/8", "${aws:PrincipalAccount}", "arn:aws:s3:::data/${aws:PrincipalTag/team}/*", "arn:aws:s3:::data/b/${aws:PrincipalAccount}/*", "*",
		}).Draw(t, "value")
		if operator == "Null" && value != "true" {
			value = "false"
		}
		// Parts that several conditions have in common are not looked for.
		if strings.EqualFold(key, model.EncryptionContextConditionKey) && (s.Effect == policy.Allow || len(s.Condition) > 0) {
			continue
		}
		if s.Condition == nil {
			s.Condition = policy.Conditions{}
		}
		if s.Condition[operator] == nil {
			s.Condition[operator] = map[string]policy.Values{}
		}
		s.Condition[operator][key] = policy.Values{value}
	}
	return s
}
