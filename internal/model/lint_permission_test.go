package model_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// Rules that do the same are judged together unless a policy distinguishes them:
// that must not hide what any of them is refused.
func TestLint_FindsTheSameForRulesTogetherAsForEachAlone(t *testing.T) {
	t.Parallel()
	patterns := []string{
		"arn:aws:s3:::data/*", "arn:aws:s3:::data/a/*", "arn:aws:s3:::data/*/x", "arn:aws:s3:::data/any-object",
		"arn:aws:s3:::dr/a/b/*", "arn:aws:s3:::d*/b/*", "arn:aws:s3:::*/a?", "*",
		"arn:aws:s3:::*x", "arn:aws:s3:::d*", "arn:aws:s3:::dr*b*", "arn:aws:*b/*", "arn:*:s3:::data/a*", "arn:aws:s3", "arn:aws:kms:*:*:key/*",
	}
	refusedSomewhere := 0
	rapid.Check(t, func(t *rapid.T) {
		prefixes := rapid.SliceOfNDistinct(rapid.SampledFrom(append(somePrefixes, "any", "d")), 1, 6, rapid.ID).Draw(t, "prefixes")
		facts := allFacts()
		denies := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) policy.Statement {
			statement := policy.Statement{
				Sid: rapid.SampledFrom([]string{"One", "Two"}).Draw(t, "sid"), Effect: policy.Deny,
				Action: policy.Values{rapid.SampledFrom([]string{"s3:Get*", "s3:Replicate*", "s3:ReplicateTags"}).Draw(t, "action")},
			}
			resource := policy.Values{rapid.SampledFrom(patterns).Draw(t, "resource")}
			if rapid.IntRange(0, 3).Draw(t, "not") == 3 {
				statement.NotResource = resource
			} else {
				statement.Resource = resource
			}
			if rapid.IntRange(0, 3).Draw(t, "condition") == 3 {
				statement.Condition = policy.Conditions{"StringEquals": {model.SSEConditionKey: {"aws:kms"}}}
			}
			return statement
		}), 1, 2).Draw(t, "denies")
		facts.Role.Policies = append(facts.Role.Policies, policy.New(denies...))

		var together []s3config.Rule
		var apart []string
		for i, prefix := range prefixes {
			rule := narrow(fmt.Sprintf("rule-%d", i), len(prefixes)-i, prefix)
			together = append(together, rule)
			apart = append(apart, refusedActions(facts, rule)...)
		}
		slices.Sort(apart)
		assert.Equal(t, slices.Compact(apart), refusedActions(facts, together...))
		refusedSomewhere += len(apart)
	})
	assert.NotZero(t, refusedSomewhere)
}

// refusedActions are each action that lint says is refused, with the statement
// that refuses it.
func refusedActions(facts model.Facts, rules ...s3config.Rule) []string {
	var refused []string
	for _, finding := range model.Lint(model.Subject{Name: "data", Configuration: rulesOf(rules...), Facts: facts}) {
		if !strings.HasSuffix(finding.ID, "not-permitted") {
			continue
		}
		_, text, _ := strings.Cut(finding.Message, ": ")
		actions, cause, _ := strings.Cut(text, ": ")
		cause, _, _ = strings.Cut(cause, ", on ") // a cause reported for one part is not reported again for another
		for _, action := range strings.Split(actions, ", ") {
			refused = append(refused, action+" "+cause)
		}
	}
	slices.Sort(refused)
	return slices.Compact(refused)
}

