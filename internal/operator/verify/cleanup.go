package verify

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
)

// cleanUp is the subject of the checks for leftover probes.
const cleanUp = "clean-up"

const (
	// settling is how long verify waits for S3 to finish probes that it did not
	// follow to the end.
	settling = 10 * time.Second
	// straggling is how long replicas may take to appear after the source version
	// was deleted.
	straggling = 2 * time.Second
)

// cleanUp deletes the probes of this run and of killed runs: every version and every
// delete marker, in each bucket separately, since S3 does not replicate these
// deletions. It also runs when verify is interrupted.
func (d *deployment) cleanUp(ctx context.Context) {
	if len(d.probes)+len(d.attempts) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settling+cleanUpPatience)
	defer cancel()
	d.settle(ctx)
	what := d.descriptor.Name + ", removing the probes"
	d.progress.at(what, "in all buckets")
	left := d.sweep(ctx)
	if d.underway() && pause(ctx, straggling) {
		left = d.sweep(ctx)
	}
	for wait := firstWait; anyThrottled(left) && pause(ctx, wait); wait = min(wait*2, longestWait) {
		left = d.sweep(ctx)
	}
	for _, p := range d.places {
		d.list.check(cleanUp, p.Name, []*Check{d.standings[p].bucket}, func() outcome { return left[p].outcome(p, d.pendingAt(p)) })
	}
	d.progress.end(what, "done")
}

// settle waits for S3 to finish all probes: it may count a version that is deleted
// before it was replicated as a failed operation.
func (d *deployment) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, settling)
	defer cancel()
	var waiting sync.WaitGroup
	for _, p := range d.probes {
		if !p.done() && p.status != noStatus {
			waiting.Go(func() {
				if p.isPut(ctx) {
					_, _ = p.await(ctx, time.Now()) // the probe's status has the result
				}
			})
		}
	}
	waiting.Wait()
}

// isPut reports whether a probe is in the source bucket. S3 may have written it
// without an answer reaching verify, such as when the upload was interrupted.
func (p *probe) isPut(ctx context.Context) bool {
	if p.version == "" {
		head, err := p.flow.from.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &p.flow.from.Bucket, Key: &p.object.Key})
		if err != nil {
			return false
		}
		p.version, p.status = aws.ToString(head.VersionId), string(head.ReplicationStatus)
	}
	return true
}

// done reports whether S3 is done with a probe.
func (p *probe) done() bool {
	return p.status == string(s3types.ReplicationStatusCompleted) || p.status == string(s3types.ReplicationStatusFailed)
}

// underway reports whether a probe may still be replicated.
func (d *deployment) underway() bool {
	return slices.ContainsFunc(d.probes, func(p *probe) bool { return !p.done() })
}

// pendingAt returns the number of probes in a bucket whose replication S3 did not
// report as finished.
func (d *deployment) pendingAt(at *place) int {
	count := 0
	for _, p := range d.probes {
		if p.flow.from == at && (p.status == string(s3types.ReplicationStatusPending) || p.status == "" && p.version != "") {
			count++
		}
	}
	return count
}

// checkLeftBehind reports the probes of other runs, if this one deletes none.
func (d *deployment) checkLeftBehind() {
	for _, p := range d.places {
		d.list.check(cleanUp, p.Name, []*Check{d.standings[p].bucket}, func() outcome { return p.judgeLeftBehind(false) })
	}
}

// judgeLeftBehind reports the probes of other runs. Removed is set if this run
// deleted those of finished runs.
func (p *place) judgeLeftBehind(removed bool) outcome {
	found := p.leftBehind.value
	switch over := found.over; {
	case p.leftBehind.err != nil:
		return unanswered("looking for probes of other runs in "+p.url(), p.DeployedBucket, p.leftBehind.err)
	case removed || len(over) == 0:
	case p.lock.value.retains:
		return skip(fmt.Sprintf("Object Lock may keep the probes of %s below %s/%s", words.Plural(float64(len(over)), "earlier run"), p.url(), over[0]))
	default:
		return failsAlone(fmt.Sprintf("%s of verify left probes below %s/%s", words.Plural(float64(len(over)), "earlier run"), p.url(), over[0]),
			"run `crr verify` without --no-write, which deletes them")
	}
	if len(found.underway) == 0 {
		return outcome{}
	}
	// Their run is active or was killed, or S3 refused to delete them.
	at, _ := overAt(found.underway[0])
	return skip(fmt.Sprintf("another run of verify, which may still be active, has probes below %s/%s; a run after %s deletes them",
		p.url(), found.underway[0], at.Local().Format("15:04:05")))
}

