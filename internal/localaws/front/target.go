package front

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
)

// s3Host matches the hosts of S3's REST API: path-style and virtual-hosted,
// dualstack, FIPS and accelerated. It excludes related services with hosts of their
// own: s3-control, access points, websites, tables.
// https://docs.aws.amazon.com/general/latest/gr/s3.html
var s3Host = regexp.MustCompile(`^(?:(?P<bucket>.+)\.)?` +
	`s3(?:-fips|-accelerate|-external-1)?(?:\.dualstack)?(?:[.-](?P<region>[a-z]{2}(?:-[a-z]+)+-\d+))?` +
	`\.(?:amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|api\.aws|api\.amazonwebservices\.com\.cn)$`)

// target is the bucket and object of an S3 request. The bucket is empty for requests
// without a bucket, the key for those without an object.
type target struct {
	region string // if the host contains it
	bucket string
	key    string
}

// parseTarget returns the target of a request, and reports whether the request is
// for S3.
func parseTarget(r *http.Request) (target, bool) {
	match := s3Host.FindStringSubmatch(proxy.Hostname(r.Host))
	if match == nil {
		return target{}, false
	}
	t := target{bucket: match[s3Host.SubexpIndex("bucket")], region: match[s3Host.SubexpIndex("region")]}
	path := strings.TrimPrefix(r.URL.Path, "/")
	if t.bucket != "" {
		t.key = path
		return t, true
	}
	t.bucket, t.key, _ = strings.Cut(path, "/")
	return t, true
}

func (t target) bucketARN() string { return "arn:" + t.partition() + ":s3:::" + t.bucket }

func (t target) resourceARN() string {
	if t.key == "" {
		return t.bucketARN()
	}
	return t.bucketARN() + "/" + t.key
}

func (t target) partition() string {
	switch {
	case strings.HasPrefix(t.region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(t.region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}

// parseCopySource parses the x-amz-copy-source header: "/bucket/key?versionId=...",
// percent-encoded.
func parseCopySource(header string) (source target, version string, ok bool) {
	path, query, _ := strings.Cut(header, "?")
	path, err := url.PathUnescape(strings.TrimPrefix(path, "/"))
	if err != nil {
		return target{}, "", false
	}
	bucket, key, found := strings.Cut(path, "/")
	if values, err := url.ParseQuery(query); err == nil {
		version = values.Get("versionId")
	}
	return target{bucket: bucket, key: key}, version, found && key != ""
}
