package front

import (
	"net/http"
	"net/url"
)

// operation is an S3 API operation, under S3's own name, with the IAM action that it
// needs on its target. For further actions see permissions.go.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
type operation struct {
	name   string
	action string
	// versionAction replaces action if the request has a version id.
	versionAction string
}

// route identifies an operation by method and sub-resource.
type route struct {
	method      string
	subresource string
}

// parseOperation returns the operation of a request. It is the zero operation for
// unknown requests.
func parseOperation(r *http.Request, t target, query url.Values) operation {
	switch {
	case r.Method == http.MethodOptions:
		return operation{name: "PreflightRequest"} // CORS preflight needs no permission
	case t.bucket == "":
		return operation{name: "ListBuckets", action: "s3:ListAllMyBuckets"}
	case t.key == "":
		return bucketOperations[route{r.Method, subresource(query, bucketSubresources)}]
	case r.Method == http.MethodPut && r.Header.Get("X-Amz-Copy-Source") != "":
		return copyOperations[subresource(query, objectSubresources)]
	default:
		return objectOperations[route{r.Method, subresource(query, objectSubresources)}]
	}
}

// subresource returns the alphabetically first sub-resource in a query; no valid
// request has two.
func subresource(query url.Values, known map[string]bool) string {
	found := ""
	for name := range query {
		if known[name] && (found == "" || name < found) {
			found = name
		}
	}
	return found
}

