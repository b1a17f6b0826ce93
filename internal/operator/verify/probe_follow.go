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

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	// The waits between two looks at a probe, which grow.
	firstWait, longestWait = 200 * time.Millisecond, 5 * time.Second
	// statusPatience is how long S3 may take to show any status on an object.
	statusPatience = 30 * time.Second
	// noStatus is the status of a probe that S3 has shown none of for that long.
	noStatus = "no status"
)

// title is what progress calls a probe.
func (p *probe) title() string {
	return fmt.Sprintf("%s, %s from %s", p.d.descriptor.Name, p.name, p.flow.from.Name)
}

// follow puts a probe and sees to it that it arrives everywhere.
func (p *probe) follow(ctx context.Context) {
	p.d.progress.at(p.title(), "putting")
	how := "not well"
	defer func() {
		if errors.Is(ctx.Err(), context.Canceled) {
			how = "interrupted"
		}
		p.d.progress.end(p.title(), how)
	}()
	began := time.Now()
	if err := p.put(ctx); err != nil {
		o := unanswered("putting "+p.flow.from.url()+"/"+p.object.Key, p.flow.from.DeployedBucket, err)
		o.fix = strings.TrimPrefix(o.fix+"; to look without probes, use --no-write", "; ")
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

// settle gives every target its outcome. One that was interrupted is left as it
// is.
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

// await looks at the source object until S3 is done with it.
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

// shownStatus is the replication status as a sentence has it.
func (p *probe) shownStatus() string {
	if p.status == "" || p.status == noStatus {
		return "without a status"
	}
	return p.status
}

// unfinished is the outcome of a probe that was not seen to its end. It may be at
// one destination and still on the way to another.
func (p *probe) unfinished(ctx context.Context, t *target, source *s3.HeadObjectOutput, err error, took time.Duration) outcome {
	if ctx.Err() == nil || source == nil {
		return unanswered("looking at "+p.flow.from.url()+"/"+p.object.Key, p.flow.from.DeployedBucket, err)
	}
	looking, cancel := context.WithTimeout(context.WithoutCancel(ctx), callPatience)
	defer cancel()
	if replica, err := p.replica(looking, t); err == nil {
		return p.judgeReplica(looking, t, source, replica)
	}
	what := fmt.Sprintf("%s/%s is still %s after %s", p.flow.from.url(), p.object.Key, p.shownStatus(), took.Round(time.Second))
	return p.explain(ctx, t, p.object, what,
		"look at OperationsPendingReplication: S3 may have much to do, and large objects take hours; wait longer with --timeout")
}

func (p *probe) replica(ctx context.Context, t *target) (*s3.HeadObjectOutput, error) {
	return t.to.s3.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: &t.to.Bucket, Key: &p.object.Key, VersionId: &p.version, ChecksumMode: s3types.ChecksumModeEnabled,
	})
}

// arrived judges a probe at a destination, now that S3 is done with it. S3 shows
// one status for all destinations: where there is a replica, it has worked.
func (p *probe) arrived(ctx context.Context, t *target, source *s3.HeadObjectOutput) outcome {
	replica, err := p.replica(ctx, t)
	completed := source.ReplicationStatus == s3types.ReplicationStatusCompleted || source.ReplicationStatus == s3types.ReplicationStatusComplete
	switch {
	case err == nil:
		return p.judgeReplica(ctx, t, source, replica)
	case completed && t.to.strange():
		return outcome{} // S3 says so, and the owner alone can look
	case !hasCode(err, []string{"NotFound", "NoSuchKey", "NoSuchVersion", "NoSuchBucket"}):
		return unanswered("looking at the replica of "+p.object.Key+" in "+t.to.url(), t.to.DeployedBucket, err)
	case completed:
		return wrong(fmt.Sprintf("S3 says COMPLETED of %s, and there is no replica in %s", p.object.Key, t.to.url()),
			"look whether something deletes replicas there, such as a lifecycle rule")
	case source.ReplicationStatus == "":
		return p.explain(ctx, t, p.object, "S3 does not even try to replicate "+p.object.Key, askEvents)
	}
	return p.explain(ctx, t, p.object, "S3 failed to replicate "+p.object.Key+" to "+t.to.url(), askEvents)
}

// followMarker deletes a probe and sees to it that its replica is hidden too.
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
			marker := replication.Object{Key: p.object.Key, Event: replication.DeleteMarkerMade}
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