// With a bucket key S3 uses the KMS key for the bucket, and without one for each
// object. Where it isn't known which, a key policy that allows one of the two is
// not certain to keep the role out: whichever rule is judged first.
func TestLint_AWayThatIsAllowedCountsUnderEveryRule(t *testing.T) {
	t.Parallel()
	facts := allFacts()
	facts.Source.BucketKey = model.Unknown
	destination := facts.Destinations["dr"]
	destination.BucketKey = model.Unknown
	facts.Destinations["dr"] = destination
	onlyBucket := policy.New(policy.Statement{
		Effect: policy.Allow, Principal: policy.AWS(roleARN), Action: policy.Values{"kms:Decrypt"}, Resource: policy.Values{"*"},
		Condition: policy.Conditions{"StringEquals": {model.EncryptionContextConditionKey: {"arn:aws:s3:::data"}}},
	})
	facts.Source.Keys = map[string]model.KeyFacts{sourceKey: {State: model.KeyEnabled, Policy: &onlyBucket}}
	facts.Source.Policy = denying("s3:DeleteObject", "arn:aws:s3:::data/*/x", nil) // distinguishes the rules

	rules := []s3config.Rule{narrow("one", 2, "a/"), narrow("two", 1, "b/")}
	refused := 0
	for _, finding := range model.Lint(model.Subject{Name: "data", Configuration: rulesOf(rules...), Facts: facts}) {
		if strings.Contains(finding.Message, "kms:Decrypt") {
			assert.Equal(t, "maybe-not-permitted", finding.ID, finding.Message)
			refused++
		}
	}
	assert.NotZero(t, refused)
}

// A Deny of some of a bucket's objects is found however its resource is written:
// patterns may name objects without a slash, by a part of the bucket's name, and in
// an ARN that leaves components out.
func TestLint_FindsADenyOfSomeObjects(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{
		"arn:aws:s3:::data/secret/*", "arn:aws:s3:::data/*secret*", "arn:aws:s3:::data/*.tmp", "arn:aws:s3:::data/?ecret*",
		"arn:aws:s3:::*secret*", "arn:aws:s3:::data*secret*", "arn:aws:s3:::*.tmp", "arn:aws:s3:::d*.tmp", "arn:aws:s3:::data?secret*", "arn:aws:s3:::dat*secret/x",
		"arn:*:s3:::data/secret/*", "arn:aws:*:::data/secret/*", "arn:aws:*secret*", "arn:aws:s*:::*secret*", "arn:aws:s3*secret*", "arn:*secret*",
		"arn:aws:s3:::data/${aws:PrincipalAccount}/*", "arn:aws:s3:::data/*${*}*", "arn:aws:s3:::*${aws:PrincipalAccount}*",
	} {
		t.Run(pattern, func(t *testing.T) {
			t.Parallel()
			facts := allFacts()
			deny := policy.Statement{Sid: "Some", Effect: policy.Deny, Action: policy.Values{"s3:GetObjectVersionForReplication"}, Resource: policy.Values{pattern}}
			facts.Role.Policies = append(facts.Role.Policies, policy.New(deny))
			refused := refusedActions(facts, narrow("all", 1, ""))
			assert.Len(t, refused, 1, "lint found no refusal by a Deny of %s", pattern)
		})
	}
}

// The keys of conditions are compared without case.
func TestLint_FindsADenyByTheEncryptionContextOfSomeObjects(t *testing.T) {
	t.Parallel()
	for _, key := range []string{model.EncryptionContextConditionKey, strings.ToUpper(model.EncryptionContextConditionKey)} {
		facts := allFacts()
		deny := policy.Statement{
			Sid: "Some", Effect: policy.Deny, Action: policy.Values{"kms:Decrypt"}, Resource: policy.Values{"*"},
			Condition: policy.Conditions{"StringLike": {key: {"arn:aws:s3:::*secret*"}}},
		}
		facts.Role.Policies = append(facts.Role.Policies, policy.New(deny))
		assert.NotEmpty(t, refusedActions(facts, narrow("all", 1, "")), "lint found no refusal by a Deny with the key %s", key)
	}
}

