package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// The generators draw from few words, so that statements and requests meet often.
var (
	actions    = []string{"s3:GetObject", "s3:PutObject", "kms:Decrypt", "sts:AssumeRole"}
	patterns   = []string{"*", "s3:*", "s3:Get*", "S3:putobject", "kms:Decrypt", "*:*", "sts:Assume????"}
	resources  = []string{bucket, object, keyARN, roleARN}
	wildcards  = []string{"*", bucket + "/*", bucket + "*", object, keyARN, "arn:aws:kms:*:111111111111:key/*", bucket + "/${aws:username, 'finance'}/*", bucket + "/${aws:PrincipalTag/team}/*"}
	callers    = []string{"", userARN, session, roleARN, root1, root2, foreignSession, "s3.amazonaws.com", "accounts.google.com", pathSession, "junk"}
	principals = []string{"*", userARN, session, roleARN, root1, account2, foreignRole, pathRole}
	keys       = []string{"aws:PrincipalArn", "aws:SecureTransport", "s3:TlsVersion", "aws:SourceIp", "aws:CurrentTime", "aws:TagKeys"}
	values     = []string{"", "a", "true", "false", "1.2", "203.0.113.7", "2030-01-02T03:04:05Z", roleARN, "QQ==", "${aws:PrincipalArn}"}
	quantities = []string{"", "ForAllValues:", "ForAnyValue:"}
)

// operands are the operators, each with values that it takes.
var operands = map[string][]string{
	"StringEquals": values, "StringNotEquals": values, "StringEqualsIgnoreCase": values, "StringNotEqualsIgnoreCase": values,
	"StringLike": values, "StringNotLike": values, "ArnEquals": values, "ArnLike": values, "ArnNotEquals": values, "ArnNotLike": values,
	"NumericEquals": {"1.2"}, "NumericNotEquals": {"1.2"}, "NumericLessThan": {"1.2", "5"}, "NumericLessThanEquals": {"1.2"},
	"NumericGreaterThan": {"1"}, "NumericGreaterThanEquals": {"1.2"},
	"DateEquals": {"2030-01-02T03:04:05Z"}, "DateNotEquals": {"2030"}, "DateLessThan": {"2031"}, "DateLessThanEquals": {"2030"},
	"DateGreaterThan": {"0"}, "DateGreaterThanEquals": {"2030"},
	"Bool": {"true", "false"}, "BinaryEquals": {"QQ=="}, "IpAddress": {"203.0.113.0/24"}, "NotIpAddress": {"203.0.113.7"},
}

func someOf(t *rapid.T, label string, words []string) policy.Values {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(words), 1, 3, rapid.ID[string]).Draw(t, label)
}

func genConditions(t *rapid.T) policy.Conditions {
	count := rapid.IntRange(0, 2).Draw(t, "operators")
	if count == 0 {
		return nil
	}
	conditions := policy.Conditions{}
	for range count {
		name := rapid.SampledFrom(sortedNames()).Draw(t, "operator")
		full := rapid.SampledFrom(quantities).Draw(t, "quantity") + name + rapid.SampledFrom([]string{"", "IfExists"}).Draw(t, "suffix")
		conditions[full] = map[string]policy.Values{rapid.SampledFrom(keys).Draw(t, "key"): someValues(t, operands[name])}
	}
	if rapid.Bool().Draw(t, "with Null") {
		conditions["Null"] = map[string]policy.Values{rapid.SampledFrom(keys).Draw(t, "null key"): {rapid.SampledFrom([]string{"true", "false"}).Draw(t, "null")}}
	}
	return conditions
}

func someValues(t *rapid.T, words []string) policy.Values {
	return rapid.SliceOfN(rapid.SampledFrom(words), 1, 2).Draw(t, "values")
}

func sortedNames() []string {
	return []string{
		"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "BinaryEquals", "Bool", "DateEquals", "DateGreaterThan", "DateGreaterThanEquals",
		"DateLessThan", "DateLessThanEquals", "DateNotEquals", "IpAddress", "NotIpAddress", "NumericEquals", "NumericGreaterThan",
		"NumericGreaterThanEquals", "NumericLessThan", "NumericLessThanEquals", "NumericNotEquals", "StringEquals", "StringEqualsIgnoreCase",
		"StringLike", "StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike",
	}
}

