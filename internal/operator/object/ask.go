package object

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/verify"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// never lists settings that may prevent replication and that no command can read.
const never = "service and resource control policies, VPC endpoint policies, KMS grants, and ACLs"

// Question identifies an object version.
type Question struct {
	Bucket, Key string
	// Version is its id, or "" for the current version.
	Version string
}

// Concerning returns the deployments that contain a bucket.
func Concerning(descriptors []replication.Descriptor, bucket string) ([]replication.Descriptor, error) {
	concerned := slices.DeleteFunc(slices.Clone(descriptors), func(d replication.Descriptor) bool { return placeOf(d, bucket) == nil })
	if len(concerned) == 0 {
		return nil, fmt.Errorf("s3://%s is not a bucket of this deployment, which has %s", words.Safe(bucket), strings.Join(buckets(descriptors), ", "))
	}
	return concerned, nil
}

// Ask reads the replication state of one object of deployments that contain its
// bucket.
func Ask(ctx context.Context, sessions *live.Sessions, concerned []replication.Descriptor, question Question) (Answer, error) {
	asked := placeOf(concerned[0], question.Bucket)
	here := newBucket(sessions.At(*asked), *asked)
	seen := here.look(ctx, question.Key, question.Version)
	latest := seen
	if question.Version != "" {
		latest = here.look(ctx, question.Key, "")
	}
	if ctx.Err() != nil {
		return Answer{}, ctx.Err()
	}
	answer := Answer{
		Format: FormatVersion, Bucket: asked.Bucket, Region: asked.Region, Key: question.Key, Asked: question.Version, Here: seen.copy(), Links: []Link{},
	}
	p := &asking{sessions: sessions, question: question, here: here, seen: seen, isCurrent: latest.Found && latest.Version == seen.Version}
	links := make([][]Link, len(concerned))
	notJudged := make([][]string, len(concerned))
	var group sync.WaitGroup
	for i, descriptor := range concerned {
		group.Go(func() { links[i], notJudged[i] = p.links(ctx, descriptor) })
	}
	group.Wait()
	if ctx.Err() != nil {
		return Answer{}, ctx.Err()
	}
	answer.Links = append(answer.Links, slices.Concat(links...)...)
	all := slices.Concat(notJudged...)
	slices.Sort(all)
	answer.NotJudged = append(slices.Compact(all), never)
	if answer.failedAll() {
		answer.Notes = append(answer.Notes, "the status is FAILED, although the object is at every destination: a later change of the object, such as of its ACL, "+
			"or another destination may have failed. S3 does not retry")
	}
	answer.Well = answer.well()
	return answer, nil
}

func placeOf(d replication.Descriptor, bucket string) *replication.DeployedBucket {
	for _, place := range d.Buckets() {
		if place.Bucket == bucket {
			return &place
		}
	}
	return nil
}

