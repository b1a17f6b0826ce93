package compare

import (
	"fmt"
	"strings"
)

// ParseInventories reads place=s3://bucket/key of manifests.
func ParseInventories(texts []string) (map[string]string, error) {
	manifests := map[string]string{}
	for _, text := range texts {
		place, url, named := strings.Cut(text, "=")
		if _, _, ok := bucketAndKey(url); !named || place == "" || !ok {
			return nil, fmt.Errorf("--inventory %q is not a report; write place=s3://bucket/path/manifest.json, where the place is source or a destination's name", text)
		}
		if _, twice := manifests[place]; twice {
			return nil, fmt.Errorf("--inventory names %q twice; one report for each place", place)
		}
		manifests[place] = url
	}
	return manifests, nil
}

// bucketAndKey takes an S3 URI apart.
func bucketAndKey(uri string) (bucket, key string, ok bool) {
	path, isS3 := strings.CutPrefix(uri, "s3://")
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key, isS3 && bucket != "" && key != ""
}
