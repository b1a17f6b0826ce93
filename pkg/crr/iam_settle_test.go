package crr

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPreviousState_KnowsWhichGrantsAreNew(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:iam::111111111111:role/data-role-1"
	const function = "arn:aws:lambda:us-east-1:111111111111:function:notify"
	const document = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:ReplicateObject"],"Resource":["arn:aws:s3:::a/*"]}]}`
	const asStored = `{"Statement":[{"Action":"s3:ReplicateObject","Effect":"Allow","Resource":"arn:aws:s3:::a/*"}],"Version":"2012-10-17"}`
	const before = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:ReplicateObject"],"Resource":["arn:aws:s3:::b/*"]}]}`
	role := grant{typ: roleType, name: "r", output: "arn"}
	inline := grant{typ: inlinePolicyType, name: "r", output: policyOutput}
	queue := grant{typ: queuePolicyType, name: "r", output: policyOutput}
	permission := grant{typ: permissionType, name: "r", output: "function"}
	for _, test := range []struct {
		name   string
		wanted grant
		value  string
		left   string // "": nothing
		has    bool
	}{
		{"a role of a first deployment", role, arn, "", false},
		{"the same role", role, arn, arn, true},
		{"another role", role, arn, "arn:aws:iam::111111111111:role/other", false},
		{"a policy of a first deployment", inline, document, "", false},
		{"the same policy", inline, document, document, true},
		{"a policy that is stored in another order", inline, document, asStored, true},
		{"a policy for another destination", inline, document, before, false},
		{"a policy that can't be read", inline, document, "{", false},
		{"a queue's policy of a first deployment", queue, document, "", false},
		{"a queue's policy that is stored in another order", queue, document, asStored, true},
		{"a queue's policy for another bucket", queue, document, before, false},
		{"a permission of a first deployment", permission, function, "", false},
		{"the same permission", permission, function, function, true},
		{"a permission for another function", permission, function, function + "2", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			state := &previousState{byType: map[string][]previousResource{}}
			if test.left != "" {
				state.byType[test.wanted.typ] = []previousResource{{name: "r", outputs: map[string]any{test.wanted.output: test.left}}}
			}
			assert.Equal(t, test.has, state.has(test.wanted, test.value))
		})
	}
}