var bucketOperations = map[route]operation{
	{"GET", ""}:         {name: "ListObjects", action: "s3:ListBucket"},
	{"HEAD", ""}:        {name: "HeadBucket", action: "s3:ListBucket"},
	{"PUT", ""}:         {name: "CreateBucket", action: "s3:CreateBucket"},
	{"DELETE", ""}:      {name: "DeleteBucket", action: "s3:DeleteBucket"},
	{"POST", ""}:        {name: "PostObject"},    // becomes a PutObject
	{"POST", "delete"}:  {name: "DeleteObjects"}, // authorized for each key
	{"GET", "location"}: {name: "GetBucketLocation", action: "s3:GetBucketLocation"},
	{"GET", "uploads"}:  {name: "ListMultipartUploads", action: "s3:ListBucketMultipartUploads"},
	{"GET", "versions"}: {name: "ListObjectVersions", action: "s3:ListBucketVersions"},

	{"GET", "accelerate"}: {name: "GetBucketAccelerateConfiguration", action: "s3:GetAccelerateConfiguration"},
	{"PUT", "accelerate"}: {name: "PutBucketAccelerateConfiguration", action: "s3:PutAccelerateConfiguration"},

	{"GET", "acl"}: {name: "GetBucketAcl", action: "s3:GetBucketAcl"},
	{"PUT", "acl"}: {name: "PutBucketAcl", action: "s3:PutBucketAcl"},

	{"GET", "analytics"}:    {name: "GetBucketAnalyticsConfiguration", action: "s3:GetAnalyticsConfiguration"},
	{"PUT", "analytics"}:    {name: "PutBucketAnalyticsConfiguration", action: "s3:PutAnalyticsConfiguration"},
	{"DELETE", "analytics"}: {name: "DeleteBucketAnalyticsConfiguration", action: "s3:PutAnalyticsConfiguration"},

	{"GET", "cors"}:    {name: "GetBucketCors", action: "s3:GetBucketCORS"},
	{"PUT", "cors"}:    {name: "PutBucketCors", action: "s3:PutBucketCORS"},
	{"DELETE", "cors"}: {name: "DeleteBucketCors", action: "s3:PutBucketCORS"},

	{"GET", "encryption"}:    {name: "GetBucketEncryption", action: "s3:GetEncryptionConfiguration"},
	{"PUT", "encryption"}:    {name: "PutBucketEncryption", action: "s3:PutEncryptionConfiguration"},
	{"DELETE", "encryption"}: {name: "DeleteBucketEncryption", action: "s3:PutEncryptionConfiguration"},

	{"GET", "intelligent-tiering"}:    {name: "GetBucketIntelligentTieringConfiguration", action: "s3:GetIntelligentTieringConfiguration"},
	{"PUT", "intelligent-tiering"}:    {name: "PutBucketIntelligentTieringConfiguration", action: "s3:PutIntelligentTieringConfiguration"},
	{"DELETE", "intelligent-tiering"}: {name: "DeleteBucketIntelligentTieringConfiguration", action: "s3:PutIntelligentTieringConfiguration"},

	{"GET", "inventory"}:    {name: "GetBucketInventoryConfiguration", action: "s3:GetInventoryConfiguration"},
	{"PUT", "inventory"}:    {name: "PutBucketInventoryConfiguration", action: "s3:PutInventoryConfiguration"},
	{"DELETE", "inventory"}: {name: "DeleteBucketInventoryConfiguration", action: "s3:PutInventoryConfiguration"},

	{"GET", "lifecycle"}:    {name: "GetBucketLifecycleConfiguration", action: "s3:GetLifecycleConfiguration"},
	{"PUT", "lifecycle"}:    {name: "PutBucketLifecycleConfiguration", action: "s3:PutLifecycleConfiguration"},
	{"DELETE", "lifecycle"}: {name: "DeleteBucketLifecycle", action: "s3:PutLifecycleConfiguration"},

	{"GET", "logging"}: {name: "GetBucketLogging", action: "s3:GetBucketLogging"},
	{"PUT", "logging"}: {name: "PutBucketLogging", action: "s3:PutBucketLogging"},

	{"GET", "metrics"}:    {name: "GetBucketMetricsConfiguration", action: "s3:GetMetricsConfiguration"},
	{"PUT", "metrics"}:    {name: "PutBucketMetricsConfiguration", action: "s3:PutMetricsConfiguration"},
	{"DELETE", "metrics"}: {name: "DeleteBucketMetricsConfiguration", action: "s3:PutMetricsConfiguration"},

	{"GET", "notification"}: {name: "GetBucketNotificationConfiguration", action: "s3:GetBucketNotification"},
	{"PUT", "notification"}: {name: "PutBucketNotificationConfiguration", action: "s3:PutBucketNotification"},

	{"GET", "object-lock"}: {name: "GetObjectLockConfiguration", action: "s3:GetBucketObjectLockConfiguration"},
	{"PUT", "object-lock"}: {name: "PutObjectLockConfiguration", action: "s3:PutBucketObjectLockConfiguration"},

	{"GET", "ownershipControls"}:    {name: "GetBucketOwnershipControls", action: "s3:GetBucketOwnershipControls"},
	{"PUT", "ownershipControls"}:    {name: "PutBucketOwnershipControls", action: "s3:PutBucketOwnershipControls"},
	{"DELETE", "ownershipControls"}: {name: "DeleteBucketOwnershipControls", action: "s3:PutBucketOwnershipControls"},

	{"GET", "policy"}:    {name: "GetBucketPolicy", action: "s3:GetBucketPolicy"},
	{"PUT", "policy"}:    {name: "PutBucketPolicy", action: "s3:PutBucketPolicy"},
	{"DELETE", "policy"}: {name: "DeleteBucketPolicy", action: "s3:DeleteBucketPolicy"},

	{"GET", "policyStatus"}: {name: "GetBucketPolicyStatus", action: "s3:GetBucketPolicyStatus"},

	{"GET", "publicAccessBlock"}:    {name: "GetPublicAccessBlock", action: "s3:GetBucketPublicAccessBlock"},
	{"PUT", "publicAccessBlock"}:    {name: "PutPublicAccessBlock", action: "s3:PutBucketPublicAccessBlock"},
	{"DELETE", "publicAccessBlock"}: {name: "DeletePublicAccessBlock", action: "s3:PutBucketPublicAccessBlock"},

	{"GET", "replication"}:    {name: "GetBucketReplication", action: "s3:GetReplicationConfiguration"},
	{"PUT", "replication"}:    {name: "PutBucketReplication", action: "s3:PutReplicationConfiguration"},
	{"DELETE", "replication"}: {name: "DeleteBucketReplication", action: "s3:PutReplicationConfiguration"},

	{"GET", "requestPayment"}: {name: "GetBucketRequestPayment", action: "s3:GetBucketRequestPayment"},
	{"PUT", "requestPayment"}: {name: "PutBucketRequestPayment", action: "s3:PutBucketRequestPayment"},

	{"GET", "tagging"}:    {name: "GetBucketTagging", action: "s3:GetBucketTagging"},
	{"PUT", "tagging"}:    {name: "PutBucketTagging", action: "s3:PutBucketTagging"},
	{"DELETE", "tagging"}: {name: "DeleteBucketTagging", action: "s3:PutBucketTagging"},

	{"GET", "versioning"}: {name: "GetBucketVersioning", action: "s3:GetBucketVersioning"},
	{"PUT", "versioning"}: {name: "PutBucketVersioning", action: "s3:PutBucketVersioning"},

	{"GET", "website"}:    {name: "GetBucketWebsite", action: "s3:GetBucketWebsite"},
	{"PUT", "website"}:    {name: "PutBucketWebsite", action: "s3:PutBucketWebsite"},
	{"DELETE", "website"}: {name: "DeleteBucketWebsite", action: "s3:DeleteBucketWebsite"},
}

