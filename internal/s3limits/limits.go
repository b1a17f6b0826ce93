// Package s3limits has the limits that S3 sets for replication rules and object tags.
package s3limits

import "strings"

// Limits of a replication configuration.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
const (
	MaxRules        = 1000
	MaxIDLength     = 255
	MaxPrefixLength = 1024
)

// CheckTag returns what is wrong with a tag of an object, or "".
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
func CheckTag(key, value string) string {
	switch {
	case key == "" || len([]rune(key)) > 128:
		return "The TagKey you have provided is invalid"
	case len([]rune(value)) > 256:
		return "The TagValue you have provided is invalid"
	case strings.HasPrefix(strings.ToLower(key), "aws:"):
		return "System tags cannot be used in a filter"
	default:
		return ""
	}
}