func genPrincipal(t *rapid.T) *policy.Principal {
	switch rapid.IntRange(0, 3).Draw(t, "principal kind") {
	case 0:
		return policy.Anyone()
	case 1:
		return policy.Service("s3.amazonaws.com")
	case 2:
		return &policy.Principal{AWS: someOf(t, "aws", principals), Federated: policy.Values{"accounts.google.com"}}
	default:
		return policy.AWS(someOf(t, "aws", principals)...)
	}
}

// genStatement draws a valid statement, with a principal when it is for a resource policy.
func genStatement(t *rapid.T, forResource bool) policy.Statement {
	s := policy.Statement{
		Sid:       rapid.SampledFrom([]string{"", "One", "Zwei <ü>"}).Draw(t, "sid"),
		Effect:    rapid.SampledFrom([]policy.Effect{policy.Allow, policy.Allow, policy.Deny}).Draw(t, "effect"),
		Condition: genConditions(t),
	}
	if rapid.IntRange(0, 4).Draw(t, "not action") == 0 {
		s.NotAction = someOf(t, "actions", patterns)
	} else {
		s.Action = someOf(t, "actions", patterns)
	}
	if rapid.IntRange(0, 4).Draw(t, "not resource") == 0 {
		s.NotResource = someOf(t, "resources", wildcards)
	} else {
		s.Resource = someOf(t, "resources", wildcards)
	}
	if !forResource {
		return s
	}
	if s.Effect == policy.Deny && rapid.IntRange(0, 2).Draw(t, "not principal") == 0 {
		s.NotPrincipal = genPrincipal(t)
	} else {
		s.Principal = genPrincipal(t)
	}
	return s
}

func genDocument(t *rapid.T, forResource bool) policy.Document {
	statements := make([]policy.Statement, rapid.IntRange(1, 4).Draw(t, "statements"))
	for i := range statements {
		statements[i] = genStatement(t, forResource)
	}
	d := policy.New(statements...)
	d.Version = rapid.SampledFrom([]string{policy.Version, policy.Version, "2008-10-17", ""}).Draw(t, "version")
	d.ID = rapid.SampledFrom([]string{"", "id"}).Draw(t, "id")
	return d
}

func genPolicies(t *rapid.T) policy.Policies {
	p := policy.Policies{KeyPolicy: rapid.Bool().Draw(t, "key policy")}
	for range rapid.IntRange(0, 2).Draw(t, "identity policies") {
		p.Identity = append(p.Identity, genDocument(t, false))
	}
	if rapid.Bool().Draw(t, "has boundary") {
		boundary := genDocument(t, false)
		p.Boundary = &boundary
	}
	if rapid.Bool().Draw(t, "has resource policy") {
		resource := genDocument(t, true)
		p.Resource = &resource
	}
	return p
}

func genRequest(t *rapid.T) policy.Request {
	r := policy.Request{
		Principal:       rapid.SampledFrom(callers).Draw(t, "caller"),
		Action:          rapid.SampledFrom(actions).Draw(t, "action"),
		Resource:        rapid.SampledFrom(resources).Draw(t, "resource"),
		ResourceAccount: rapid.SampledFrom([]string{"", account1, account2}).Draw(t, "account"),
		Context:         map[string][]string{},
	}
	for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 0, 4, rapid.ID[string]).Draw(t, "context keys") {
		r.Context[key] = rapid.SliceOfN(rapid.SampledFrom(values), 0, 2).Draw(t, key)
	}
	return r
}

func TestPropertyParseReadsWhatJSONWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := genDocument(t, rapid.Bool().Draw(t, "for resource"))
		require.NoError(t, d.Validate())
		parsed, err := policy.Parse([]byte(d.JSON()))
		require.NoError(t, err)
		assert.Equal(t, d, parsed)
		assert.Equal(t, d.JSON(), parsed.JSON())
	})
}

