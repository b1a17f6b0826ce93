package compare

import (
	"slices"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// largestCopy is how many bytes S3 copies in one call.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
const largestCopy = 5 << 30

// retried are the reasons for which writing an object again helps.
var retried = []Reason{replicationFailed, neverTried, deletedThere, attributesDiffer}

// archives can't be copied from, and are not replicated.
var archives = []string{"GLACIER", "DEEP_ARCHIVE"}

// retryOf is the command that has S3 replicate an object, or empty where none can.
func retryOf(source replication.DeployedBucket, f Finding) string {
	if !slices.Contains(retried, f.Reason) || !f.Current || f.DeleteMarker {
		return ""
	}
	command, _ := CopyAgain(source, f.Key, f.source)
	return command
}

// CopyAgain is a command that copies an object onto itself, which makes a new version
// that S3 replicates. The copy has all that S3 does not take over by itself: storage
// class, encryption, lock and redirect; naming the class is also the change that S3
// asks of a copy onto itself. Where a copy would lose something or can't be made, there
// is the reason instead, to follow "as". It is for current versions: a copy of an older one would take the place of the newest. The
// condition on the ETag keeps it from bringing a version back after the object was
// written again.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
func CopyAgain(source replication.DeployedBucket, key string, is Attributes) (command, whyNot string) {
	encryption := model.ObjectEncryption(is.Encryption)
	switch {
	case !is.Found:
		return "", "it was not found"
	case is.Size > largestCopy:
		return "", "it is larger than 5 GB"
	case encryption == model.SSEC:
		return "", "it is encrypted with SSE-C"
	case slices.Contains(archives, is.Class), is.ArchiveTier != "":
		return "", "it is archived and must be restored first"
	case strings.Contains(key, "?versionId="):
		return "", "no command can name its key" // the AWS CLI takes it for a version
	}
	parts := []string{
		live.S3API("copy-object", source), "--key", words.Quote(key),
		// The AWS CLI encodes the source by itself.
		"--copy-source", words.Quote(source.Bucket + "/" + key), "--copy-source-if-match", words.Quote(is.ETag),
		"--metadata-directive COPY --tagging-directive COPY --storage-class", orStandard(is.Class),
	}
	if source.AccountID != "" {
		parts = append(parts, "--expected-source-bucket-owner", source.AccountID)
	}
	if encryption != "" {
		parts = append(parts, "--server-side-encryption", words.Quote(is.Encryption))
	}
	if is.Key != "" {
		parts = append(parts, "--ssekms-key-id", words.Quote(is.Key))
	}
	switch {
	case is.BucketKey:
		parts = append(parts, "--bucket-key-enabled")
	case encryption == model.SSEKMS:
		parts = append(parts, "--no-bucket-key-enabled")
	}
	if to := is.Metadata["Website-Redirect-Location"]; to != "" {
		parts = append(parts, "--website-redirect-location", words.Quote(to))
	}
	if is.Lock.Mode != "" {
		parts = append(parts, "--object-lock-mode", is.Lock.Mode, "--object-lock-retain-until-date", is.Lock.Until.UTC().Format(time.RFC3339))
	}
	if is.Lock.Hold {
		parts = append(parts, "--object-lock-legal-hold-status ON")
	}
	return strings.Join(parts, " "), ""
}
