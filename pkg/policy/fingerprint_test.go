package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFingerprint(t *testing.T) {
	t.Parallel()
	base := func() Statement {
		return Statement{
			Sid: "One", Effect: Allow, Principal: AWS("arn:aws:iam::111111111111:root", "222222222222"),
			Action: Values{"s3:GetObject", "s3:PutObject"}, Resource: Values{"arn:aws:s3:::b", "arn:aws:s3:::b/*"},
			Condition: Conditions{"StringEquals": {"aws:SourceAccount": {"1", "2"}}},
		}
	}
	for _, test := range []struct {
		name   string
		same   bool
		change func(*Statement)
	}{
		{"another Sid", true, func(s *Statement) { s.Sid = "" }},
		{"another order", true, func(s *Statement) { s.Action = Values{"s3:PutObject", "s3:getobject"} }},
		{"an account by its id", true, func(s *Statement) { s.Principal = AWS("222222222222", "111111111111") }},
		{"an account by its root", true, func(s *Statement) {
			s.Principal = AWS("arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root")
		}},
		{"the case of a condition key", true, func(s *Statement) {
			s.Condition = Conditions{"StringEquals": {"AWS:sourceaccount": {"2", "1"}}}
		}},
		{"a value twice", true, func(s *Statement) { s.Resource = append(s.Resource, "arn:aws:s3:::b") }},
		{"another effect", false, func(s *Statement) { s.Effect = Deny }},
		{"one more action", false, func(s *Statement) { s.Action = append(s.Action, "s3:DeleteObject") }},
		{"one more principal", false, func(s *Statement) { s.Principal = AWS("111111111111", "222222222222", "333333333333") }},
		{"a role instead of its account", false, func(s *Statement) { s.Principal = AWS("111111111111", "arn:aws:iam::222222222222:role/root") }},
		{"no condition", false, func(s *Statement) { s.Condition = nil }},
		{"another condition value", false, func(s *Statement) { s.Condition = Conditions{"StringEquals": {"aws:SourceAccount": {"1"}}} }},
		{"another operator", false, func(s *Statement) {
			s.Condition = Conditions{"StringEqualsIfExists": {"aws:SourceAccount": {"1", "2"}}}
		}},
		{"anyone", false, func(s *Statement) { s.Principal = Anyone() }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			changed := base()
			test.change(&changed)
			assert.Equal(t, test.same, changed.Fingerprint() == base().Fingerprint())
		})
	}
	assert.Equal(t, Statement{Principal: Anyone()}.Fingerprint(), Statement{Principal: AWS("*")}.Fingerprint(),
		"AWS keeps either form of everyone")
	assert.Len(t, base().Fingerprint(), 16)
}
