package compare

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
)

// manifest describes an S3 Inventory report.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
type manifest struct {
	SourceBucket string         `json:"sourceBucket"`
	FileFormat   string         `json:"fileFormat"`
	FileSchema   string         `json:"fileSchema"`
	Files        []manifestFile `json:"files"`

	columns columns
}

type manifestFile struct {
	Key string `json:"key"`
	MD5 string `json:"MD5checksum"`
}

// mostOfAManifest in bytes: one of a report on a hundred billion objects is
// smaller.
const mostOfAManifest = 64 << 20

// ParseInventories parses name=s3://bucket/key of manifests.
func ParseInventories(texts []string) (map[string]string, error) {
	manifests := map[string]string{}
	for _, text := range texts {
		place, uri, named := strings.Cut(text, "=")
		if _, _, ok := bucketAndKey(uri); !named || place == "" || !ok {
			return nil, fmt.Errorf("--inventory %q is not a report; use NAME=s3://bucket/path/manifest.json, where NAME is source or the name of a destination", text)
		}
		if _, twice := manifests[place]; twice {
			return nil, fmt.Errorf("--inventory names %q twice; use one report per bucket", place)
		}
		manifests[place] = uri
	}
	return manifests, nil
}

// bucketAndKey takes an S3 URI apart.
func bucketAndKey(uri string) (bucket, key string, ok bool) {
	path, isS3 := strings.CutPrefix(uri, "s3://")
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key, isS3 && bucket != "" && key != ""
}

// report is an inventory of one bucket.
type report struct {
	bucket   *s3Bucket
	uri      string
	manifest manifest
}

// openReport reads the manifest of a report on a bucket. Reports are in the
// region of the bucket that they are about.
func (b *s3Bucket) openReport(ctx context.Context, uri string) (*report, error) {
	r := &report{bucket: b, uri: uri}
	_, key, _ := bucketAndKey(uri)
	body, err := r.open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, mostOfAManifest))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", uri, err)
	}
	if r.manifest, err = parseManifest(data, b.current); err != nil {
		return nil, fmt.Errorf("%s: %w", uri, err)
	}
	if r.manifest.SourceBucket != b.place.Bucket {
		return nil, fmt.Errorf("%s is a report of the bucket %s; the bucket of %s is %s", uri, r.manifest.SourceBucket, b.place.Name, b.place.Bucket)
	}
	return r, nil
}

// open reads an object of the bucket that holds the report.
func (r *report) open(ctx context.Context, key string) (io.ReadCloser, error) {
	bucket, _, _ := bucketAndKey(r.uri)
	answer, err := r.bucket.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		place := r.bucket.place
		place.Bucket = bucket
		return nil, live.Failed(fmt.Sprintf("reading the inventory s3://%s/%s", bucket, key), place, err)
	}
	return answer.Body, nil
}

// parseManifest checks that a report has all fields that a comparison needs, since
// missing fields can't be compared.
func parseManifest(data []byte, current bool) (manifest, error) {
	var m manifest
	if err := json.Unmarshal(data, &m); err != nil || m.SourceBucket == "" || m.FileSchema == "" {
		return manifest{}, fmt.Errorf("this is not the manifest.json of an S3 Inventory report")
	}
	if m.FileFormat != "CSV" {
		return manifest{}, fmt.Errorf("the report is in %s; configure S3 Inventory to write CSV", m.FileFormat)
	}
	names := strings.Split(m.FileSchema, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	needed := []string{"Key", "Size", "ETag", "StorageClass"}
	if !current {
		needed = append(needed, "VersionId", "IsLatest", "IsDeleteMarker")
	}
	var lacking []string
	m.columns = columns{}
	for i, name := range names {
		m.columns[name] = i
	}
	for _, name := range needed {
		if !slices.Contains(names, name) {
			lacking = append(lacking, name)
		}
	}
	if len(lacking) > 0 {
		return manifest{}, fmt.Errorf("the report lacks %s: add these optional fields to the inventory, and include all versions unless you use --current",
			strings.Join(lacking, ", "))
	}
	return m, nil
}
