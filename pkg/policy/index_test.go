package policy_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// An indexed document decides as the same document read from end to end, whatever the request sets, for the same
// reason and by the same statement.
func TestIndexedDocumentsDecideAsOthersDo(t *testing.T) {
	t.Parallel()
	const count = 50_000
	g := pairs{rand.New(rand.NewPCG(3, 4))} //nolint:gosec // The pairs are to be the same in every run.
	seen := map[policy.Reason]int{}
	for i := range count {
		x := g.draw()
		if i%2 == 0 {
			eachDocument(&x.p, g.lengthened)
		}
		if i%3 == 0 {
			x.r.Incomplete, x.r.Possible = true, map[string][]string{"aws:SecureTransport": {"true", "false"}}
		}
		want := policy.Evaluate(x.p, x.r)
		eachDocument(&x.p, policy.Document.Indexed)
		got := policy.Evaluate(x.p, x.r)
		seen[want.Reason]++
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("pair %d: %s, and indexed: %s\nrequest: %+v\npolicies: %+v", i, want, got, x.r, x.p)
		}
	}
	for _, each := range []policy.Reason{policy.Allowed, policy.ExplicitDeny, policy.ImplicitDenyIdentity, policy.Unknown} {
		assert.Greater(t, seen[each], count/100, "pairs that are %s", each)
	}
}

// lengthened adds statements, resources and condition values, in front and at the end.
func (g pairs) lengthened(d policy.Document) policy.Document {
	more := func(values policy.Values, words []string) policy.Values {
		if len(values) == 0 {
			return nil
		}
		var others policy.Values
		for i := range 12 {
			others = append(others, fmt.Sprintf("arn:aws:s3:::other-%d/*", i), g.one(words)+fmt.Sprint(i))
		}
		return slices.Concat(others[:12], values, others[12:])
	}
	var statements []policy.Statement
	for i, s := range d.Statement {
		other := s
		other.Sid, other.Resource = fmt.Sprintf("Other%d", i), policy.Values{fmt.Sprintf("%s-%d*", g.one(resources), i)}
		other.NotResource = nil
		s.Resource, s.NotResource = more(s.Resource, readResources), more(s.NotResource, wildcards)
		conditions := policy.Conditions{}
		for operator, keys := range s.Condition {
			conditions[operator] = map[string]policy.Values{}
			for key, values := range keys {
				conditions[operator][key] = more(values, readValues)
			}
		}
		s.Condition = conditions
		statements = append(statements, other, s)
	}
	d.Statement = statements
	return d
}

// eachDocument replaces the documents of policies.
func eachDocument(p *policy.Policies, by func(policy.Document) policy.Document) {
	lists := [][]policy.Document{p.Identity, p.Session, p.ResourceControl}
	for _, level := range p.ServiceControl {
		lists = append(lists, level)
	}
	for _, list := range lists {
		for i := range list {
			list[i] = by(list[i])
		}
	}
	for _, one := range []*policy.Document{p.Boundary, p.Resource} {
		if one != nil {
			*one = by(*one)
		}
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	all := []string{"data/*", "data/a/*", "data/a/*", "data/ab", "data/?/x", "other/*", "*", "data/${aws:username}/*"}
	patterns := policy.NewPatterns(all)
	for prefix, want := range map[string][]string{
		"data/a/": {"* data/a/any", "data/* data/a/any", "data/?/x data/a/x", "data/a/* data/a/any"},
		"data/":   {"* data/any", "data/${aws:username}/* data/${aws:username}/any", "data/* data/any", "data/?/x data/a/x", "data/a/* data/a/any", "data/ab data/ab"},
		"zzz":     {"* zzzany"},
	} {
		var found []string
		for pattern, text := range patterns.Within(prefix) {
			text = strings.ReplaceAll(text, patterns.Unnamed(), "any")
			found = append(found, pattern+" "+strings.ReplaceAll(text, patterns.Unnamed()[:len("\uE000")], "a"))
		}
		assert.ElementsMatch(t, want, found, prefix)
		assert.True(t, patterns.MayCover(prefix))
	}
	narrow := policy.NewPatterns([]string{"data/a/*", "data/b?"})
	assert.True(t, narrow.MayCover("data/a/b/c"))
	assert.True(t, narrow.MayCover("da"))
	assert.True(t, narrow.MayCover("data/b"))
	assert.False(t, narrow.MayCover("data/c"))
	assert.False(t, policy.NewPatterns(nil).MayCover(""))
}

func TestIndexedDocuments_FindConditionValues(t *testing.T) {
	t.Parallel()
	const have = "arn:aws:iam::111111111111:role/team/reader"
	for operator, wanted := range map[string][]string{
		"StringEquals":              {have},
		"StringEqualsIgnoreCase":    {"ARN:AWS:IAM::111111111111:role/TEAM/reader"},
		"StringLike":                {have, "arn:aws:iam::*", "*", "arn:aws:iam::111111111111:role/team/read?r"},
		"ArnLike":                   {have, "arn:aws:iam::1111*:role/*", "*"},
		"ForAnyValue:StringLike":    {"arn:aws:iam::*:role/team/*"},
		"ForAllValues:StringEquals": {have},
	} {
		for _, want := range wanted {
			var values policy.Values
			for i := range 20 {
				values = append(values, fmt.Sprintf("arn:aws:iam::111111111111:role/team/%d/*", i))
			}
			document := policy.New(policy.Statement{
				Effect: policy.Allow, Action: policy.Values{"s3:*"}, Resource: policy.Values{"*"},
				Condition: policy.Conditions{operator: {"aws:PrincipalArn": append(values, want)}},
			}).Indexed()
			decision := policy.Evaluate(policy.Policies{Identity: []policy.Document{document}}, policy.Request{
				Principal: have, Action: "s3:GetObject", Resource: object, ResourceAccount: account1,
			})
			assert.True(t, decision.Allowed, "%s %s", operator, want)
		}
	}
}
