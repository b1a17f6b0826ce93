package policy_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// conditional is a statement that applies under a condition.
func conditional(s policy.Statement, operator, key string, values ...string) policy.Statement {
	s.Condition = policy.Conditions{operator: {key: values}}
	return s
}

func open(r policy.Request, context map[string][]string) policy.Request {
	r.Incomplete, r.Context = true, context
	return r
}

func TestOpenRequestsAreDecidedOnlyByWhatIsTold(t *testing.T) {
	t.Parallel()
	const organization = "aws:PrincipalOrgID"
	missing, ours, theirs := map[string][]string{organization: nil}, map[string][]string{organization: {"o-ours"}}, map[string][]string{organization: {"o-theirs"}}
	outsiders := conditional(denying(policy.Anyone(), "s3:*"), "StringNotEquals", organization, "o-ours")
	insiders := conditional(allowing(nil, "s3:GetObject"), "StringEquals", organization, "o-ours")
	folder := allowing(nil, "s3:GetObject")
	folder.Resource = policy.Values{bucket + "/${aws:PrincipalTag/team, 'finance'}/*"}
	exceptFolder := denying(policy.Anyone(), "s3:*")
	exceptFolder.NotResource, exceptFolder.Resource = folder.Resource, nil
	may := policy.Policies{Identity: mayGet}
	tests := map[string]struct {
		policies policy.Policies
		context  map[string][]string
		want     policy.Reason
	}{
		"nothing asks for it":                {may, nil, policy.Allowed},
		"a Deny that asks for it":            {policy.Policies{Identity: mayGet, Resource: doc(outsiders)}, nil, policy.Unknown},
		"a Deny, key set":                    {policy.Policies{Identity: mayGet, Resource: doc(outsiders)}, ours, policy.Allowed},
		"a Deny, key set to another value":   {policy.Policies{Identity: mayGet, Resource: doc(outsiders)}, theirs, policy.ExplicitDeny},
		"a Deny, and it is known to be gone": {policy.Policies{Identity: mayGet, Resource: doc(outsiders)}, missing, policy.ExplicitDeny},
		"a Deny beside one that is certain":  {policy.Policies{Identity: mayGet, Resource: doc(outsiders, denying(policy.Anyone(), "s3:GetObject"))}, nil, policy.ExplicitDeny},
		"a Deny where nothing allows":        {policy.Policies{Identity: mayList, Resource: doc(outsiders)}, nil, policy.ImplicitDenyIdentity},
		"a Deny about another action":        {policy.Policies{Identity: mayGet, Resource: doc(conditional(denying(policy.Anyone(), "s3:PutObject"), "StringNotEquals", organization, "o-ours"))}, nil, policy.Allowed},
		"a Deny that does not apply anyhow": {policy.Policies{Identity: mayGet, Resource: doc(policy.Statement{
			Effect: policy.Deny, Principal: policy.Anyone(), Action: policy.Values{"s3:*"}, Resource: policy.Values{"*"},
			Condition: policy.Conditions{"StringNotEquals": {organization: {"o-ours"}, "aws:PrincipalAccount": {account1}}},
		})}, nil, policy.Allowed},
		"an Allow that asks for it":            {policy.Policies{Identity: identity(insiders)}, nil, policy.Unknown},
		"an Allow, key set":                    {policy.Policies{Identity: identity(insiders)}, ours, policy.Allowed},
		"an Allow, and it is known to be gone": {policy.Policies{Identity: identity(insiders)}, missing, policy.ImplicitDenyIdentity},
		"an Allow beside one that is certain":  {policy.Policies{Identity: append(identity(insiders), mayGet...)}, nil, policy.Allowed},
		"an Allow within the boundary":         {policy.Policies{Identity: mayGet, Boundary: doc(insiders)}, nil, policy.Unknown},
		"whether it is there":                  {policy.Policies{Identity: mayGet, Resource: doc(conditional(denying(policy.Anyone(), "s3:*"), "Null", organization, "true"))}, nil, policy.Unknown},
		"if it is there":                       {policy.Policies{Identity: mayGet, Resource: doc(conditional(denying(policy.Anyone(), "s3:*"), "StringNotEqualsIfExists", organization, "o-ours"))}, nil, policy.Unknown},
		"a Deny of a canonical user":           {policy.Policies{Identity: mayGet, Resource: doc(denying(&policy.Principal{CanonicalUser: policy.Values{"79a5"}}, "s3:*"))}, nil, policy.Unknown},
		"a Deny of the caller beside one":      {policy.Policies{Identity: mayGet, Resource: doc(denying(&policy.Principal{AWS: policy.Values{"*"}, CanonicalUser: policy.Values{"79a5"}}, "s3:*"))}, nil, policy.ExplicitDeny},
		"a Deny of one for another action":     {policy.Policies{Identity: mayGet, Resource: doc(denying(&policy.Principal{CanonicalUser: policy.Values{"79a5"}}, "s3:PutObject"))}, nil, policy.Allowed},
		"an Allow of a canonical user":         {policy.Policies{Identity: mayList, Resource: doc(allowing(&policy.Principal{CanonicalUser: policy.Values{"79a5"}}, "s3:*"))}, nil, policy.ImplicitDenyIdentity},
		"what follows from the caller":         {policy.Policies{Identity: mayGet, Resource: doc(conditional(denying(policy.Anyone(), "s3:*"), "StringNotEquals", "aws:PrincipalAccount", account1))}, nil, policy.Allowed},
		"what the caller cannot have":          {policy.Policies{Identity: mayGet, Resource: doc(conditional(denying(policy.Anyone(), "s3:*"), "StringNotEquals", "aws:PrincipalServiceName", "ec2.amazonaws.com"))}, nil, policy.ExplicitDeny},
		"a variable in a condition":            {policy.Policies{Identity: mayGet, Resource: doc(conditional(denying(policy.Anyone(), "s3:*"), "StringNotEquals", "aws:PrincipalAccount", "${aws:PrincipalTag/account}"))}, nil, policy.Unknown},
		"a variable in a resource":             {policy.Policies{Identity: identity(folder)}, nil, policy.Unknown},
		"a variable that is set":               {policy.Policies{Identity: identity(folder)}, map[string][]string{"aws:PrincipalTag/team": {"sales"}}, policy.ImplicitDenyIdentity},
		"a variable known to be gone":          {policy.Policies{Identity: identity(folder)}, map[string][]string{"aws:PrincipalTag/team": nil}, policy.Allowed},
		"a variable in what is left out":       {policy.Policies{Identity: mayGet, Resource: doc(exceptFolder)}, nil, policy.Unknown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := policy.Evaluate(tt.policies, open(get(userARN), tt.context))
			assert.Equal(t, tt.want, d.Reason, d)
			assert.Equal(t, tt.want == policy.Allowed, d.Allowed)
		})
	}
}

