package front

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
)

func TestRotationPeriodsAreRemembered(t *testing.T) {
	t.Parallel()
	rotates := true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.Header.Get("X-Amz-Target"), "GetKeyRotationStatus") && rotates:
			_, _ = io.WriteString(w, `{"KeyRotationEnabled":true}`)
		case strings.HasSuffix(r.Header.Get("X-Amz-Target"), "GetKeyRotationStatus"):
			_, _ = io.WriteString(w, `{"KeyRotationEnabled":false}`)
		}
	}))
	defer server.Close()
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	f := New(address, &faults.Set{}, slog.New(slog.DiscardHandler))
	defer f.backend.client.CloseIdleConnections()
	ask := func(operation, body string) string {
		r := httptest.NewRequest("POST", "https://kms.us-east-1.amazonaws.com/", strings.NewReader(body))
		r.Header.Set("X-Amz-Target", "TrentService."+operation)
		w := httptest.NewRecorder()
		f.ServeHTTP(w, r)
		require.Equal(t, http.StatusOK, w.Code)
		return w.Body.String()
	}
	status := func() string {
		return ask("GetKeyRotationStatus", `{"KeyId":"arn:aws:kms:us-east-1:123456789012:key/k"}`)
	}
	assert.JSONEq(t, `{"KeyRotationEnabled":true,"RotationPeriodInDays":365}`, status())
	ask("EnableKeyRotation", `{"KeyId":"k","RotationPeriodInDays":180}`)
	assert.JSONEq(t, `{"KeyRotationEnabled":true,"RotationPeriodInDays":180}`, status())
	ask("EnableKeyRotation", `{"KeyId":"k"}`)
	assert.JSONEq(t, `{"KeyRotationEnabled":true,"RotationPeriodInDays":365}`, status())
	rotates = false
	assert.JSONEq(t, `{"KeyRotationEnabled":false}`, status())
}
