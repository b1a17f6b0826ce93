package localaws

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/front"
)

const defaultRegion = "us-east-1"

// access holds the access to a local AWS: the proxy's address with its password, and
// the credentials of the administrator. They change with each start.
type access struct {
	Proxy           string `json:"proxy"`
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
}

// sign signs a request as the administrator.
func (a access) sign(request *http.Request, body, service, region string) error {
	sum := sha256.Sum256([]byte(body))
	credentials := aws.Credentials{AccessKeyID: a.AccessKeyID, SecretAccessKey: a.SecretAccessKey}
	err := v4.NewSigner().SignHTTP(request.Context(), credentials, request, hex.EncodeToString(sum[:]), service, region, time.Now())
	if err != nil {
		return fmt.Errorf("signing a request: %w", err)
	}
	return nil
}

// clientThrough returns a client that sends every request through the proxy. It does
// not keep connections, so none outlives its use.
func clientThrough(proxyURL *url.URL, pool *x509.CertPool) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = http.ProxyURL(proxyURL)
	transport.TLSClientConfig.RootCAs = pool
	transport.ForceAttemptHTTP2 = false
	return &http.Client{Transport: transport}
}

// greet calls GetCallerIdentity to check that the local AWS answers.
func greet(ctx context.Context, client *http.Client, with access) error {
	defer client.CloseIdleConnections()
	form := url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://sts."+defaultRegion+".amazonaws.com/", strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("asking who calls: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set(front.GreetingHeader, "true")
	if err := with.sign(request, form.Encode(), "sts", defaultRegion); err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("asking who calls: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // the rest of the body is not needed
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
	if err != nil {
		return fmt.Errorf("asking who calls: %w", err)
	}
	var identity struct {
		Account string `xml:"GetCallerIdentityResult>Account"`
		Error   string `xml:"Error>Message"`
	}
	switch err := xml.Unmarshal(body, &identity); {
	case err == nil && identity.Error != "":
		return fmt.Errorf("asking who calls: the emulator answers %s: %s", answer.Status, identity.Error)
	case err != nil || identity.Account == "":
		return fmt.Errorf("asking who calls: the emulator answers %s: %.200s", answer.Status, body)
	}
	return nil
}
