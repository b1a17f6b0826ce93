package front

import "net/http"

// unsupported are operations that moto does not have and would mistake for others:
// it handles PUT of an unknown sub-resource as CreateBucket, and DELETE as
// DeleteBucket.
var unsupported = []string{
	"GetBucketAnalyticsConfiguration", "PutBucketAnalyticsConfiguration", "DeleteBucketAnalyticsConfiguration",
	"GetBucketMetricsConfiguration", "PutBucketMetricsConfiguration", "DeleteBucketMetricsConfiguration",
	"GetObjectTorrent",
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
