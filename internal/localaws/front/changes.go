package front

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
)

// counting wraps an amendment so that caches of everything but objects are
// invalidated before the client gets the response.
func (f *Front) counting(amend amendment) amendment {
	return func(answer *http.Response) error {
		f.generation.count.Add(1)
		if amend == nil {
			return nil
		}
		return amend(answer)
	}
}

// configures reports whether a call writes anything but objects.
func (c *call) configures() bool {
	return c.key == "" && c.request.Method != http.MethodGet && c.request.Method != http.MethodHead &&
		c.operation.name != "DeleteObjects"
}

// harmless are the prefixes of APIs of IAM and KMS that change nothing.
var harmless = []string{"Get", "List", "Describe", "Simulate", "Encrypt", "Decrypt", "GenerateDataKey", "ReEncrypt"}

// governs reports whether a request to a service other than S3 may change
// permissions or keys.
func governs(r *http.Request) (bool, error) {
	host := proxy.Hostname(r.Host)
	if !strings.HasPrefix(host, "iam.") && !strings.HasPrefix(host, "kms.") {
		return false, nil
	}
	api, err := apiOf(r)
	return !hasHarmlessName(api), err
}

func hasHarmlessName(api string) bool {
	return slices.ContainsFunc(harmless, func(beginning string) bool { return strings.HasPrefix(api, beginning) })
}

// apiOf returns the name of the API that a request to a service other than S3 calls,
// if the request contains it.
func apiOf(r *http.Request) (string, error) {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndex(target, ".")+1:], nil
	}
	if action := r.URL.Query().Get("Action"); action != "" {
		return action, nil
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return "", nil
	}
	form, err := formOf(r)
	return form.Get("Action"), err
}

// formOf parses the body of a call in the query protocol.
func formOf(r *http.Request) (url.Values, error) {
	body, err := readRequest(r)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return url.Values{}, nil //nolint:nilerr // the service itself rejects the request
	}
	return form, nil
}