// anyThrottled reports whether a retry may delete leftover probes.
func anyThrottled(left map[*place]leftovers) bool {
	for _, l := range left {
		if l.err != nil && live.Temporary(l.err) {
			return true
		}
	}
	return false
}

// sweep deletes all probes once, in all buckets concurrently.
func (d *deployment) sweep(ctx context.Context) map[*place]leftovers {
	found := make([]leftovers, len(d.places))
	var waiting sync.WaitGroup
	for i, p := range d.places {
		if !d.standings[p].bucket.blocks {
			waiting.Go(func() { found[i] = p.removeAll(ctx, append(d.folders(), p.leftBehind.value.over...)) })
		}
	}
	waiting.Wait()
	left := map[*place]leftovers{}
	for i, p := range d.places {
		left[p] = found[i]
	}
	return left
}

// folders returns the folders of this run's probes.
func (d *deployment) folders() []string {
	all := []string{folder("", d.run)}
	for _, p := range d.probes {
		if !slices.Contains(all, p.folder()) {
			all = append(all, p.folder())
		}
	}
	return all
}

// leftovers are the probes that could not be deleted from a bucket.
type leftovers struct {
	folder string // the first one with any
	count  int
	locked *time.Time // end of the longest Object Lock retention
	err    error
}

func (l leftovers) outcome(p *place, pending int) outcome {
	switch {
	case l.count == 0 && l.err == nil && pending > 0:
		return skip(fmt.Sprintf("%s deleted from %s before S3 had replicated them: S3 may count them as failed (SrcVersionNotFound), which triggers the alarm on failures",
			words.Plural(float64(pending), "probe"), p.url()))
	case l.count == 0 && l.err == nil:
		return p.judgeLeftBehind(true)
	case l.locked != nil:
		return skip(fmt.Sprintf("Object Lock keeps %s below %s/%s until %s; --no-write writes no probes", words.Plural(float64(l.count), "probe version"), p.url(), l.folder, until(l.locked)))
	case p.strange():
		return skip(fmt.Sprintf("only the bucket's owner can delete the probes below %s/%s", p.url(), l.folder))
	}
	return failsAlone(fmt.Sprintf("probes are left below %s/%s: %s", p.url(), l.folder, live.Brief(l.err)),
		"delete them: "+live.S3API("list-object-versions", p.DeployedBucket)+" --prefix "+l.folder)
}

func (p *place) removeAll(ctx context.Context, folders []string) leftovers {
	var left leftovers
	for _, folder := range folders {
		pages := s3.NewListObjectVersionsPaginator(p.s3, &s3.ListObjectVersionsInput{Bucket: &p.Bucket, Prefix: &folder})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				left.add(folder, err, nil)
				break
			}
			for _, marker := range page.DeleteMarkers {
				if err := p.remove(ctx, marker.Key, marker.VersionId, false); err != nil {
					left.add(folder, err, nil)
				}
			}
			for _, version := range page.Versions {
				p.removeVersion(ctx, version, folder, &left)
			}
		}
	}
	return left
}

// removeVersion deletes a version, bypassing a retention in governance mode if these
// credentials may. In compliance mode that is impossible.
func (p *place) removeVersion(ctx context.Context, version s3types.ObjectVersion, folder string, left *leftovers) {
	err := p.remove(ctx, version.Key, version.VersionId, false)
	if err == nil {
		return
	}
	if !p.lock.value.on {
		left.add(folder, err, nil)
		return
	}
	if p.remove(ctx, version.Key, version.VersionId, true) == nil {
		return
	}
	var locked *time.Time
	head, headErr := p.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &p.Bucket, Key: version.Key, VersionId: version.VersionId})
	if headErr == nil {
		locked = head.ObjectLockRetainUntilDate
	}
	left.add(folder, err, locked)
}

func (l *leftovers) add(folder string, err error, locked *time.Time) {
	if l.count == 0 {
		l.folder, l.err = folder, err
	}
	l.count++
	if locked != nil && (l.locked == nil || locked.After(*l.locked)) {
		l.locked = locked
	}
}

func (p *place) remove(ctx context.Context, key, version *string, bypass bool) error {
	input := &s3.DeleteObjectInput{Bucket: &p.Bucket, Key: key, VersionId: version}
	if bypass {
		input.BypassGovernanceRetention = aws.Bool(true)
	}
	_, err := p.s3.DeleteObject(ctx, input)
	return err
}