func buckets(descriptors []replication.Descriptor) []string {
	var names []string
	for _, descriptor := range descriptors {
		for _, place := range descriptor.Buckets() {
			if name := "s3://" + place.Bucket; !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// asking is a question being answered.
type asking struct {
	sessions  *live.Sessions
	question  Question
	here      *bucket
	seen      sighting
	isCurrent bool
}

// links returns the links of one deployment from or to the bucket.
func (a *asking) links(ctx context.Context, descriptor replication.Descriptor) (answers []Link, notJudged []string) {
	var keys []string
	if a.seen.Key != "" {
		keys = append(keys, a.seen.Key)
	}
	known, notJudged := verify.Links(ctx, a.sessions, descriptor, keys...)
	replicates := slices.ContainsFunc(known, func(l verify.Link) bool { return l.From.Bucket == a.question.Bucket })
	judged := make([]*Link, len(known))
	var group sync.WaitGroup
	for i, link := range known {
		switch {
		case link.From.Bucket == a.question.Bucket:
			group.Go(func() { judged[i] = pointer(a.outgoing(ctx, link)) })
		case link.To.Bucket == a.question.Bucket && (a.seen.Status == statusReplica || !replicates):
			group.Go(func() { judged[i] = pointer(a.incoming(ctx, link)) })
		}
	}
	group.Wait()
	for _, each := range judged {
		if each != nil {
			answers = append(answers, *each)
		}
	}
	return answers, append(notJudged, a.addReported(ctx, descriptor, answers)...)
}

// outgoing judges the destination of a link from the requested bucket.
func (a *asking) outgoing(ctx context.Context, link verify.Link) Link {
	there := newBucket(a.sessions.At(link.To), link.To)
	e := ends{link: link, key: a.question.Key, here: a.seen, isCurrent: a.isCurrent, now: time.Now()}
	e.there, e.current = a.lookAt(ctx, there, a.seen.Version)
	if e.here.Found && !e.here.Marker && !e.here.opaque && e.there.Found && !e.there.Marker {
		e.here, e.there = a.here.checksums(ctx, e.key, e.here), there.checksums(ctx, e.key, e.there)
	}
	return e.judge()
}

// lookAt reads a version in another bucket, and the current version if that is
// another one. Without a version id, it reads the current version.
func (a *asking) lookAt(ctx context.Context, other *bucket, version string) (there, current sighting) {
	if version == "" {
		version = a.question.Version
	}
	there = other.look(ctx, a.question.Key, version)
	current = there
	if version != "" {
		current = other.look(ctx, a.question.Key, "")
	}
	return there, current
}

// incoming judges the source of a link to the requested bucket.
func (a *asking) incoming(ctx context.Context, link verify.Link) Link {
	source := newBucket(a.sessions.At(link.From), link.From)
	there, current := a.lookAt(ctx, source, a.seen.Version)
	answer := Link{
		Replication: link.Live.Name, Incoming: true, Name: link.From.Name, Bucket: link.From.Bucket, Region: link.From.Region, Version: there.copy(),
	}
	if current.err == nil && current.Found && current.Version != there.Version {
		answer.Current = pointer(current.copy())
	}
	switch {
	case there.err != nil || a.seen.err != nil:
		answer.Verdict = Unknown
	case !a.seen.Found && there.Found:
		answer.Verdict = Missing
		answer.Notes = append(answer.Notes, "the source has it: run crr object for the source")
		answer.Fix = append(answer.Fix, "crr object "+quoted(link.From.Bucket, a.question.Key)+versionFlag(there.Version))
	case !a.seen.Found:
		answer.Verdict = Missing
		answer.Notes = append(answer.Notes, "neither bucket has it")
	case !there.Found && a.seen.Status == statusReplica:
		answer.Verdict, answer.Reasons = Extra, append(answer.Reasons, fromCompare("deleted-at-source"))
	case !there.Found:
		answer.Verdict, answer.Reasons = Extra, append(answer.Reasons, fromCompare("written-there"))
	default:
		e := ends{link: link, key: a.question.Key, here: there, there: a.seen, now: time.Now()}
		if !there.Marker && !there.opaque && !a.seen.opaque {
			e.here, e.there = source.checksums(ctx, e.key, there), a.here.checksums(ctx, e.key, a.seen)
		}
		e.compare(&answer)
	}
	return answer
}

// addReported adds S3's failure reasons from queues of its events. It returns the
// queues that could not be read.
func (a *asking) addReported(ctx context.Context, descriptor replication.Descriptor, answers []Link) []string {
	if !slices.ContainsFunc(answers, func(l Link) bool { return l.Verdict == Failed }) {
		return nil
	}
	found := failures.Peek(ctx, a.sessions, descriptor)
	for i := range answers {
		for _, event := range found.Events {
			is := event.Bucket == a.question.Bucket && event.Key == a.question.Key && event.Version == a.seen.Version && event.Destination == answers[i].Bucket
			if is && answers[i].Verdict == Failed && event.Name == failures.OperationFailed && event.Reason != "" {
				answers[i].Reported = event.Reason
				if !slices.ContainsFunc(answers[i].Reasons, func(r model.Reason) bool { return r.Failure == event.Reason }) {
					answers[i].Reasons = append(answers[i].Reasons, reported(event.Reason))
				}
				break
			}
		}
	}
	return found.Notes
}
