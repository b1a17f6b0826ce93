package model

import "github.com/crr-io/pulumi-aws-crr/pkg/replication"

// smallObject is the size below which the cheaper classes bill as for a larger
// object: 128 KB.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html
const smallObject = 128 * 1024

// describe says what the destination gets, and on what assumptions.
func (e *Explainer) describe(decision *Decision, object *Object) {
	group, winner := decision.group, decision.winner
	destination := &winner.rule.Destination
	decision.Metrics = destination.Metrics != nil && destination.Metrics.Status == replication.Enabled
	timed := destination.ReplicationTime != nil && destination.ReplicationTime.Status == replication.Enabled
	decision.ReplicationTimeControl = timed && !object.Event.deletes()
	decision.Assumptions = e.assumptions(group, object)
	if object.Event.deletes() {
		if timed {
			decision.Notes = append(decision.Notes, noting("no-time-promise-for-markers"))
		}
		return
	}
	decision.Replica = e.replica(group, winner, object)
	e.note(decision, object)
}

// replica is what an object becomes under a rule.
func (e *Explainer) replica(group *candidates, winner *candidate, object *Object) *Replica {
	replica := &Replica{StorageClass: winner.rule.Destination.StorageClass, Owner: e.replicaOwner(group, winner)}
	if replica.StorageClass == "" {
		replica.StorageClass = object.StorageClass
	}
	if replica.StorageClass == "" {
		replica.StorageClass = "STANDARD"
	}
	switch replica.Encryption, _ = e.encryptionOf(object); replica.Encryption {
	case SSEKMS, DSSEKMS:
		replica.KMSKey = winner.rule.ReplicaKey()
	case Unencrypted:
		replica.Encryption, replica.KMSKey = group.facts.DefaultEncryption, group.facts.DefaultKey
	}
	switch {
	case replica.Owner == OwnedByDestination:
		replica.OwnerAccount = group.facts.accountOr(winner.rule.Destination.Account)
	case object.Owner != "" && e.facts.Source.Ownership != BucketOwnerEnforced:
		replica.OwnerAccount = object.Owner
	default:
		replica.OwnerAccount = e.facts.Source.Account
	}
	return replica
}

// replicaOwner is the owner of the source object, unless the rule or the
// destination bucket says otherwise.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-change-owner.html
func (e *Explainer) replicaOwner(group *candidates, winner *candidate) ReplicaOwner {
	if winner.rule.Destination.AccessControlTranslation != nil || group.facts.Ownership == BucketOwnerEnforced {
		return OwnedByDestination
	}
	return OwnedBySource
}

func (e *Explainer) note(decision *Decision, object *Object) {
	class := decision.Replica.StorageClass
	if terms, has := classTerms[class]; has && terms.minimumSize > 0 && object.Size > 0 && object.Size < terms.minimumSize {
		decision.Notes = append(decision.Notes, noting("small-object", class))
	}
	if archives(class) {
		decision.Notes = append(decision.Notes, noting("archive-replica", class))
	}
	if decision.group.facts.ObjectLock == Yes && !object.Locked {
		decision.Notes = append(decision.Notes, noting("default-retention"))
	}
	if object.Encryption == Unencrypted {
		decision.Notes = append(decision.Notes, noting("etag-differs"))
	}
}

// terms on which a storage class is cheaper than STANDARD.
type terms struct {
	// minimumSize in bytes that every object is billed for.
	minimumSize int64
	// minimumDays that every object is billed for.
	minimumDays int
}

// classTerms of the storage classes that have any.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html#sc-compare
var classTerms = map[replication.StorageClass]terms{
	"STANDARD_IA":  {smallObject, 30},
	"ONEZONE_IA":   {smallObject, 30},
	"GLACIER_IR":   {smallObject, 90},
	"GLACIER":      {0, 90},
	"DEEP_ARCHIVE": {0, 180},
}
