package verify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

const (
	// The growing waits between two reads of a probe.
	firstWait, longestWait = 200 * time.Millisecond, 5 * time.Second
	// statusPatience is how long S3 may take to set a status on an object.
	statusPatience = 30 * time.Second
	// noStatus is the status of a probe without a status after that time.
	noStatus = "no status"
)

// title names a probe in the progress.
func (p *probe) title() string {
	return fmt.Sprintf("%s, %s from %s", p.d.descriptor.Name, p.name, p.flow.from.Name)
}

// follow writes a probe and checks that it arrives at every target.
func (p *probe) follow(ctx context.Context) {
	p.d.progress.at(p.title(), "writing")
	how := "failed"
	defer func() {
		if errors.Is(ctx.Err(), context.Canceled) {
			how = "interrupted"
		}
		p.d.progress.end(p.title(), how)
	}()
	began := time.Now()
	if err := p.put(ctx); err != nil {
		o := unanswered("writing "+p.flow.from.url()+"/"+p.object.Key, p.flow.from.DeployedBucket, err)
		o.fix = strings.TrimPrefix(o.fix+"; to verify without probes, use --no-write", "; ")
		p.settle(ctx, func(*target) outcome { return o })
		return
	}
	head, err := p.await(ctx, began)
	took := time.Since(began)
	if err != nil {
		p.settle(ctx, func(t *target) outcome { return p.unfinished(ctx, t, head, err, took) })
		return
	}
	p.settle(ctx, func(t *target) outcome {
		o := p.arrived(ctx, t, head)
		o.seconds = took.Seconds()
		return o
	})
	how = fmt.Sprintf("%s after %.1fs", p.shownStatus(), took.Seconds())
	p.followMarker(ctx)
}

// settle sets the outcome of every target, unless it was interrupted.
func (p *probe) settle(ctx context.Context, judge func(*target) outcome) {
	for _, t := range p.targets {
		o := judge(t)
		if ctx.Err() == context.Canceled {
			return
		}
		t.check.settle(o)
		if t.marker != nil && t.check.Status != Pass {
			t.marker.blocks = true
			t.marker.skipBecauseOf(t.check)
		}
	}
}

// await reads the source object until S3 is done with it.
func (p *probe) await(ctx context.Context, began time.Time) (*s3.HeadObjectOutput, error) {
	for wait := firstWait; ; wait = min(wait*7/5, longestWait) {
		head, err := p.flow.from.s3.HeadObject(ctx, &s3.HeadObjectInput{
			Bucket: &p.flow.from.Bucket, Key: &p.object.Key, VersionId: &p.version, ChecksumMode: s3types.ChecksumModeEnabled,
		})
		if err != nil {
			return nil, err
		}
		p.status = string(head.ReplicationStatus)
		switch head.ReplicationStatus {
		case s3types.ReplicationStatusCompleted, s3types.ReplicationStatusComplete, s3types.ReplicationStatusFailed:
			return head, nil
		case "":
			if time.Since(began) > statusPatience {
				p.status = noStatus
				return head, nil
			}
		}
		p.d.progress.at(p.title(), p.shownStatus())
		if !pause(ctx, wait) {
			return head, ctx.Err()
		}
	}
}

// shownStatus returns the replication status for use in a sentence.
func (p *probe) shownStatus() string {
	if p.status == "" || p.status == noStatus {
		return "without a status"
	}
	return p.status
}

// unfinished returns the outcome of a probe that was still pending. It may have
// arrived at one destination and not at another.
func (p *probe) unfinished(ctx context.Context, t *target, source *s3.HeadObjectOutput, err error, took time.Duration) outcome {
	if ctx.Err() == nil || source == nil {
		return unanswered("reading "+p.flow.from.url()+"/"+p.object.Key, p.flow.from.DeployedBucket, err)
	}
	looking, cancel := context.WithTimeout(context.WithoutCancel(ctx), callPatience)
	defer cancel()
	if replica, err := p.replica(looking, t); err == nil {
		return p.judgeReplica(looking, t, source, replica)
	}
	what := fmt.Sprintf("%s/%s is still %s after %s", p.flow.from.url(), p.object.Key, p.shownStatus(), took.Round(time.Second))
	return p.explain(ctx, t, p.object, what,
		"check OperationsPendingReplication: S3 may have a backlog, and large objects take hours; wait longer with --timeout")
}

