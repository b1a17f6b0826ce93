package front

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The emulator identifies trails only by name, and ignores deletions by ARN.
func TestTrailsMayBeCalledByTheirARN(t *testing.T) {
	t.Parallel()
	const arn = `{"Name":"arn:aws:cloudtrail:us-east-1:123456789012:trail/mine"}`
	for _, c := range []struct{ target, body, want string }{
		{"com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.StartLogging", arn, `{"Name":"mine"}`},
		{"CloudTrail_20131101.StopLogging", arn, `{"Name":"mine"}`},
		{"CloudTrail_20131101.DeleteTrail", arn, `{"Name":"mine"}`},
		{"CloudTrail_20131101.DeleteTrail", `{"Name":"mine"}`, `{"Name":"mine"}`},
		{"CloudTrail_20131101.DeleteTrail", `{`, `{`},
		{"CloudTrail_20131101.GetTrail", arn, arn},
		{"TrentService.DescribeKey", arn, arn},
	} {
		r := httptest.NewRequest(http.MethodPost, "https://cloudtrail.us-east-1.amazonaws.com/", strings.NewReader(c.body))
		r.Header.Set("X-Amz-Target", c.target)
		require.NoError(t, nameTrail(r))
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		assert.Equal(t, c.want, string(body), c.target)
	}
}
