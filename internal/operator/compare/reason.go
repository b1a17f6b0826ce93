package compare

import "github.com/crr-io/pulumi-aws-crr/pkg/replication"

// Verdict is what is to be said of one version.
type Verdict string

// The verdicts, as they are listed.
const (
	Same      Verdict = "same"
	Missing   Verdict = "missing"
	Different Verdict = "different"
	Extra     Verdict = "extra"
	Failed    Verdict = "failed"
	// Pending versions are still on their way.
	Pending Verdict = "pending"
	// Unknown: AWS did not let it be found out.
	Unknown Verdict = "unknown"
	// NotSelected versions are not meant to be at the destination.
	NotSelected Verdict = "not selected"
)

// Verdicts are all of them.
var Verdicts = []Verdict{Same, Missing, Different, Extra, Failed, Pending, Unknown, NotSelected}

// Reason says why a verdict was given. Its ids are stable: scripts may rely on
// them. Beside these, there are those of the replication package, for what is
// not selected.
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

// seeBatch is how to replicate what live replication does not.
const seeBatch = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html"

// meanings of the reasons.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
var meanings = map[Reason]meaning{
	alike:             {Same, "", ""},
	etagNotComparable: {Same, "Version and size are the same; ETags say nothing, since one is not an MD5, and there is no checksum on both sides.", ""},
	aliveByRule:       {NotSelected, "Deleted at the source and alive at the destination, by rule: delete markers are not replicated.", ""},
	currentDiffers:    {Same, "Both sides have the version, but it is current on one side only: readers get other content there.", ""},
	goneSince:         {Same, "Deleted at the source while it was compared.", ""},
	neverTried: {
		Missing, "S3 has never tried to replicate it: written before the rule was there, while it was disabled or was another one, or tagged afterwards.",
		"Run S3 Batch Replication for objects of the status NONE, which keeps versions, or, for a few objects, copy each onto itself as below: " + seeBatch,
	},
	ruleChanged: {
		Missing, "The rules that the bucket has now leave it out, and those that were deployed do not: they were changed.",
		"See the changes with `crr status`, put the rules back with `pulumi up --refresh`, then run S3 Batch Replication for objects of the status NONE: " + seeBatch,
	},
	deletedThere: {
		Missing, "S3 had replicated it, or so its status says; it is not there any more.",
		"Find out who deleted it: CloudTrail tells, where data events are recorded. S3 does not replicate a version again that was deleted " +
			"by its id; write the object to the source again.",
	},
	markerMissing: {
		Missing, "A delete marker, made by a lifecycle rule, before the rule replicated any, or not replicated yet: S3 does not tell which.",
		"Look again in a while; else delete the object at the destination as well, if it should not be there.",
	},
	attributesDiffer: {
		Different, "The two sides have the version with different content or attributes.",
		"Find out who changed the destination: CloudTrail tells, where data events are recorded. Then write the object to the source again.",
	},
	replicaKeyDiffers: {
		Different, "The same, but the replica is encrypted with another key than its rule names: its key was changed after it was replicated (s3:UpdateObjectEncryption), or the rule was.",
		"If that was not meant, change it back with `aws s3api update-object-encryption`, which keeps the version, its ETag and its metadata, and find out in CloudTrail who changed it: " +
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html",
	},
	deletedHere: {
		Extra, "A replica whose source was deleted by its version id or by a lifecycle rule: such deletions are not replicated.",
		"Keep it if it is there for recovery; else let a lifecycle rule expire old versions at the destination too.",
	},
	writtenThere: {
		Extra, "Written to the destination by somebody else than replication.",
		"Find out who writes there: CloudTrail tells, where data events are recorded. Then copy it to the source, or delete it.",
	},
	markerThere: {
		Extra, "The source has no such delete marker: somebody deleted the object at the destination, or undeleted it at the source, which is not replicated.",
		"Delete the delete marker, by its version id, if the object should be there.",
	},
	onItsWay: {Pending, "Still on its way.", "Compare again in a while. Most objects take less than 15 minutes, large ones hours; `crr explain` tells what a rule promises."},
	replicationFailed: {
		Failed, "S3 has tried to replicate it and failed, to this destination or to another one; it does not try again.",
		"Find the cause with `crr verify`, remove it, then run S3 Batch Replication for objects of the status FAILED, which keeps versions, or, for a few objects, " +
			"copy each onto itself as below, which makes a new version with the same content, metadata, tags, storage class, encryption and lock: " + seeBatch,
	},
	replicatesBack: {NotSelected, "Written at the destination, and replicated from there to the source: it is compared on the way back.", ""},
	noAnswer:       {Unknown, "AWS did not let it be found out.", "See what it said, use credentials that may read both sides, and compare again."},
}

// meaning of a reason: one of these, or one of those why objects do not
// replicate.
func (r Reason) meaning() meaning {
	if known, ok := meanings[r]; ok {
		return known
	}
	for _, each := range replication.Reasons() {
		if each.ID == string(r) {
			return meaning{NotSelected, each.Sentence, each.Fix}
		}
	}
	return meaning{NotSelected, "", ""}
}

// Verdict that goes with the reason.
func (r Reason) Verdict() Verdict { return r.meaning().verdict }

// Sentence says it for people. It is empty where there is nothing to say.
func (r Reason) Sentence() string { return r.meaning().sentence }

// Do says what to do about it.
func (r Reason) Do() string { return r.meaning().do }
