package front

import (
	"encoding/xml"
	"net/http"
)

// unsupported are operations that moto does not have and would mistake for others:
// it handles PUT of an unknown sub-resource as CreateBucket, and DELETE as
// DeleteBucket.
var unsupported = []string{
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

// getBucketRequestPayment returns the default.
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