func TestOpenRequestsOfUnknownOwnersHangOnTheOwner(t *testing.T) {
	t.Parallel()
	r := open(get(userARN), nil)
	r.ResourceAccount = ""
	strangers := conditional(denying(policy.Anyone(), "s3:*"), "StringNotEquals", "aws:ResourceAccount", account1)
	assert.Equal(t, policy.Unknown, policy.Evaluate(policy.Policies{Identity: mayGet, Resource: doc(strangers)}, r).Reason)
}

func TestUndecidedNamesStatementAndKeys(t *testing.T) {
	t.Parallel()
	ours := named("Ours", denying(policy.Anyone(), "s3:*"))
	ours.Condition = policy.Conditions{
		"StringNotEquals": {"aws:PrincipalOrgID": {"${aws:PrincipalTag/org}"}},
		"Bool":            {"aws:PrincipalIsAWSService": {"false"}},
	}
	p := policy.Policies{Identity: mayGet, Resource: doc(allowing(policy.Anyone(), "s3:PutObject"), ours)}
	d := policy.Evaluate(p, open(get(userARN), nil))
	assert.Equal(t, []string{"aws:PrincipalOrgID", "aws:PrincipalTag/org"}, d.MissingKeys)
	assert.Same(t, &p.Resource.Statement[1], d.Statement)
	assert.Equal(t, "depends on Statement[1] (Ours) of the resource policy, which tests aws:PrincipalOrgID and aws:PrincipalTag/org", d.String())
	assert.Empty(t, d.Grants())
}

// What is decided of an open request holds whatever the rest of it turns out to be; and what is not, names what it
// depends on.
func TestPropertyWhatIsDecidedOfAnOpenRequestHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, r := genPolicies(t), genRequest(t)
		delete(r.Context, "aws:PrincipalArn") // follows from the caller, and stays what it is
		r.Incomplete = true
		decided := policy.Evaluate(p, r)
		if decided.Reason == policy.Unknown {
			assert.NotEmpty(t, decided.MissingKeys)
			assert.NotNil(t, decided.Statement)
			assert.False(t, decided.Allowed)
			return
		}
		set := maps.Clone(r.Context)
		for _, key := range append([]string{"aws:PrincipalTag/team"}, keys...) {
			if _, known := set[key]; !known && key != "aws:PrincipalArn" {
				set[key] = rapid.SliceOfN(rapid.SampledFrom(values), 0, 2).Draw(t, key)
			}
		}
		r.Context, r.Incomplete = set, false
		full := policy.Evaluate(p, r)
		assert.Equal(t, decided.Allowed, full.Allowed, "incomplete: %s; complete: %s", decided, full)
	})
}

// A request to which nothing is left untold is decided, as a closed one is.
func TestPropertyOpenMakesNoDifferenceWhereAllIsTold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, r := genPolicies(t), genRequest(t)
		closed := policy.Evaluate(p, r)
		for _, key := range append([]string{"aws:PrincipalTag/team"}, keys...) {
			if _, set := r.Context[key]; !set {
				r.Context[key] = nil
			}
		}
		r.Incomplete = true
		d := policy.Evaluate(p, r)
		assert.Equal(t, closed.Allowed, d.Allowed, "closed: %s; open: %s", closed, d)
		assert.NotEqual(t, policy.Unknown, d.Reason)
	})
}
