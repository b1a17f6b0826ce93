package front

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
)

// A failure caused by a concurrent request is retried; an invalid request is not.
func TestFailuresOfTheEmulator(t *testing.T) {
	t.Parallel()
	for failure, want := range map[string]int{
		"RuntimeError: dictionary changed size during iteration": http.StatusInternalServerError,
		"KeyError: 'Name'":           http.StatusBadRequest,
		"NotImplementedError: no":    http.StatusBadRequest,
		"JSONDecodeError: Expecting": http.StatusBadRequest,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(failureHeader, failure)
			w.WriteHeader(http.StatusInternalServerError)
		}))
		address, err := url.Parse(server.URL)
		require.NoError(t, err)
		front := New(address, &faults.Set{}, slog.New(slog.DiscardHandler))
		for _, target := range []string{"", "TrentService.ListKeys"} {
			r := httptest.NewRequest(http.MethodPost, "https://kms.us-east-1.amazonaws.com/", nil)
			r.Header.Set("X-Amz-Target", target)
			w := httptest.NewRecorder()
			front.forward(w, r, nil)
			assert.Equal(t, want, w.Code, "%s %s", target, failure)
			assert.Empty(t, w.Header().Get(failureHeader))
		}
		front.backend.client.CloseIdleConnections()
		server.Close()
	}
}