var objectOperations = map[route]operation{
	{"GET", ""}:    {"GetObject", "s3:GetObject", "s3:GetObjectVersion"},
	{"HEAD", ""}:   {"HeadObject", "s3:GetObject", "s3:GetObjectVersion"},
	{"PUT", ""}:    {name: "PutObject", action: "s3:PutObject"},
	{"DELETE", ""}: {"DeleteObject", "s3:DeleteObject", "s3:DeleteObjectVersion"},

	{"POST", "uploads"}:    {name: "CreateMultipartUpload", action: "s3:PutObject"},
	{"PUT", "uploadId"}:    {name: "UploadPart", action: "s3:PutObject"},
	{"POST", "uploadId"}:   {name: "CompleteMultipartUpload", action: "s3:PutObject"},
	{"DELETE", "uploadId"}: {name: "AbortMultipartUpload", action: "s3:AbortMultipartUpload"},
	{"GET", "uploadId"}:    {name: "ListParts", action: "s3:ListMultipartUploadParts"},

	{"GET", "acl"}:        {"GetObjectAcl", "s3:GetObjectAcl", "s3:GetObjectVersionAcl"},
	{"PUT", "acl"}:        {"PutObjectAcl", "s3:PutObjectAcl", "s3:PutObjectVersionAcl"},
	{"GET", "attributes"}: {"GetObjectAttributes", "s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"},
	{"GET", "legal-hold"}: {name: "GetObjectLegalHold", action: "s3:GetObjectLegalHold"},
	{"PUT", "legal-hold"}: {name: "PutObjectLegalHold", action: "s3:PutObjectLegalHold"},
	{"POST", "restore"}:   {name: "RestoreObject", action: "s3:RestoreObject"},
	{"GET", "retention"}:  {name: "GetObjectRetention", action: "s3:GetObjectRetention"},
	{"PUT", "retention"}:  {name: "PutObjectRetention", action: "s3:PutObjectRetention"},
	{"POST", "select"}:    {name: "SelectObjectContent", action: "s3:GetObject"},
	{"GET", "tagging"}:    {"GetObjectTagging", "s3:GetObjectTagging", "s3:GetObjectVersionTagging"},
	{"PUT", "tagging"}:    {"PutObjectTagging", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"},
	{"DELETE", "tagging"}: {"DeleteObjectTagging", "s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"},
	{"GET", "torrent"}:    {name: "GetObjectTorrent", action: "s3:GetObjectTorrent"},
}

// copyOperations are the uploads that copy another object, by sub-resource.
var copyOperations = map[string]operation{
	"":         {name: "CopyObject", action: "s3:PutObject"},
	"uploadId": {name: "UploadPartCopy", action: "s3:PutObject"},
}

var (
	bucketSubresources = subresourcesOf(bucketOperations)
	objectSubresources = subresourcesOf(objectOperations)
)

func subresourcesOf(operations map[route]operation) map[string]bool {
	names := map[string]bool{}
	for route := range operations {
		if route.subresource != "" {
			names[route.subresource] = true
		}
	}
	return names
}
