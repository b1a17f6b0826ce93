package compare

import (
	"context"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

// usualTime is the time within which S3 replicates most objects. S3 has no status
// for pending delete markers.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html
const usualTime = s3config.ReplicationTimeMinutes * time.Minute

// S3's replication statuses.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-status.html
const (
	statusPending   = "PENDING"
	statusCompleted = "COMPLETED"
	statusFailed    = "FAILED"
	statusReplica   = "REPLICA"
)

// examine reads the attributes that lists don't contain, and judges a version. Buckets
// may change during the comparison: differences that no longer exist count as the same.
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

// examined is the result of examining a version.
type examined struct {
	reason      Reason
	differences []Difference
	// source are its attributes at the source, if they were read.
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

// missing returns the reason why the destination does not have the version.
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
	if reason, out := j.rules.leftOut(model.Object{Key: version.Key, Event: model.DeleteMarkerMade}); out {
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

// extra returns the reason why the source does not have the version.
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
		return replicatesBack, nil // its origin is unknown; the reverse direction checks it
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
	if _, out := j.rules.leftOut(model.Object{Key: version.Key, Event: model.DeleteMarkerMade}); out {
		return aliveByRule
	}
	return markerMissing
}