// An Allow of some of a bucket's objects leaves others that no statement allows,
// whatever the names of those that it allows. So does a Deny of all but some.
func TestLint_FindsObjectsThatNoStatementAllows(t *testing.T) {
	t.Parallel()
	for _, some := range []string{
		"arn:aws:s3:::data/a*", "arn:aws:s3:::data/any*", "arn:aws:s3:::data/*-*", "arn:aws:s3:::data/*object", "arn:aws:s3:::data/any-object",
		"arn:aws:s3:::data/??????????", "arn:aws:s3:::data/?", "arn:aws:s3:::*o*", "arn:aws:s3:::data/*/a*", "arn:aws:s3:::data/*\uE000*",
	} {
		t.Run(some, func(t *testing.T) {
			t.Parallel()
			for _, prefix := range []string{"", "x/"} {
				only := allFacts()
				statements := slices.Clone(only.Role.Policies[0].Statement)
				statements[1].Resource = policy.Values{some}
				only.Role.Policies = []policy.Document{policy.New(statements...)}
				assert.NotEmpty(t, refusedActions(only, narrow("one", 1, prefix)), "an Allow of objects under %q", prefix)

				but := allFacts()
				but.Role.Policies = append(but.Role.Policies, policy.New(policy.Statement{
					Sid: "Others", Effect: policy.Deny, Action: policy.Values{"s3:GetObject*"},
					NotResource: policy.Values{some, "arn:aws:s3:::data", "arn:aws:kms:*", "arn:aws:s3:::dr/*"},
				}))
				assert.NotEmpty(t, refusedActions(but, narrow("one", 1, prefix)), "a Deny of others under %q", prefix)
			}
		})
	}
}

// Objects of the source bucket may be encrypted with other keys than the bucket's: a
// policy that keeps the role from one of them keeps those objects from replicating.
func TestLint_JudgesEveryKeyOfTheSource(t *testing.T) {
	t.Parallel()
	const otherKey = "arn:aws:kms:us-east-1:111111111111:key/33333333-3333-3333-3333-333333333333"
	denyKey := policy.Statement{Sid: "Other", Effect: policy.Deny, Action: policy.Values{"kms:*"}, Resource: policy.Values{otherKey}}
	keyPolicy := func(effect policy.Effect, condition policy.Conditions) func(*model.Facts) {
		document := policy.New(policy.Statement{
			Effect: effect, Principal: policy.AWS(roleARN), Action: policy.Values{"kms:Decrypt"}, Resource: policy.Values{"*"}, Condition: condition,
		})
		return func(facts *model.Facts) {
			facts.Source.Keys[otherKey] = model.KeyFacts{State: model.KeyEnabled, Policy: &document}
		}
	}
	for name, test := range map[string]struct {
		change func(*model.Facts)
		want   string
	}{
		"a Deny of the key policy":              {keyPolicy(policy.Deny, nil), "maybe-not-permitted"},
		"an Allow of the key policy":            {keyPolicy(policy.Allow, nil), ""},
		"a condition on what is not known":      {keyPolicy(policy.Allow, ofOurOrganization), "permission-undecided"},
		"an Allow for another bucket alone":     {keyPolicy(policy.Allow, policy.Conditions{"StringLike": {model.EncryptionContextConditionKey: {"arn:aws:s3:::other*"}}}), "maybe-not-permitted"},
		"a Deny of the role":                    {func(f *model.Facts) { f.Role.Policies = append(f.Role.Policies, policy.New(denyKey)) }, "maybe-not-permitted"},
		"a Deny of the organization":            {func(f *model.Facts) { f.Role.ServiceControl = []policy.Level{{everything(), policy.New(denyKey)}} }, "maybe-not-permitted"},
		"a default encryption without KMS":      {func(f *model.Facts) { f.Source.DefaultEncryption = model.SSES3; keyPolicy(policy.Deny, nil)(f) }, "maybe-not-permitted"},
		"no policy that is about the other key": {func(*model.Facts) {}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts := allFacts()
			facts.Role.Decrypts = append(facts.Role.Decrypts, otherKey)
			facts.Role.Policies = append(facts.Role.Policies, policy.New(policy.Statement{
				Effect: policy.Allow, Action: policy.Values{"kms:Decrypt"}, Resource: policy.Values{otherKey},
			}))
			test.change(&facts)
			var found []string
			for _, finding := range model.Lint(model.Subject{Name: "data", Configuration: rulesOf(narrow("all", 1, "")), Facts: facts}) {
				if strings.Contains(finding.Message, otherKey) && !slices.Contains(found, finding.ID) {
					found = append(found, finding.ID)
				}
			}
			assert.Equal(t, test.want, strings.Join(found, " "))
		})
	}
}

func everything() policy.Document {
	return policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}})
}
