package object

import (
	"slices"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/compare"
)

// FormatVersion is the version of the JSON format of an [Answer].
const FormatVersion = 1

// Verdict is the state of an object in a bucket of a link.
type Verdict string

// The verdicts. They have the same meaning as in package compare.
const (
	// Replicated: the destination has the same version.
	Replicated Verdict = "replicated"
	// NotSelected: neither the deployed nor the live rules select it.
	NotSelected Verdict = "not selected"
	Pending     Verdict = "pending"
	Failed      Verdict = "failed"
	// Missing: the destination should have the version, but doesn't.
	Missing   Verdict = "missing"
	Different Verdict = "different"
	// Extra: a replica whose source was deleted, or a version that no rule replicated.
	Extra Verdict = "extra"
	// Unknown: AWS could not be asked.
	Unknown Verdict = "unknown"
)

// State of a version in a bucket.
type State string

// The states.
const (
	Present      State = "present"
	DeleteMarker State = "delete marker"
	Absent       State = "absent"
	NotKnown     State = "unknown"
)

// Copy is a version in a bucket.
type Copy struct {
	State     State  `json:"state"`
	VersionID string `json:"versionId,omitempty"`
	// Status is the replication status: PENDING, COMPLETED, FAILED, REPLICA or none.
	Status       string     `json:"replicationStatus,omitempty"`
	Size         int64      `json:"size,omitempty"`
	StorageClass string     `json:"storageClass,omitempty"`
	Encryption   string     `json:"encryption,omitempty"`
	KMSKey       string     `json:"kmsKey,omitempty"`
	Modified     *time.Time `json:"lastModified,omitempty"`
	Lock         string     `json:"lock,omitempty"`
	// Tags of the version; nil if there are none or they are unknown.
	Tags map[string]string `json:"tags,omitempty"`
	// Problem is the reason why the state is unknown.
	Problem string `json:"problem,omitempty"`
}

// Link is the state of the object in the other bucket of a link.
type Link struct {
	// Replication that the link belongs to.
	Replication string `json:"replication"`
	// Incoming is set if the other bucket is the source.
	Incoming bool `json:"incoming,omitempty"`
	// Name, Bucket and Region of the other bucket.
	Name    string  `json:"name"`
	Bucket  string  `json:"bucket"`
	Region  string  `json:"region"`
	Verdict Verdict `json:"verdict"`
	// Version there with the requested version id.
	Version Copy `json:"version"`
	// Current is the current version there, if it is another one.
	Current *Copy `json:"current,omitempty"`
	// Differences of the two copies.
	Differences []compare.Difference `json:"differences,omitempty"`
	// Rule is the live rule that applies.
	Rule *model.RuleRef `json:"rule,omitempty"`
	// Reasons of the verdict, by live rules and policies.
	Reasons []model.Reason `json:"reasons,omitempty"`
	// Reported is S3's failure reason, if a queue receives its events.
	Reported string `json:"reported,omitempty"`
	// Notes are assumptions and explanations.
	Notes []string `json:"notes,omitempty"`
	// Fix are commands to run in this order.
	Fix []string `json:"fix,omitempty"`
}

// Answer is the replication state of an object.
type Answer struct {
	Format int    `json:"version"`
	Bucket string `json:"bucket"`
	Region string `json:"region"`
	Key    string `json:"key"`
	// Asked is the requested version id, or "" for the current version.
	Asked string `json:"askedVersionId,omitempty"`
	// Well reports whether the object is at every destination whose deployed rules
	// select it.
	Well bool `json:"well"`
	// Here is the object in the requested bucket.
	Here  Copy   `json:"here"`
	Links []Link `json:"links"`
	// Notes on the object as a whole.
	Notes []string `json:"notes,omitempty"`
	// NotJudged lists settings that were not or can't be read.
	NotJudged []string `json:"notJudged"`
}

// good verdicts are ok.
var good = []Verdict{Replicated, NotSelected}

// Known reports whether there is a result: a known failure, or no unknown verdict.
func (a Answer) Known() bool {
	bad := a.Here.State == Absent || a.failedAll()
	for _, link := range a.Links {
		bad = bad || link.Verdict != Unknown && !slices.Contains(good, link.Verdict)
	}
	return bad || a.Here.State != NotKnown && !slices.ContainsFunc(a.Links, func(l Link) bool { return l.Verdict == Unknown })
}

// well reports whether everything is known and ok.
func (a Answer) well() bool {
	for _, link := range a.Links {
		if !slices.Contains(good, link.Verdict) {
			return false
		}
	}
	return (a.Here.State == Present || a.Here.State == DeleteMarker) && !a.failedAll()
}

// failedAll reports whether the status is FAILED although the object is at every
// destination that should have it: a later change did not arrive.
func (a Answer) failedAll() bool { return a.Here.Status == statusFailed && a.allGood() }

func (a Answer) allGood() bool {
	return !slices.ContainsFunc(a.Links, func(l Link) bool { return !slices.Contains(good, l.Verdict) })
}