func (p *probe) replica(ctx context.Context, t *target) (*s3.HeadObjectOutput, error) {
	return t.to.s3.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: &t.to.Bucket, Key: &p.object.Key, VersionId: &p.version, ChecksumMode: s3types.ChecksumModeEnabled,
	})
}

// arrived judges a probe at a destination once S3 is done with it. S3 sets one
// status for all destinations, so an existing replica counts as success.
func (p *probe) arrived(ctx context.Context, t *target, source *s3.HeadObjectOutput) outcome {
	replica, err := p.replica(ctx, t)
	completed := source.ReplicationStatus == s3types.ReplicationStatusCompleted || source.ReplicationStatus == s3types.ReplicationStatusComplete
	switch {
	case err == nil:
		return p.judgeReplica(ctx, t, source, replica)
	case completed && t.to.strange():
		return outcome{} // only the owner can read the replica
	case !hasCode(err, []string{"NotFound", "NoSuchKey", "NoSuchVersion", "NoSuchBucket"}):
		return unanswered("reading the replica of "+p.object.Key+" in "+t.to.url(), t.to.DeployedBucket, err)
	case completed:
		return fails(fmt.Sprintf("the status of %s is COMPLETED, but there is no replica in %s", p.object.Key, t.to.url()),
			"check whether replicas are deleted there, for example by a lifecycle rule")
	case source.ReplicationStatus == "":
		return p.explain(ctx, t, p.object, "S3 does not try to replicate "+p.object.Key, askEvents)
	}
	return p.explain(ctx, t, p.object, "S3 failed to replicate "+p.object.Key+" to "+t.to.url(), askEvents)
}

// followMarker deletes a probe and checks that the delete marker is replicated.
func (p *probe) followMarker(ctx context.Context) {
	var open []*target
	for _, t := range p.targets {
		if t.marker != nil && t.marker.root == nil {
			open = append(open, t)
		}
	}
	if len(open) == 0 || ctx.Err() != nil {
		return
	}
	began := time.Now()
	if _, err := p.flow.from.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &p.flow.from.Bucket, Key: &p.object.Key}); err != nil {
		for _, t := range open {
			t.marker.settle(unanswered("deleting "+p.flow.from.url()+"/"+p.object.Key, p.flow.from.DeployedBucket, err))
		}
		return
	}
	p.d.progress.at(p.title(), "delete marker")
	for _, t := range open {
		o := p.awaitMarker(ctx, t, began)
		if ctx.Err() != context.Canceled {
			t.marker.settle(o)
		}
	}
}

func (p *probe) awaitMarker(ctx context.Context, t *target, began time.Time) outcome {
	for wait := firstWait; ; wait = min(wait*7/5, longestWait) {
		found, err := t.to.s3.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &t.to.Bucket, Prefix: &p.object.Key})
		switch {
		case err != nil && ctx.Err() == nil:
			return unanswered("looking for the delete marker of "+p.object.Key+" in "+t.to.url(), t.to.DeployedBucket, err)
		case err == nil && hasMarker(found, p.object.Key):
			return outcome{seconds: time.Since(began).Seconds()}
		}
		if !pause(ctx, wait) {
			marker := model.Object{Key: p.object.Key, Event: model.DeleteMarkerMade}
			return p.explain(ctx, t, marker, fmt.Sprintf("the delete marker of %s is not in %s after %s",
				p.object.Key, t.to.url(), time.Since(began).Round(time.Second)), askEvents)
		}
	}
}

func hasMarker(listed *s3.ListObjectVersionsOutput, key string) bool {
	for _, marker := range listed.DeleteMarkers {
		if aws.ToString(marker.Key) == key && aws.ToBool(marker.IsLatest) {
			return true
		}
	}
	return false
}
