package localaws

import (
	"context"
	"crypto/x509"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/front"
)

// Throw-away credentials: AWS's own example key, which opens nothing.
const (
	AccessKeyID     = "AKIAIOSFODNN7EXAMPLE"
	SecretAccessKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	defaultRegion   = "us-east-1"
)

// clientThrough returns a client that sends everything through the proxy.
// Its connections are not kept, so that nothing outlives its use.
func clientThrough(proxyURL *url.URL, pool *x509.CertPool) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = http.ProxyURL(proxyURL)
	transport.TLSClientConfig.RootCAs = pool
	transport.ForceAttemptHTTP2 = false
	return &http.Client{Transport: transport}
}

// greet asks the local AWS who calls.
func greet(ctx context.Context, client *http.Client) error {
	defer client.CloseIdleConnections()
	form := url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://sts."+defaultRegion+".amazonaws.com/", strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("asking who calls: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s/%s/sts/aws4_request, SignedHeaders=host, Signature=0",
		AccessKeyID, time.Now().UTC().Format("20060102"), defaultRegion))
	request.Header.Set(front.GreetingHeader, "true")
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("asking who calls: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // it was read as far as it matters
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
	if err != nil {
		return fmt.Errorf("asking who calls: %w", err)
	}
	var identity struct {
		Account string `xml:"GetCallerIdentityResult>Account"`
	}
	if xml.Unmarshal(body, &identity) != nil || identity.Account == "" {
		return fmt.Errorf("asking who calls: the emulator answers %s: %.200s", answer.Status, body)
	}
	return nil
}
