package s3config_test

import (
	"encoding/json"
	"encoding/xml"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

func TestParseConfigurationXML_ReadsWhatItWrites(t *testing.T) {
	t.Parallel()
	data, err := xml.Marshal(whole(t))
	require.NoError(t, err)
	read, err := s3config.ParseXML(data)
	require.NoError(t, err)
	assert.Equal(t, asJSON(t, whole(t)), asJSON(t, read))
}

func TestParseConfigurationXML_TellsAnEmptyFilterFromNone(t *testing.T) {
	t.Parallel()
	const document = `<ReplicationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule><Filter></Filter></Rule><Rule></Rule></ReplicationConfiguration>`
	configuration, err := s3config.ParseXML([]byte(document))
	require.NoError(t, err)
	require.Len(t, configuration.Rules, 2)
	assert.NotNil(t, configuration.Rules[0].Filter, "an empty filter is the whole bucket")
	assert.Nil(t, configuration.Rules[1].Filter, "no filter is the first version of the schema")
}

func TestParseConfigurationXML_TakesWhatMayFollowADocument(t *testing.T) {
	t.Parallel()
	for _, after := range []string{"\n", "\r\n\t ", "<!-- printed by a tool -->\n", "<?tool done?>"} {
		configuration, err := s3config.ParseXML([]byte("<ReplicationConfiguration><Role>r</Role></ReplicationConfiguration>" + after))
		require.NoError(t, err, "%q", after)
		assert.Equal(t, "r", configuration.Role)
	}
}

func TestParseConfigurationXML_RefusesWhatIsNotADocument(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "<", "<Other/>", "<ReplicationConfiguration/><More/>", "<ReplicationConfiguration/> more", "<ReplicationConfiguration/><", `{"Role":""}`} {
		_, err := s3config.ParseXML([]byte(text))
		assert.ErrorContains(t, err, "reading a replication configuration", text)
	}
}

func FuzzParseXML(f *testing.F) {
	data, err := xml.Marshal(whole(f))
	require.NoError(f, err)
	f.Add(data)
	f.Add([]byte(`<ReplicationConfiguration><Rule><Filter><And><Tag/></And></Filter></Rule></ReplicationConfiguration>`))
	f.Fuzz(func(_ *testing.T, data []byte) {
		configuration, err := s3config.ParseXML(data)
		if err == nil {
			configuration.Check()
		}
	})
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	data, err := json.MarshalIndent(value, "", "  ")
	require.NoError(t, err)
	return string(data)
}
