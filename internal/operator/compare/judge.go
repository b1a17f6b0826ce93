package compare

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// judge knows what one destination should hold of the source.
type judge struct {
	source, destination Bucket
	rules               selection
	// live are the rules that the source has now, where they are not as deployed.
	live *selection
	// attributes tells to compare also what lists do not tell, and checksums to
	// compare those where ETags are no digests.
	attributes, checksums bool
	// current tells that only current objects are compared, by their keys.
	current bool
	// back tells that the destination replicates to the source as well.
	back bool
	// kms tells that a side encrypts with KMS.
	kms bool
	now func() time.Time
}

// listed is the reason why the lists settle that both sides have the same. It is
// false where they don't.
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

// sameByID reports whether the version id is proof enough: S3 keeps the ids of
// what it replicates, and no client can choose one. That matters where ETags say
// nothing, since they are not digests of the content: under KMS, and of uploads
// in parts.
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
