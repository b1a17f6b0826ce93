package front

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRequesterPays(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	people(l)
	l.must("PUT", "/b", "")
	l.must("PUT", "/b?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":["s3:GetObject","s3:ListBucket"],`+
		`"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}]}`)
	assert.Contains(t, l.must("GET", "/b?requestPayment", ""), "<Payer>BucketOwner</Payer>")
	l.must("GET", "/b/k", "", as("ASIAOTHER"))

	l.refused(400, "MalformedXML", "", "PUT", "/b?requestPayment", `<RequestPaymentConfiguration><Payer>Nobody</Payer></RequestPaymentConfiguration>`)
	l.must("PUT", "/b?requestPayment", `<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>`)
	assert.Contains(t, l.must("GET", "/b?requestPayment", ""), "<Payer>Requester</Payer>")
	for _, path := range []string{"/b/k", "/b?list-type=2"} {
		l.must("GET", path, "", as("ASIAOTHER"), func(r *http.Request) { r.Header.Set("X-Amz-Request-Payer", "requester") })
		l.refused(403, "AccessDenied", "", "GET", path, "", as("ASIAOTHER"))
		l.must("GET", path, "")
	}
	l.must("PUT", "/b?requestPayment", `<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>`)
	l.must("GET", "/b/k", "", as("ASIAOTHER"))
}
