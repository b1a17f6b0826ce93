package front

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
)

func TestRedrivePoliciesHaveTheFormOfSQS(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ says, hears string }{
		"a redrive policy": {
			`{"Attributes":{"QueueArn":"q","RedrivePolicy":"{\"maxReceiveCount\": 5}"}}`, `{"Attributes":{"QueueArn":"q","RedrivePolicy":"{\"maxReceiveCount\":5}"}}`,
		},
		"none":       {`{"Attributes": {"QueueArn": "q"}}`, `{"Attributes": {"QueueArn": "q"}}`},
		"a refusal":  {`{"__type": "NonExistentQueue"}`, `{"__type": "NonExistentQueue"}`},
		"not a JSON": {`<oops>`, `<oops>`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, c.says) }))
			defer server.Close()
			address, err := url.Parse(server.URL)
			require.NoError(t, err)
			f := New(address, &faults.Set{}, slog.New(slog.DiscardHandler))
			defer f.backend.client.CloseIdleConnections()
			r := httptest.NewRequest(http.MethodPost, "https://sqs.us-east-1.amazonaws.com/", nil)
			r.Header.Set("X-Amz-Target", "AmazonSQS.GetQueueAttributes")
			w := httptest.NewRecorder()
			f.ServeHTTP(w, r)
			assert.Equal(t, c.hears, w.Body.String())
		})
	}
}
