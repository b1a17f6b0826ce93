package compare

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/rules"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// pairsOf are each source with each of its destinations.
func pairsOf(ctx context.Context, access Access, descriptors []replication.Descriptor, options Options) ([]*pair, error) {
	var pairs []*pair
	for _, descriptor := range descriptors {
		buckets := map[string]*s3Bucket{}
		for _, place := range descriptor.Buckets() {
			buckets[place.Name] = newS3Bucket(access.At(place), place, options.Current, 2*options.Concurrency)
			buckets[place.Name].checksums = options.Attributes || options.Checksums
			// With KMS, version ids prove that two objects are the same.
			buckets[place.Name].withIDs = slices.ContainsFunc(descriptor.Buckets(), func(p replication.DeployedBucket) bool { return p.KMSKeyARN != "" })
			if err := buckets[place.Name].mustBeVersioned(ctx); err != nil {
				return nil, err
			}
		}
		reports, err := openReports(ctx, buckets, options.Inventory)
		if err != nil {
			return nil, err
		}
		for _, subject := range model.Subjects(descriptor) {
			source := buckets[subject.Facts.Source.Name]
			now, unread := source.rulesNow(ctx, subject)
			for _, place := range descriptor.Buckets() {
				if _, replicates := subject.Facts.Destinations[place.Bucket]; replicates {
					p := pairOf(descriptor, subject, source, buckets[place.Name], reports, options)
					if p.unread = unread; now != nil {
						live := newSelection(*now, place)
						p.judge.live = &live
					}
					pairs = append(pairs, p)
				}
			}
		}
	}
	if len(pairs) == 0 {
		return nil, errors.New("nothing to compare: the descriptor has no rules")
	}
	return pairs, nil
}

func pairOf(
	descriptor replication.Descriptor, subject model.Subject, source, destination *s3Bucket, reports map[string]*report, options Options,
) *pair {
	back := slices.ContainsFunc(descriptor.Rules, func(rule replication.Rule) bool {
		return rule.From() == destination.place.Name && rule.Destination == source.place.Name
	})
	p := &pair{
		replication: subject.Name, source: source.place, destination: destination.place, splits: true,
		judge: judge{
			source: source, destination: destination, rules: newSelection(subject, destination.place),
			attributes: options.Attributes, checksums: options.Checksums, current: options.Current, back: back,
			kms: source.place.KMSKeyARN != "" || destination.place.KMSKeyARN != "", now: time.Now,
		},
	}
	p.match = p.matchLists
	if len(reports) > 0 {
		p.splits, p.match = false, matchReports(reports[source.place.Name], reports[destination.place.Name])
	}
	return p
}

// openReports opens a report for each place, where there are any.
func openReports(ctx context.Context, buckets map[string]*s3Bucket, manifests map[string]string) (map[string]*report, error) {
	if len(manifests) == 0 {
		return nil, nil
	}
	for place := range manifests {
		if buckets[place] == nil {
			return nil, fmt.Errorf("--inventory: there is no bucket named %q; there are: %s", place, strings.Join(slices.Sorted(maps.Keys(buckets)), ", "))
		}
	}
	reports := map[string]*report{}
	for _, place := range slices.Sorted(maps.Keys(buckets)) {
		uri, given := manifests[place]
		if !given {
			return nil, fmt.Errorf("--inventory: the report of %s is missing; a report can't be compared with a listing, which is newer", place)
		}
		var err error
		if reports[place], err = buckets[place].openReport(ctx, uri); err != nil {
			return nil, err
		}
	}
	return reports, nil
}

// mustBeVersioned says so where a bucket cannot be compared version by version.
func (b *s3Bucket) mustBeVersioned(ctx context.Context) error {
	if b.current {
		return nil
	}
	answer, err := b.client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &b.place.Bucket}, func(options *s3.Options) {
		options.RetryMaxAttempts = retry.DefaultMaxAttempts // nothing is lost yet
	})
	switch {
	case slices.Contains([]string{"AccessDenied", "NotImplemented", "MethodNotAllowed"}, live.Code(err)):
		return nil // lists may be allowed all the same
	case err != nil:
		return live.Failed("reading the versioning of s3://"+b.place.Bucket, b.place, err)
	case answer.Status == "":
		return fmt.Errorf("s3://%s is unversioned, and S3 replicates only versions; "+
			"enable versioning, or compare the current objects with --current", b.place.Bucket)
	}
	return nil
}

// rulesNow returns a replication with the live rules of its source, or nil if they
// are as deployed.
func (b *s3Bucket) rulesNow(ctx context.Context, subject model.Subject) (*model.Subject, error) {
	found, err := rules.Read(ctx, b.client, b.place)
	if err != nil {
		return nil, live.Failed("reading the rules of s3://"+b.place.Bucket, b.place, err)
	}
	if found == nil {
		found = &s3config.Configuration{}
	}
	changed := len(found.Rules) != len(subject.Configuration.Rules)
	for i := range subject.Configuration.Rules {
		deployed := &subject.Configuration.Rules[i]
		at := slices.IndexFunc(found.Rules, func(r s3config.Rule) bool { return r.ID == deployed.ID })
		changed = changed || at < 0 || len(rules.Differences(deployed, &found.Rules[at])) > 0
	}
	if !changed {
		return nil, nil
	}
	now := subject
	now.Configuration = *found
	return &now, nil
}
