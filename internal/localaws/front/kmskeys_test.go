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

// The emulator fails when it disables a key given by ARN.
func TestKeysMayBeCalledByTheirARN(t *testing.T) {
	t.Parallel()
	const arn = `{"KeyId":"arn:aws:kms:us-east-1:123456789012:key/k","PendingWindowInDays":7}`
	const id = `{"KeyId":"k","PendingWindowInDays":7}`
	for _, c := range []struct{ target, body, want string }{
		{"TrentService.DisableKey", arn, id},
		{"TrentService.EnableKey", arn, id},
		{"TrentService.ScheduleKeyDeletion", arn, id},
		{"TrentService.CancelKeyDeletion", arn, id},
		{"TrentService.DisableKey", id, id},
		{"TrentService.DisableKey", `{`, `{`},
		{"TrentService.DisableKey", `{"KeyId":1}`, `{"KeyId":1}`},
		{"TrentService.DescribeKey", arn, arn},
		{"Other.DisableKey", arn, arn},
	} {
		r := httptest.NewRequest(http.MethodPost, "https://kms.us-east-1.amazonaws.com/", strings.NewReader(c.body))
		r.Header.Set("X-Amz-Target", c.target)
		require.NoError(t, nameKey(r))
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		assert.Equal(t, c.want, string(body), c.target)
	}
}
