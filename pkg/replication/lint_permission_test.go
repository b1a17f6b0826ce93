package replication_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Rules that do the same are judged together unless a policy tells them apart:
// that must not hide what any of them is refused.
func TestLint_FindsTheSameForRulesTogetherAsForEachAlone(t *testing.T) {
	t.Parallel()
	patterns := []string{
		"arn:aws:s3:::data/*", "arn:aws:s3:::data/a/*", "arn:aws:s3:::data/*/x", "arn:aws:s3:::data/any-object",
		"arn:aws:s3:::dr/a/b/*", "arn:aws:s3:::d*/b/*", "arn:aws:s3:::*/a?", "*",
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
			return statement
		}), 1, 2).Draw(t, "denies")
		facts.Role.Policies = append(facts.Role.Policies, policy.New(denies...))

		var together []replication.ConfigurationRule
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
func refusedActions(facts replication.Facts, rules ...replication.ConfigurationRule) []string {
	var refused []string
	for _, finding := range replication.Lint(replication.Subject{Name: "data", Configuration: rulesOf(rules...), Facts: facts}) {
		if !strings.HasSuffix(finding.ID, "not-permitted") {
			continue
		}
		_, text, _ := strings.Cut(finding.Message, ": ")
		actions, cause, _ := strings.Cut(text, ": ")
		cause, _, _ = strings.Cut(cause, ", on ") // what was told of one part is not told of another again
		for _, action := range strings.Split(actions, ", ") {
			refused = append(refused, action+" "+cause)
		}
	}
	slices.Sort(refused)
	return slices.Compact(refused)
}
