package heartbeat

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestParse_SaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"not JSON", "heartbeats", "reading the variable CRR_CANARY"},
		{"empty", "{}", "names no source"},
		{"no heartbeat", `{"source":{"bucket":"b","region":"us-east-1"}}`, "names no heartbeat"},
		{"no wait", `{"source":{"bucket":"b","region":"us-east-1"},"heartbeats":[{}]}`, "waitSeconds must be more than zero"},
		{
			"no such destination", `{"source":{"bucket":"b","region":"us-east-1"},"heartbeats":[{"rule":"r","destination":"dr"}],"waitSeconds":1}`,
			`the rule r has no destination "dr"`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(test.text)
			assert.ErrorContains(t, err, test.want)
		})
	}
}
