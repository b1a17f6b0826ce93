package object

import (
	"slices"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/compare"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// FormatVersion is that of the JSON of an [Answer].
const FormatVersion = 1

// Verdict is how an object stands at one end of a link.
type Verdict string

// The verdicts. Those that compare has too mean the same.
const (
	// Replicated: the destination has the version, and nothing differs.
	Replicated Verdict = "replicated"
	// NotSelected: the deployed rules don't replicate it, nor do the live ones.
	NotSelected Verdict = "not selected"
	Pending     Verdict = "pending"
	Failed      Verdict = "failed"
	// Missing: the destination should have the version, and has not.
	Missing   Verdict = "missing"
	Different Verdict = "different"
	// Extra: a replica whose source is gone, or a version that no rule brought.
	Extra Verdict = "extra"
	// Unknown: AWS did not let it be found out.
	Unknown Verdict = "unknown"
)

// State is what a bucket has of a version.
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
	// Status of replication, as S3 shows it: PENDING, COMPLETED, FAILED, REPLICA or none.
	Status       string     `json:"replicationStatus,omitempty"`
	Size         int64      `json:"size,omitempty"`
	StorageClass string     `json:"storageClass,omitempty"`
	Encryption   string     `json:"encryption,omitempty"`
	KMSKey       string     `json:"kmsKey,omitempty"`
	Modified     *time.Time `json:"lastModified,omitempty"`
	Lock         string     `json:"lock,omitempty"`
	// Tags of the version. Nil: it has none, or they are not known.
	Tags map[string]string `json:"tags,omitempty"`
	// Problem is why the state is not known.
	Problem string `json:"problem,omitempty"`
}

// Link is how the object stands at the other end of a link.
type Link struct {
	// Replication that the link belongs to.
	Replication string `json:"replication"`
	// Incoming says that the other end is the one that the object came from.
	Incoming bool `json:"incoming,omitempty"`
	// Name, Bucket and Region of the other end.
	Name    string  `json:"name"`
	Bucket  string  `json:"bucket"`
	Region  string  `json:"region"`
	Verdict Verdict `json:"verdict"`
	// Version there, with the id of the one that was asked about.
	Version Copy `json:"version"`
	// Current is what readers get there, where that is not the version.
	Current *Copy `json:"current,omitempty"`
	// Differences of the two copies.
	Differences []compare.Difference `json:"differences,omitempty"`
	// Rule that decides by the live rules.
	Rule *replication.RuleRef `json:"rule,omitempty"`
	// Reasons of the verdict, by live rules and policies.
	Reasons []replication.Reason `json:"reasons,omitempty"`
	// Reported is the reason that S3 gave in an event, where a queue keeps them.
	Reported string `json:"reported,omitempty"`
	// Notes on what the verdict rests on.
	Notes []string `json:"notes,omitempty"`
	// Fix are commands to run, one after the other.
	Fix []string `json:"fix,omitempty"`
}

// Answer is all that is to be said about an object.
type Answer struct {
	Format int    `json:"version"`
	Bucket string `json:"bucket"`
	Region string `json:"region"`
	Key    string `json:"key"`
	// Asked is the version that was asked about. Empty: the current one.
	Asked string `json:"askedVersionId,omitempty"`
	// Well reports whether the object is where the deployed rules want it.
	Well bool `json:"well"`
	// Here is the object in the bucket that was named.
	Here  Copy   `json:"here"`
	Links []Link `json:"links"`
	// Notes on the object as a whole.
	Notes []string `json:"notes,omitempty"`
	// NotJudged is what was not read, or can't be.
	NotJudged []string `json:"notJudged"`
}

// good verdicts keep nothing from being well.
var good = []Verdict{Replicated, NotSelected}

// Known reports whether there is an answer: something that is known not to be well, or
// nothing that is unknown.
func (a Answer) Known() bool {
	bad := a.Here.State == Absent || a.failedAll()
	for _, link := range a.Links {
		bad = bad || link.Verdict != Unknown && !slices.Contains(good, link.Verdict)
	}
	return bad || a.Here.State != NotKnown && !slices.ContainsFunc(a.Links, func(l Link) bool { return l.Verdict == Unknown })
}

// well reports whether everything is known and good.
func (a Answer) well() bool {
	for _, link := range a.Links {
		if !slices.Contains(good, link.Verdict) {
			return false
		}
	}
	return (a.Here.State == Present || a.Here.State == DeleteMarker) && !a.failedAll()
}

// failedAll reports whether S3 says that replication failed though the object is at
// every destination that should have it: a change of it has not arrived then.
func (a Answer) failedAll() bool { return a.Here.Status == statusFailed && a.allGood() }

func (a Answer) allGood() bool {
	return !slices.ContainsFunc(a.Links, func(l Link) bool { return !slices.Contains(good, l.Verdict) })
}
