package operator

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

func TestUnwrapped_TakesWhatTheCLIPrints(t *testing.T) {
	t.Parallel()
	const plain = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}`
	const text = `"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"`
	for name, data := range map[string]string{
		"a policy":           plain,
		"get-bucket-policy":  `{"Policy":` + text + `}`,
		"get-key-policy":     `{"Policy":` + text + `,"PolicyName":"default"}`,
		"get-role-policy":    `{"RoleName":"r","PolicyName":"p","PolicyDocument":` + plain + `}`,
		"get-policy-version": `{"PolicyVersion":{"Document":` + plain + `,"VersionId":"v1"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document, err := policy.Parse(unwrapped([]byte(data)))
			require.NoError(t, err)
			assert.Len(t, document.Statement, 1)
		})
	}
}

func TestPrintable_SpellsEscapesOut(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `\x1b[31mred"`, printable("\x1b[31mred\""))
	assert.Equal(t, "däta", printable("däta"))
}
