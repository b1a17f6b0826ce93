package model

import (
	"slices"

	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Verdict reports whether an object replicates to a destination.
type Verdict string

// The verdicts.
const (
	Replicates       Verdict = "replicates"
	DoesNotReplicate Verdict = "does not replicate"
	VerdictUnknown   Verdict = "unknown"
	statusCompleted          = "COMPLETED"
	statusFailed             = "FAILED"
	statusReplica            = "REPLICA"
)

// Explanation is how one object replicates under one configuration.
type Explanation struct {
	Object Object `json:"object"`
	// Status that S3 is going to show on the source object once it is done:
	// COMPLETED when all destinations that a rule names for it have it, FAILED
	// when one has not, REPLICA on replicas. Empty where S3 does nothing, and
	// where the answer is not known.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-status.html
	Status string `json:"status"`
	// Decisions, one for each destination bucket of the configuration, in the
	// order in which its rules first name them.
	Decisions []Decision `json:"decisions"`
}

// Decision is how the object replicates to one destination.
type Decision struct {
	// Destination is the name that people know the bucket by. May be empty.
	Destination string `json:"destination,omitempty"`
	// Bucket is the destination bucket.
	Bucket string `json:"bucket"`
	// Region of the destination bucket. Empty: not known.
	Region string `json:"region,omitempty"`
	// Verdict is the answer.
	Verdict Verdict `json:"verdict"`
	// Rule that decides: of all that match, the one with the highest priority.
	// Nil where none matches.
	Rule *RuleRef `json:"rule,omitempty"`
	// Replica that the object gets. Nil where there is none, or only a delete
	// marker.
	Replica *Replica `json:"replica,omitempty"`
	// Metrics reports whether CloudWatch counts the object.
	Metrics bool `json:"metrics"`
	// ReplicationTimeControl reports whether the 15-minute target applies.
	ReplicationTimeControl bool `json:"replicationTimeControl"`
	// Reasons why it does not replicate, or why that is not certain, in the
	// order in which S3's documentation lists the conditions.
	Reasons []Reason `json:"reasons,omitempty"`
	// Notes on the replica that do not stand against it.
	Notes []Reason `json:"notes,omitempty"`
	// Assumptions that the answer rests on.
	Assumptions []Assumption `json:"assumptions,omitempty"`

	group  *candidates
	winner *candidate
}

// Replica is what the destination gets.
type Replica struct {
	// StorageClass of the replica. Default: STANDARD.
	StorageClass replication.StorageClass `json:"storageClass"`
	// Encryption is of the same type as the source object's. Empty: not known.
	Encryption ObjectEncryption `json:"encryption,omitempty"`
	// KMSKey that the replica is encrypted with.
	KMSKey string `json:"kmsKey,omitempty"`
	// Owner of the replica.
	Owner ReplicaOwner `json:"owner"`
	// OwnerAccount is the account of the owner. Empty: not known.
	OwnerAccount string `json:"ownerAccount,omitempty"`
}

// ReplicaOwner is the owner of a replica.
type ReplicaOwner string

// The owners.
const (
	OwnedBySource      ReplicaOwner = "source object's owner"
	OwnedByDestination ReplicaOwner = "destination bucket's owner"
)

// Explainer answers questions about one configuration. It is safe for concurrent use.
type Explainer struct {
	facts  Facts
	role   string
	groups []*candidates
}

// NewExplainer prepares a configuration, of which the explainer keeps a
// reference: it must not change. The configuration should be one that S3
// accepts, see [Configuration.Check]; of any other, the answers are what S3
// would do if it accepted it.
func NewExplainer(configuration s3config.Configuration, facts Facts) *Explainer {
	facts = facts.indexed()
	e := &Explainer{facts: facts, role: configuration.Role, groups: byDestination(configuration.Rules)}
	for _, group := range e.groups {
		group.facts = facts.destination(group.bucket)
		group.judge = newJudge(e.role, &e.facts.Role, &e.facts.Source, &group.facts)
		group.assumptions = e.assume(&group.facts)
		group.kms = slices.Concat(group.assumptions, assumeKeys(&facts.Source, &group.facts))
	}
	return e
}

// Explain returns, for every destination, whether the object replicates there, under which rule and
// as what, or why not.
func (e *Explainer) Explain(object Object) Explanation {
	if why := e.facts.NoConfiguration; why != "" {
		return Explanation{Object: object, Decisions: []Decision{{Verdict: DoesNotReplicate, Reasons: []Reason{because("no-configuration", why)}, group: &candidates{}}}}
	}
	explanation := Explanation{Object: object, Decisions: make([]Decision, len(e.groups))}
	everywhere, final := e.sourceReasons(&object)
	for i, group := range e.groups {
		decision := &explanation.Decisions[i]
		*decision = Decision{Destination: group.facts.Name, Bucket: group.bucket, Region: group.facts.Region, group: group}
		decision.Reasons = everywhere[:len(everywhere):len(everywhere)]
		decision.winner = group.winner(&object)
		if decision.winner != nil {
			decision.Rule = &decision.winner.ref
		}
		if !final {
			e.decide(decision, &object)
		}
		decision.Verdict = verdictOf(decision.Reasons)
		if decision.Verdict == DoesNotReplicate {
			decision.Notes = nil
		} else {
			e.describe(decision, &object)
		}
	}
	explanation.Status = statusOn(&object, explanation.Decisions)
	return explanation
}

// decide adds the reasons against replication to this destination.
func (e *Explainer) decide(decision *Decision, object *Object) {
	group, winner := decision.group, decision.winner
	if group.bucket != "" && group.bucket == e.facts.Source.Bucket {
		decision.add(because("destination-is-source"))
	}
	if group.facts.Versioning.missing() {
		decision.add(because("destination-unversioned", group.facts.Versioning))
	}
	if winner == nil {
		decision.add(group.whyNoRule(object))
		return
	}
	switch {
	case object.Event.deletes():
		decision.add(markerReasons(winner, object)...)
	case object.Event.changesMetadata():
		decision.add(e.metadataReasons(group, winner, object)...)
		decision.add(e.encryptionReasons(group, winner, object)...)
	default:
		decision.add(e.encryptionReasons(group, winner, object)...)
	}
	decision.add(e.destinationReasons(decision, object)...)
}

func (d *Decision) add(reasons ...Reason) { d.Reasons = append(d.Reasons, reasons...) }

// verdictOf returns the verdict that the reasons lead to.
func verdictOf(reasons []Reason) Verdict {
	verdict := Replicates
	for i := range reasons {
		if !reasons[i].uncertain {
			return DoesNotReplicate
		}
		verdict = VerdictUnknown
	}
	return verdict
}

// statusOn returns the final replication status of the source object.
func statusOn(object *Object, decisions []Decision) string {
	if object.Replica && !object.Event.changesMetadata() {
		return statusReplica
	}
	status := ""
	if object.Replica {
		status = statusReplica
	}
	for i := range decisions {
		switch decision := &decisions[i]; {
		case decision.Verdict == VerdictUnknown:
			return ""
		case decision.fails():
			status = statusFailed
		case decision.Verdict == Replicates && status == "":
			status = statusCompleted
		}
	}
	return status
}

// fails reports whether S3 tries to replicate the object and fails. It does not try if any of the
// reasons prevents that.
func (d *Decision) fails() bool {
	if d.Verdict != DoesNotReplicate || d.winner == nil {
		return false
	}
	for i := range d.Reasons {
		if !d.Reasons[i].uncertain && d.Reasons[i].Failure == "" {
			return false
		}
	}
	return true
}
