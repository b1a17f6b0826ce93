package front

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
)

// credential is the signer that a request claims. The zero value is that of an
// anonymous request.
type credential struct {
	accessKey string
	authType  string // REST-HEADER, REST-QUERY-STRING or POST
	signature string // AWS4-HMAC-SHA256, or AWS for version 2
}

var credentialScope = regexp.MustCompile(`Credential=([^/,\s]+)/`)

// parseCredential parses the signature of a request, in its header or query.
// [Front.Check] enables its verification.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
func parseCredential(r *http.Request, query url.Values) credential {
	header := r.Header.Get("Authorization")
	scheme, rest, _ := strings.Cut(header, " ")
	if match := credentialScope.FindStringSubmatch(rest); match != nil {
		return credential{match[1], "REST-HEADER", scheme}
	}
	if accessKey, _, ok := strings.Cut(rest, ":"); ok && scheme == "AWS" {
		return credential{accessKey, "REST-HEADER", scheme}
	}
	if accessKey, _, ok := strings.Cut(query.Get("X-Amz-Credential"), "/"); ok {
		return credential{accessKey, "REST-QUERY-STRING", query.Get("X-Amz-Algorithm")}
	}
	if accessKey := query.Get("AWSAccessKeyId"); accessKey != "" {
		return credential{accessKey, "REST-QUERY-STRING", "AWS"}
	}
	return credential{}
}

// caller is the identity that makes a request.
type caller struct {
	credential
	arn     string
	account string
	userID  string
}

func (c caller) anonymous() bool { return c.accessKey == "" }

// callers maps access keys to their principals, as reported by the emulator. A key
// that the emulator doesn't know belongs to an administrator of its account.
type callers struct {
	backend *backend

	mu    sync.Mutex
	known map[string]caller
}

func newCallers(b *backend) *callers {
	return &callers{backend: b, known: map[string]caller{}}
}

// of returns the caller with a credential. Each access key is looked up once,
// because its owner never changes.
func (c *callers) of(ctx context.Context, signed credential) (caller, error) {
	if signed.accessKey == "" {
		return caller{}, nil
	}
	c.mu.Lock()
	found, ok := c.known[signed.accessKey]
	c.mu.Unlock()
	if !ok {
		var err error
		if found, err = c.lookUp(ctx, signed.accessKey); err != nil {
			return caller{}, err
		}
		c.mu.Lock()
		c.known[signed.accessKey] = found
		c.mu.Unlock()
	}
	found.credential = signed
	return found, nil
}

func (c *callers) lookUp(ctx context.Context, accessKey string) (caller, error) {
	status, body, err := c.backend.ask(ctx, emulator.Question{
		Method: http.MethodPost, Host: "sts.us-east-1.amazonaws.com", Path: "/",
		Service: "sts", Region: "us-east-1", AccessKey: accessKey,
		Form: url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}},
	})
	if err != nil {
		return caller{}, fmt.Errorf("looking up who calls: %w", err)
	}
	var answer struct {
		Arn     string `xml:"GetCallerIdentityResult>Arn"`
		Account string `xml:"GetCallerIdentityResult>Account"`
		UserID  string `xml:"GetCallerIdentityResult>UserId"`
	}
	if err := xml.Unmarshal(body, &answer); err != nil || status != http.StatusOK || answer.Arn == "" {
		return caller{}, fmt.Errorf("looking up who calls: the emulator's STS answers %d: %.200s", status, body)
	}
	return caller{arn: userARN(answer.Arn), account: answer.Account, userID: answer.UserID}, nil
}

// administers reports whether the caller is the administrator of an account, which
// is the emulator's identity for unknown access keys.
func (c caller) administers(account string) bool {
	unnamed := strings.HasSuffix(c.arn, ":user/moto") || strings.HasSuffix(c.arn, ":root")
	return !c.anonymous() && c.account == account && unnamed
}
