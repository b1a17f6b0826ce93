package front

import (
	"encoding/xml"
	"net/http"
	"strings"
)

// requestPayment says who pays for requests to a bucket.
type requestPayment struct {
	XMLName xml.Name `xml:"RequestPaymentConfiguration"`
	Payer   string
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketRequestPayment.html
func (f *Front) getBucketRequestPayment(w http.ResponseWriter, c *call) error {
	if err := f.mustExist(c, c.bucket); err != nil {
		return err
	}
	answer := requestPayment{xml.Name{Space: s3Namespace, Local: "RequestPaymentConfiguration"}, "BucketOwner"}
	if f.buckets.get(c.bucket).requesterPays {
		answer.Payer = "Requester"
	}
	identify(w)
	writeXML(w, http.StatusOK, answer)
	return nil
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketRequestPayment.html
func (f *Front) putBucketRequestPayment(w http.ResponseWriter, c *call) error {
	if err := f.mustExist(c, c.bucket); err != nil {
		return err
	}
	body, err := c.readBody()
	if err != nil {
		return err
	}
	var wanted requestPayment
	if err := xml.Unmarshal(body, &wanted); err != nil || wanted.Payer != "BucketOwner" && wanted.Payer != "Requester" {
		return errMalformedXML
	}
	f.buckets.update(c.bucket, func(b *bucket) { b.requesterPays = wanted.Payer == "Requester" })
	identify(w)
	w.WriteHeader(http.StatusOK)
	return nil
}

// checkPayer refuses callers of other accounts that want objects of a bucket with
// Requester Pays, or lists of them, and don't say that they pay.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html
func (f *Front) checkPayer(c *call) error {
	pays := c.said("x-amz-request-payer") == "requester" && !c.caller.anonymous()
	source, _, _ := parseCopySource(c.request.Header.Get("X-Amz-Copy-Source"))
	asked := []string{source.bucket}
	if c.key != "" || strings.HasPrefix(c.operation.name, "ListObject") {
		asked = append(asked, c.bucket)
	}
	for _, name := range asked {
		if at := f.buckets.get(name); at.requesterPays && at.owner != c.caller.account && !pays {
			return accessDenied("Access Denied")
		}
	}
	return nil
}
