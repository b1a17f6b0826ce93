package compare

import (
	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// Verdict is the result for one version.
type Verdict string

// The verdicts, as they are listed.
const (
	Same      Verdict = "same"
	Missing   Verdict = "missing"
	Different Verdict = "different"
	Extra     Verdict = "extra"
	Failed    Verdict = "failed"
	// Pending versions are being replicated.
	Pending Verdict = "pending"
	// Unknown: AWS could not be asked.
	Unknown Verdict = "unknown"
	// NotSelected versions are not selected by the rules.
	NotSelected Verdict = "not selected"
)

// Verdicts are all of them.
var Verdicts = []Verdict{Same, Missing, Different, Extra, Failed, Pending, Unknown, NotSelected}

// Reason is the reason of a verdict. Ids are stable, for use in scripts. Versions that
// are not selected have reasons of package replication.
type Reason string

// The reasons.
const (
	alike             Reason = "same"
	etagNotComparable Reason = "etag-not-comparable"
	goneSince         Reason = "gone-since"
	neverTried        Reason = "never-tried"
	deletedThere      Reason = "deleted-there"
	markerMissing     Reason = "delete-marker-missing"
	attributesDiffer  Reason = "attributes-differ"
	deletedHere       Reason = "deleted-at-source"
	writtenThere      Reason = "written-there"
	markerThere       Reason = "delete-marker-there"
	onItsWay          Reason = "on-its-way"
	replicationFailed Reason = "replication-failed"
	replicatesBack    Reason = "replicates-back"
	aliveByRule       Reason = "deleted-at-source-by-rule"
	currentDiffers    Reason = "current-version-differs"
	ruleChanged       Reason = "rule-changed"
	replicaKeyDiffers Reason = "replica-key-differs"
	noAnswer          Reason = "no-answer"
)

type meaning struct {
	verdict      Verdict
	sentence, do string
}

// awsdocs.BatchReplication links to S3 Batch Replication.
// meanings of the reasons.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
var meanings = map[Reason]meaning{
	alike:             {Same, "", ""},
	etagNotComparable: {Same, "Version and size are the same; the content was not compared, since an ETag is not an MD5 and there is no checksum on both sides.", ""},
	aliveByRule:       {NotSelected, "Deleted at the source but not at the destination, because the rule does not replicate delete markers.", ""},
	currentDiffers:    {Same, "Both buckets have the version, but it is current in one of them only: reads return other content in the other.", ""},
	goneSince:         {Same, "Deleted at the source during the comparison.", ""},
	neverTried: {
		Missing, "S3 has never tried to replicate it: written before the rule existed, while it was disabled or different, or tagged afterwards.",
		"Run S3 Batch Replication for objects with the status NONE, which keeps versions, or, for a few objects, copy each onto itself as below: " + awsdocs.BatchReplication,
	},
	ruleChanged: {
		Missing, "The deployed rules select it, but the live rules do not: they were changed.",
		"See the changes with `crr status`, restore the rules with `pulumi up --refresh`, then run S3 Batch Replication for objects with the status NONE: " + awsdocs.BatchReplication,
	},
	deletedThere: {
		Missing, "Its status is COMPLETED, but the destination no longer has it.",
		"Find the deletion in CloudTrail, if data events are recorded. S3 does not replicate a version again that was deleted " +
			"by its id; write the object to the source again.",
	},
	markerMissing: {
		Missing, "A delete marker made by a lifecycle rule, made before the rule replicated delete markers, or still pending: S3 does not report which.",
		"Compare again later; if it is still missing and the object should not be there, delete it at the destination too.",
	},
	attributesDiffer: {
		Different, "The versions have different content or attributes.",
		"Find the change of the destination in CloudTrail, if data events are recorded. Then write the object to the source again.",
	},
	replicaKeyDiffers: {
		Different, "The same, but the replica is encrypted with another key than that of its rule: its key (s3:UpdateObjectEncryption) or the rule was changed after replication.",
		"If that was not intended, change it back with `aws s3api update-object-encryption`, which keeps the version, its ETag and its metadata, and find the change in CloudTrail: " +
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html",
	},
	deletedHere: {
		Extra, "A replica whose source was deleted by its version id or by a lifecycle rule: such deletions are not replicated.",
		"Keep it if it is needed for recovery; otherwise expire old versions at the destination with a lifecycle rule too.",
	},
	writtenThere: {
		Extra, "Written to the destination directly, not by replication.",
		"Find the writer in CloudTrail, if data events are recorded. Then copy the object to the source, or delete it.",
	},
	markerThere: {
		Extra, "The source does not have this delete marker: the object was deleted at the destination, or undeleted at the source, which is not replicated.",
		"Delete the delete marker, by its version id, if the object should be there.",
	},
	onItsWay: {Pending, "Replication is in progress.", "Compare again later. Most objects replicate within 15 minutes, large ones within hours; `crr explain` shows whether a rule has a time limit."},
	replicationFailed: {
		Failed, "S3 failed to replicate it to this or another destination, and does not retry.",
		"Find the cause with `crr verify`, remove it, then run S3 Batch Replication for objects with the status FAILED, which keeps versions, or, for a few objects, " +
			"copy each onto itself as below, which makes a new version with the same content, metadata, tags, storage class, encryption and lock: " + awsdocs.BatchReplication,
	},
	replicatesBack: {NotSelected, "Written at the destination and replicated from there to the source: compared in the reverse direction.", ""},
	noAnswer:       {Unknown, "AWS could not be asked.", "See the error, use credentials that may read both buckets, and compare again."},
}

// meaning returns the meaning of a reason of this package or of package replication.
func (r Reason) meaning() meaning {
	if known, ok := meanings[r]; ok {
		return known
	}
	for _, each := range model.Reasons() {
		if each.ID == string(r) {
			return meaning{NotSelected, each.Sentence, each.Fix}
		}
	}
	return meaning{NotSelected, "", ""}
}

// Verdict returns the verdict of the reason.
func (r Reason) Verdict() Verdict { return r.meaning().verdict }

// Sentence returns a description, or "".
func (r Reason) Sentence() string { return r.meaning().sentence }

// Do returns the fix.
func (r Reason) Do() string { return r.meaning().do }
