package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

func named(sid string, s policy.Statement) policy.Statement {
	s.Sid = sid
	return s
}

func TestDecisionReads(t *testing.T) {
	t.Parallel()
	resource := doc(allowing(policy.AWS(userARN), "s3:PutObject"), named("Read", allowing(policy.AWS(foreignRole), "s3:GetObject")),
		named("DenyOldTls", denying(policy.Anyone(), "s3:DeleteObject")))
	with := func(principal, action string) policy.Request {
		r := get(principal)
		r.Action = action
		return r
	}
	tests := map[string]struct {
		policies policy.Policies
		request  policy.Request
		want     string
	}{
		"allowed by identity":         {policy.Policies{Identity: append(mayList[:1:1], mayGet...)}, get(userARN), "allowed by Statement[0] of identity policy 1"},
		"allowed within the boundary": {policy.Policies{Identity: mayGet, Boundary: getOnly}, get(userARN), "allowed by Statement[0] of identity policy 0 and Statement[0] of the permissions boundary"},
		"allowed by both sides":       {policy.Policies{Identity: mayGet, Resource: resource}, get(foreignSession), "allowed by Statement[0] of identity policy 0 and Statement[1] (Read) of the resource policy"},
		"allowed as root":             {policy.Policies{}, get(root1), "allowed: the caller is the root user of the account"},
		"denied explicitly":           {policy.Policies{Resource: resource}, with(userARN, "s3:DeleteObject"), "denied by Statement[2] (DenyOldTls) of the resource policy"},
		"denied, one side":            {policy.Policies{Identity: mayList}, get(userARN), "denied: no statement of the identity policies allows it"},
		"denied, either side":         {policy.Policies{Identity: mayList, Resource: resource}, get(userARN), "denied: no statement of the identity policies or the resource policy allows it"},
		"denied by boundary":          {policy.Policies{Identity: mayGet, Boundary: listOnly}, get(userARN), "denied: no statement of the permissions boundary allows it"},
		"denied by key":               {policy.Policies{Identity: mayGet, KeyPolicy: true}, get(userARN), "denied: no statement of the key policy allows it"},
		"denied by trust":             {policy.Policies{}, with("s3.amazonaws.com", "sts:AssumeRole"), "denied: no statement of the trust policy allows it"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, policy.Evaluate(tt.policies, tt.request).String())
		})
	}
}

func TestDecisionPointsAtItsStatements(t *testing.T) {
	t.Parallel()
	p := policy.Policies{Identity: append(mayList[:1:1], mayGet...), Boundary: getOnly, Resource: grantedTo(foreignRole)}
	d := policy.Evaluate(p, get(foreignSession))
	assert.Equal(t, "identity policy 1", d.Policy)
	assert.Same(t, &p.Identity[1].Statement[0], d.Statement)
	assert.Equal(t, []policy.Match{
		{Policy: "identity policy 1", Index: 0, Statement: &p.Identity[1].Statement[0]},
		{Policy: "permissions boundary", Index: 0, Statement: &p.Boundary.Statement[0]},
		{Policy: "resource policy", Index: 0, Statement: &p.Resource.Statement[0]},
	}, d.Grants())

	denied := policy.Evaluate(policy.Policies{}, get(userARN))
	assert.Equal(t, -1, denied.Index)
	assert.Nil(t, denied.Statement)
	assert.Empty(t, denied.Grants())
	assert.Equal(t, "no statement", denied.Match.String())
}
