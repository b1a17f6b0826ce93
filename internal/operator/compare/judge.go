package compare

import (
	"strconv"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// judge knows what one destination should hold of the source.
type judge struct {
	source, destination Bucket
	rules               selection
	// attributes tells to compare also what lists do not tell.
	attributes bool
	// current tells that only current objects are compared, by their keys.
	current bool
	// back tells that the destination replicates to the source as well.
	back bool
	now  func() time.Time
}

// alike tells whether the lists settle that both sides have the same.
func (j *judge) alike(source, destination *Version) bool {
	switch {
	case source.Marker || destination.Marker:
		return source.Marker == destination.Marker
	case j.attributes:
		return false
	default:
		return source.Size == destination.Size && source.ETag == destination.ETag && j.rules.fits(source, destination)
	}
}

// differences of two versions by what S3 tells of either.
func (j *judge) differences(source, destination Attributes) []Difference {
	var found []Difference
	add := func(attribute, here, there string) {
		found = append(found, Difference{Attribute: attribute, Source: here, Destination: there})
	}
	if source.Size != destination.Size {
		add("size", strconv.FormatInt(source.Size, 10), strconv.FormatInt(destination.Size, 10))
	}
	switch same, known := sameChecksum(source, destination); {
	case known && !same:
		add("checksum", text(source.Checksums), text(destination.Checksums))
	case !known && source.ETag != destination.ETag && comparableETag(source) && comparableETag(destination):
		add("etag", source.ETag, destination.ETag)
	}
	if !j.attributes {
		return found
	}
	if !sameMetadata(source, destination) {
		add("metadata", text(source.Metadata), text(destination.Metadata))
	}
	// What is not locked at the source gets the destination's own default.
	if source.Lock != (Lock{}) && !source.Lock.equal(destination.Lock) {
		add("lock", source.Lock.String(), destination.Lock.String())
	}
	return found
}

// unproven tells that nothing but the version's id and its size says that the
// content is the same.
func unproven(source, destination Attributes) bool {
	_, known := sameChecksum(source, destination)
	return !known && source.ETag != destination.ETag
}

// comparableETag tells whether the ETag is the MD5 of the content: that of
// objects encrypted with KMS or with a client's key, and of those uploaded in
// parts, is not.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
func comparableETag(a Attributes) bool {
	encryption := replication.ObjectEncryption(a.Encryption)
	return encryption != replication.SSEKMS && encryption != replication.DSSEKMS && encryption != replication.SSEC &&
		!strings.Contains(a.ETag, "-")
}
