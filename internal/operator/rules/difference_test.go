package rules_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/rules"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

func ruleOfJSON(t *testing.T, text string) *s3config.Rule {
	t.Helper()
	configuration, err := s3config.ParseJSON([]byte(`{"Role": "r", "Rules": [` + text + `]}`))
	require.NoError(t, err)
	return &configuration.Rules[0]
}

func TestDifferences_NamesFieldsThatWereChanged(t *testing.T) {
	t.Parallel()
	const deployed = `{"ID": "dr", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Disabled"},
		"Destination": {"Bucket": "arn:aws:s3:::dr", "StorageClass": "STANDARD_IA", "Metrics": {"Status": "Enabled"}}}`
	for name, c := range map[string]struct {
		found string
		want  []string
	}{
		"nothing": {deployed, nil},
		"what S3 leaves out means the same": {
			`{"ID": "dr", "Priority": 1, "Status": "Enabled", "Filter": {},
			"Destination": {"Bucket": "arn:aws:s3:::dr", "StorageClass": "STANDARD_IA", "Metrics": {"Status": "Enabled"}}}`, nil,
		},
		"a class and a priority": {
			`{"ID": "dr", "Priority": 7, "Status": "Enabled", "Filter": {"Prefix": ""},
			"Destination": {"Bucket": "arn:aws:s3:::dr", "Metrics": {"Status": "Enabled"}}}`,
			[]string{"Destination.StorageClass is nothing, was deployed as STANDARD_IA", "Priority is 7, was deployed as 1"},
		},
		"metrics switched off": {
			`{"ID": "dr", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""},
			"Destination": {"Bucket": "arn:aws:s3:::dr", "StorageClass": "STANDARD_IA", "Metrics": {"Status": "Disabled"}}}`,
			[]string{"Destination.Metrics.Status is Disabled, was deployed as Enabled"},
		},
		"disabled": {
			`{"ID": "dr", "Priority": 1, "Status": "Disabled", "Filter": {"Prefix": ""},
			"Destination": {"Bucket": "arn:aws:s3:::dr", "StorageClass": "STANDARD_IA", "Metrics": {"Status": "Enabled"}}}`,
			[]string{"Status is Disabled, was deployed as Enabled"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, rules.Differences(ruleOfJSON(t, deployed), ruleOfJSON(t, c.found)))
		})
	}
}

func TestDifferences_TagsHaveNoOrder(t *testing.T) {
	t.Parallel()
	one := ruleOfJSON(t, `{"Filter": {"And": {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}}}`)
	other := ruleOfJSON(t, `{"Filter": {"And": {"Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]}}}`)
	assert.Empty(t, rules.Differences(one, other))
}
