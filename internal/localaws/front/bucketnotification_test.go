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

// The emulator drops the EventBridge configuration.
func TestNotificationsKeepEventBridge(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"written out": "<NotificationConfiguration></NotificationConfiguration>",
		"shortened":   `<?xml version="1.0" encoding="utf-8"?> <NotificationConfiguration xmlns="` + s3Namespace + `"/>` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keepsEventBridge(t, answer)
		})
	}
}

// keepsEventBridge has an emulator that answers with a configuration without targets.
func keepsEventBridge(t *testing.T, answer string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.Host, "sts."):
			_, _ = io.WriteString(w, "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::123456789012:user/moto</Arn>"+
				"<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")
		case r.Method == http.MethodGet:
			_, _ = io.WriteString(w, answer)
		}
	}))
	defer server.Close()
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	l := &lab{t: t, front: New(address, &faults.Set{}, slog.New(slog.DiscardHandler))}
	defer l.front.backend.client.CloseIdleConnections()
	const path = "/b?notification"
	l.must("PUT", path, "<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>")
	assert.Contains(t, l.must("GET", path, ""), "<EventBridgeConfiguration></EventBridgeConfiguration>")
	l.must("PUT", path, "<NotificationConfiguration></NotificationConfiguration>")
	assert.NotContains(t, l.must("GET", path, ""), "EventBridgeConfiguration")
}
