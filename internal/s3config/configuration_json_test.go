package s3config_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

func TestParseConfigurationJSON_WithAndWithoutItsName(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile("testdata/get-bucket-replication.json")
	require.NoError(t, err)
	var outer map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(whole, &outer))
	first, err := s3config.ParseJSON(whole)
	require.NoError(t, err)
	second, err := s3config.ParseJSON(outer["ReplicationConfiguration"])
	require.NoError(t, err)
	assert.Equal(t, first, second)
	assert.Len(t, first.Rules, 3)
	assert.Empty(t, first.Check())
	assert.Equal(t, "class", first.Rules[1].Filter.And.Tags[0].Key)
}

func TestParseConfigurationJSON_Refuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, says string }{
		"nothing":               {"", "not the JSON of one"},
		"no JSON":               {"<xml/>", "not the JSON of one"},
		"something else":        {`{}`, "neither a Role nor Rules"},
		"another answer of AWS": {`{"Status": "Enabled"}`, `unknown field "Status"`},
		"a field S3 has not":    {`{"Role": "r", "Rules": [{"Prio": 1}]}`, `unknown field "Prio"`},
		"a number for a text":   {`{"Role": 1}`, "Role"},
		"null":                  {`null`, "neither a Role nor Rules"},
		"a list":                {`[]`, "not the JSON of one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := s3config.ParseJSON([]byte(test.text))
			require.ErrorContains(t, err, test.says)
		})
	}
}

// Whatever can be read can be asked about, and reads the same once written.
func FuzzParseJSON(f *testing.F) {
	whole, err := os.ReadFile("testdata/get-bucket-replication.json")
	require.NoError(f, err)
	f.Add(whole)
	f.Add([]byte(`{"Role":"arn:aws:iam::111111111111:role/r","Rules":[{"Status":"Enabled","Prefix":"a","Destination":{"Bucket":"arn:aws:s3:::b"}}]}`))
	f.Add([]byte(`{"Rules":[{"Filter":{"And":{"Tags":[{"Key":"a","Value":"b"},{}]}},"Destination":{}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		configuration, err := s3config.ParseJSON(data)
		if err != nil {
			return
		}
		configuration.Check()
		explainer := model.NewExplainer(configuration, model.Facts{})
		for _, event := range model.Events {
			explanation := explainer.Explain(model.Object{Key: "a/b", Tags: map[string]string{"a": "b"}, Event: event})
			for i := range explanation.Decisions {
				explanation.UnusedRules(&explanation.Decisions[i])
			}
		}
		model.Lint(model.Subject{Configuration: configuration})
		written, err := json.Marshal(configuration)
		require.NoError(t, err)
		again, err := s3config.ParseJSON(written)
		require.NoError(t, err)
		rewritten, err := json.Marshal(again)
		require.NoError(t, err)
		assert.Equal(t, string(written), string(rewritten))
	})
}
