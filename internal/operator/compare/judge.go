package compare

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// judge judges the versions of one destination.
type judge struct {
	source, destination Bucket
	rules               selection
	// live are the live rules of the source, if they are not as deployed.
	live *selection
	// attributes enables comparing attributes that lists don't contain, checksums that of
	// checksums if ETags are not digests.
	attributes, checksums bool
	// current is set if only current objects are compared, by key.
	current bool
	// back is set if the destination also replicates to the source.
	back bool
	// kms is set if one of the buckets encrypts with KMS.
	kms bool
	now func() time.Time
}

// listed returns the reason if the lists prove that both buckets have the same
// version.
func (j *judge) listed(source, destination *Version) (Reason, bool) {
	switch {
	case source.Marker != destination.Marker || !source.Marker && j.attributes:
		return "", false
	case !source.Marker && (source.Size != destination.Size || !j.rules.fits(source, destination)):
		return "", false
	case source.Current != destination.Current:
		if source.ETag == destination.ETag || !j.checksums && j.sameByID(source, destination) {
			return currentDiffers, true
		}
		return "", false
	case source.Marker || source.ETag == destination.ETag:
		return alike, true
	case !j.checksums && j.sameByID(source, destination):
		return etagNotComparable, true
	default:
		return "", false
	}
}

// sameByID reports whether the version id proves that the versions are the same: S3
// preserves the ids of replicated versions, and clients can't choose ids. It is used
// if ETags are not digests: with KMS, and for multipart uploads.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
func (j *judge) sameByID(source, destination *Version) bool {
	if id := cmp.Or(source.ID, source.CurrentID); id == "" || id == "null" || id != cmp.Or(destination.ID, destination.CurrentID) {
		return false
	}
	opaque := func(v *Version) bool {
		return strings.Contains(v.ETag, "-") || strings.Contains(v.Encryption, "KMS") || v.Encryption == "SSE-C"
	}
	return j.kms || opaque(source) || opaque(destination)
}

// differences returns the differences between the attributes of two versions.
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

// unproven reports whether only version id and size indicate that the content is the
// same.
func unproven(source, destination Attributes) bool {
	_, known := sameChecksum(source, destination)
	return !known && source.ETag != destination.ETag
}

// comparableETag reports whether the ETag is the MD5 of the content: that of
// objects encrypted with KMS or with a client's key, and of those uploaded in
// parts, is not.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
func comparableETag(a Attributes) bool {
	encryption := model.ObjectEncryption(a.Encryption)
	return encryption != model.SSEKMS && encryption != model.DSSEKMS && encryption != model.SSEC &&
		!strings.Contains(a.ETag, "-")
}