func TestPropertyAddingADenyNeverGrants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, r := genPolicies(t), genRequest(t)
		before := policy.Evaluate(p, r)
		deny := genStatement(t, true)
		deny.Effect = policy.Deny
		resource := policy.New(deny)
		if p.Resource != nil {
			resource = *p.Resource
			resource.Statement = append(resource.Statement[:len(resource.Statement):len(resource.Statement)], deny)
		}
		p.Resource = &resource
		after := policy.Evaluate(p, r)
		assert.False(t, after.Allowed && !before.Allowed, "before: %s; after: %s", before, after)
	})
}

func TestPropertyAddingAnAllowNeverDenies(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, r := genPolicies(t), genRequest(t)
		before := policy.Evaluate(p, r)
		allow := genStatement(t, false)
		allow.Effect = policy.Allow
		p.Identity = append(p.Identity, policy.New(allow))
		after := policy.Evaluate(p, r)
		assert.False(t, before.Allowed && !after.Allowed, "before: %s; after: %s", before, after)
	})
}

func TestPropertyOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, r := genPolicies(t), genRequest(t)
		before := policy.Evaluate(p, r)
		if p.Resource != nil {
			p.Resource.Statement = rapid.Permutation(p.Resource.Statement).Draw(t, "resource order")
		}
		for i := range p.Identity {
			p.Identity[i].Statement = rapid.Permutation(p.Identity[i].Statement).Draw(t, "identity order")
		}
		p.Identity = rapid.Permutation(p.Identity).Draw(t, "policy order")
		after := policy.Evaluate(p, r)
		assert.Equal(t, before.Allowed, after.Allowed)
		assert.Equal(t, before.Reason, after.Reason)
	})
}

func TestPropertyBoundaryNeverGrants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, r := genPolicies(t), genRequest(t)
		with := policy.Evaluate(p, r)
		p.Boundary = nil
		without := policy.Evaluate(p, r)
		assert.False(t, with.Allowed && !without.Allowed, "without: %s; with: %s", without, with)
	})
}

// A decision must be what its statements say: an allowed request names at least one Allow, and only Allows; an
// explicit denial names a Deny; an implicit one names none.
func TestPropertyDecisionNamesItsStatements(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := policy.Evaluate(genPolicies(t), genRequest(t))
		for _, grant := range d.Grants() {
			assert.Equal(t, policy.Allow, grant.Statement.Effect)
		}
		switch d.Reason {
		case policy.Allowed:
			require.NotEmpty(t, d.Grants())
			assert.Equal(t, d.Grants()[0], d.Match)
		case policy.ExplicitDeny:
			assert.Equal(t, policy.Deny, d.Statement.Effect)
			assert.Empty(t, d.Grants())
		default:
			assert.Nil(t, d.Statement)
			assert.Empty(t, d.Grants())
		}
		assert.Equal(t, d.Allowed, strings.HasPrefix(d.String(), "allowed"))
	})
}

// Negated operators are the negation of the positive ones, missing keys included. Of several values AWS documents
// neither.
func TestPropertyNegatedOperatorsNegate(t *testing.T) {
	t.Parallel()
	pairs := map[string]string{
		"StringEquals": "StringNotEquals", "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase", "StringLike": "StringNotLike",
		"NumericEquals": "NumericNotEquals", "DateEquals": "DateNotEquals", "IpAddress": "NotIpAddress", "ArnLike": "ArnNotLike", "ArnEquals": "ArnNotEquals",
	}
	rapid.Check(t, func(t *rapid.T) {
		positive := rapid.SampledFrom([]string{"StringEquals", "StringEqualsIgnoreCase", "StringLike", "NumericEquals", "DateEquals", "IpAddress", "ArnLike", "ArnEquals"}).Draw(t, "operator")
		want := someValues(t, operands[positive])
		have := rapid.SliceOfN(rapid.SampledFrom(values), 0, 1).Draw(t, "have")
		assert.NotEqual(t, holds(when(positive, want...), given(have...)), holds(when(pairs[positive], want...), given(have...)))
	})
}
