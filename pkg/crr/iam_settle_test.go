package crr

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPreviousState_KnowsWhatIAMHasToMakeKnown(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:iam::111111111111:role/data-role-1"
	policy := rolePolicy{typ: inlinePolicyType, name: "data-role-policy"}
	const document = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:ReplicateObject"],"Resource":["arn:aws:s3:::a/*"]}]}`
	const asStored = `{"Statement":[{"Action":"s3:ReplicateObject","Effect":"Allow","Resource":"arn:aws:s3:::a/*"}],"Version":"2012-10-17"}`
	const before = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:ReplicateObject"],"Resource":["arn:aws:s3:::b/*"]}]}`
	left := func(arn, policy string) *previousState {
		return &previousState{byType: map[string][]previousResource{
			roleType:         {{name: "data-role", outputs: map[string]any{"arn": arn}}},
			inlinePolicyType: {{name: "data-role-policy", outputs: map[string]any{"policy": policy}}},
		}}
	}
	for _, test := range []struct {
		name         string
		state        *previousState
		role, policy bool
	}{
		{"a first deployment", &previousState{}, false, false},
		{"nothing changed", left(arn, document), true, true},
		{"the document is stored in another order", left(arn, asStored), true, true},
		{"another destination", left(arn, before), true, false},
		{"another role", left("arn:aws:iam::111111111111:role/other", document), false, true},
		{"a document that can't be read", left(arn, ""), true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.role, test.state.hasRole("data-role", arn), "role")
			assert.Equal(t, test.policy, test.state.hasPolicy(policy, document), "policy")
		})
	}
}
