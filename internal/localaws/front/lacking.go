package front

import (
	"encoding/xml"
	"net/http"
)

// lacking are operations that moto does not have and would take for others: a
// PUT of an unknown sub-resource for the creation of a bucket, and a DELETE
// for its end.
var lacking = []string{
	"GetBucketAnalyticsConfiguration", "PutBucketAnalyticsConfiguration", "DeleteBucketAnalyticsConfiguration",
	"GetBucketMetricsConfiguration", "PutBucketMetricsConfiguration", "DeleteBucketMetricsConfiguration",
	"PutBucketRequestPayment", "GetObjectTorrent",
}

func notImplemented(_ http.ResponseWriter, c *call) error {
	return &fault{
		http.StatusNotImplemented, "NotImplemented",
		"A header you provided implies functionality that is not implemented (the local AWS has no " + c.operation.name + ")",
	}
}

func methodNotAllowed(http.ResponseWriter, *call) error {
	return &fault{http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource."}
}

// getBucketRequestPayment answers what holds where nobody changed it.
func (f *Front) getBucketRequestPayment(w http.ResponseWriter, c *call) error {
	if err := f.mustExist(c, c.bucket); err != nil {
		return err
	}
	identify(w)
	writeXML(w, http.StatusOK, struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ RequestPaymentConfiguration"`
		Payer   string
	}{Payer: "BucketOwner"})
	return nil
}
