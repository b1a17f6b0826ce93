package compare

import (
	"context"
	"time"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// usualTime is how long most objects take to be replicated at most. S3 does not
// tell of a delete marker whether it is still on its way.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html
const usualTime = replication.ReplicationTimeMinutes * time.Minute

// The statuses that S3 shows.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-status.html
const (
	statusPending   = "PENDING"
	statusCompleted = "COMPLETED"
	statusFailed    = "FAILED"
	statusReplica   = "REPLICA"
)

// examine asks for what the lists do not tell, and judges. Buckets go on being
// used while they are compared: what has been put right since is the same.
func (j *judge) examine(ctx context.Context, source, destination *Version) (Finding, error) {
	var found examined
	var err error
	switch {
	case destination == nil:
		found, err = j.missing(ctx, source)
	case source == nil:
		found.reason, err = j.extra(ctx, destination)
	default:
		found, err = j.both(ctx, source, destination)
	}
	finding := newFinding(source, destination)
	finding.Differences, finding.source = found.differences, found.source
	if ctx.Err() != nil {
		return finding, ctx.Err()
	}
	if err != nil {
		found.reason, finding.Detail = noAnswer, err.Error()
	}
	finding.Reason, finding.Verdict = found.reason, found.reason.Verdict()
	return finding, nil
}

// examined is what was found out about a version.
type examined struct {
	reason      Reason
	differences []Difference
	// source is what S3 tells of it at the source, where that was asked.
	source Attributes
}

func newFinding(source, destination *Version) Finding {
	version := source
	if source == nil {
		version = destination
	}
	detached := version.detached()
	return Finding{Key: detached.Key, Version: detached.ID, DeleteMarker: detached.Marker, Current: detached.Current}
}

// missing says why the destination has no such version.
func (j *judge) missing(ctx context.Context, version *Version) (examined, error) {
	if version.Marker {
		reason, err := j.missingMarker(ctx, version)
		return examined{reason: reason}, err
	}
	found, err := j.source.Head(ctx, version.Key, version.ID)
	if err != nil {
		return examined{}, err
	}
	reason, err := j.whyMissing(ctx, version, found)
	return examined{reason: reason, source: found}, err
}

func (j *judge) whyMissing(ctx context.Context, version *Version, found Attributes) (Reason, error) {
	if !found.Found || found.Marker {
		return goneSince, nil
	}
	object, err := j.object(ctx, version.Key, found)
	if err != nil {
		return "", err
	}
	if reason, out := j.rules.leftOut(object); out {
		return reason, nil
	}
	switch found.Status {
	case statusPending:
		return onItsWay, nil
	case statusFailed:
		return replicationFailed, nil
	}
	there, err := j.destination.Head(ctx, version.Key, version.ID)
	switch {
	case err != nil:
		return "", err
	case there.Found && !there.Marker:
		return alike, nil
	case found.Status == statusCompleted:
		return deletedThere, nil
	case j.live != nil:
		if _, out := j.live.leftOut(object); out {
			return ruleChanged, nil
		}
	}
	return neverTried, nil
}

func (j *judge) missingMarker(ctx context.Context, version *Version) (Reason, error) {
	if reason, out := j.rules.leftOut(replication.Object{Key: version.Key, Event: replication.DeleteMarkerMade}); out {
		if !version.Current {
			return reason, nil
		}
		there, err := j.destination.Head(ctx, version.Key, "")
		if err != nil {
			return "", err
		}
		if there.Found && !there.Marker {
			return aliveByRule, nil
		}
		return reason, nil
	}
	if version.Status == "" {
		here, err := j.source.Head(ctx, version.Key, version.ID)
		if err != nil {
			return "", err
		}
		version.Status = here.Status
	}
	there, err := j.destination.Head(ctx, version.Key, version.ID)
	switch {
	case err != nil:
		return "", err
	case there.Found:
		return alike, nil
	case version.Status == statusFailed:
		return replicationFailed, nil
	case version.Status == statusCompleted:
		return deletedThere, nil
	case version.Status == statusPending || version.age(j.now()) < usualTime:
		return onItsWay, nil
	default:
		return markerMissing, nil
	}
}

// extra says why the source has no such version.
func (j *judge) extra(ctx context.Context, version *Version) (Reason, error) {
	here, err := j.source.Head(ctx, version.Key, version.ID)
	switch {
	case err != nil:
		return "", err
	case here.Found && here.Marker == version.Marker:
		return alike, nil // written after the source was listed
	case here.Marker:
		return j.deletedAtSource(version), nil
	case version.Marker && j.back:
		return replicatesBack, nil // S3 does not tell who made it, and the way back will
	case version.Marker && j.rules.covers(version.Key):
		return markerThere, nil
	case version.Marker:
		return "no-rule-matches", nil
	}
	there, err := j.destination.Head(ctx, version.Key, version.ID)
	switch {
	case err != nil:
		return "", err
	case !there.Found:
		return goneSince, nil
	case there.Status == statusReplica:
		return deletedHere, nil
	case there.Status != "":
		return replicatesBack, nil
	case !j.rules.covers(version.Key):
		return "no-rule-matches", nil
	default:
		return writtenThere, nil
	}
}

// deletedAtSource judges an object that is current at the destination and has
// a delete marker at the source.
func (j *judge) deletedAtSource(version *Version) Reason {
	if _, out := j.rules.leftOut(replication.Object{Key: version.Key, Event: replication.DeleteMarkerMade}); out {
		return aliveByRule
	}
	return markerMissing
}
