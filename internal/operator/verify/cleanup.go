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

// cleanUp is what the checks are about that nothing was left behind.
const cleanUp = "clean-up"

// settling is how long replicas of probes that were not followed to their end
// may take to show up after the source version has gone.
const settling = 2 * time.Second

// cleanUp removes what the probes and attempts have left: every version and
// every delete marker, at each place by itself, since S3 does not replicate that.
// It goes on when the run is interrupted.
func (d *deployment) cleanUp(ctx context.Context) {
	if len(d.probes)+len(d.attempts) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpPatience)
	defer cancel()
	what := d.descriptor.Name + ", removing the probes"
	d.progress.at(what, "at all places")
	left := d.sweep(ctx)
	if d.underway() && pause(ctx, settling) {
		left = d.sweep(ctx)
	}
	for _, p := range d.places {
		d.list.check(cleanUp, p.Name, []*Check{d.standings[p].bucket}, func() outcome { return left[p].outcome(p) })
	}
	d.progress.end(what, "done")
}

// underway tells whether a probe may still arrive somewhere.
func (d *deployment) underway() bool {
	return slices.ContainsFunc(d.probes, func(p *probe) bool {
		return p.version == "" || p.status != string(s3types.ReplicationStatusCompleted) && p.status != string(s3types.ReplicationStatusFailed)
	})
}

// sweep removes everything once, at all places at the same time.
func (d *deployment) sweep(ctx context.Context) map[*place]leftovers {
	found := make([]leftovers, len(d.places))
	var waiting sync.WaitGroup
	for i, p := range d.places {
		if !d.standings[p].bucket.blocks {
			waiting.Go(func() { found[i] = p.removeAll(ctx, d.folders()) })
		}
	}
	waiting.Wait()
	left := map[*place]leftovers{}
	for i, p := range d.places {
		left[p] = found[i]
	}
	return left
}

// folders are where this run has put something.
func (d *deployment) folders() []string {
	all := []string{folder("", d.run)}
	for _, p := range d.probes {
		if !slices.Contains(all, p.folder()) {
			all = append(all, p.folder())
		}
	}
	return all
}

// leftovers are what could not be removed from a place.
type leftovers struct {
	folder string // the first one with any
	count  int
	locked *time.Time // until when Object Lock keeps the last of them
	err    error
}

func (l leftovers) outcome(p *place) outcome {
	switch {
	case l.count == 0 && l.err == nil:
		return outcome{}
	case l.locked != nil:
		return skip(fmt.Sprintf("Object Lock keeps %s below %s/%s until %s; --no-write puts nothing", words.Plural(float64(l.count), "probe version"), p.url(), l.folder, until(l.locked)))
	case p.strange():
		return skip(fmt.Sprintf("the bucket's owner alone can remove what is below %s/%s", p.url(), l.folder))
	}
	return amiss(fmt.Sprintf("probes are left below %s/%s: %s", p.url(), l.folder, live.Brief(l.err)),
		fmt.Sprintf("remove them: aws s3api list-object-versions --bucket %s --region %s --prefix %s", p.Bucket, p.Region, l.folder))
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

// removeVersion removes a version, past a retention in governance mode where
// these credentials may. Nobody can in compliance mode.
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
