package crr

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// accountKey identifies an account before deployment: by the account of an assumed role
// ("" for the deployment's own credentials), or by the user's provider.
type accountKey struct {
	account  string
	provider pulumi.ProviderResource
}

func (b *EncryptedBucket) accountKey() accountKey {
	if b.env.assumeRoleARN == nil {
		return accountKey{provider: b.env.provider}
	}
	return accountKey{account: b.env.accountRegion().account}
}

// assumedRole of the shared provider that manages the bucket, or "".
func (b *EncryptedBucket) assumedRole() string {
	if b.env.assumeRoleARN == nil {
		return ""
	}
	return *b.env.assumeRoleARN
}

// label returns the part of resource names that distinguishes accounts. It is empty for
// the account of the deployment's own credentials.
func (o accountKey) label(first *EncryptedBucket) string {
	switch {
	case o.provider != nil:
		return "-" + first.name
	case o.account != "":
		return "-" + o.account
	default:
		return ""
	}
}

// group contains the buckets that share a trail or records.
type group[K comparable] struct {
	key     K
	buckets []auditedBucket
}

type auditedBucket struct {
	*EncryptedBucket
	options AuditOptions
}

// audited returns the buckets of all replications, in order.
func (a *AuditArgs) audited() []auditedBucket {
	var all []auditedBucket
	for _, each := range a.Replications {
		for _, bucket := range append([]*EncryptedBucket{each.Bucket.Source}, each.Bucket.Destinations...) {
			all = append(all, auditedBucket{bucket, each.AuditOptions})
		}
	}
	return all
}

// grouped groups the wanted buckets by key, in the order of the first bucket of each
// group.
func grouped[K comparable](all []auditedBucket, wanted func(auditedBucket) bool, key func(auditedBucket) K) []group[K] {
	var groups []group[K]
	at := map[K]int{}
	for _, bucket := range all {
		if !wanted(bucket) {
			continue
		}
		i, known := at[key(bucket)]
		if !known {
			i = len(groups)
			at[key(bucket)] = i
			groups = append(groups, group[K]{key: key(bucket)})
		}
		groups[i].buckets = append(groups[i].buckets, bucket)
	}
	return groups
}

// createTrails registers the trail of each account.
func (a *Audit) createTrails(ctx *pulumi.Context, args *AuditArgs) (err error) {
	wanted := func(b auditedBucket) bool { return b.options.Trail }
	for _, group := range grouped(args.audited(), wanted, func(b auditedBucket) accountKey { return b.accountKey() }) {
		first := group.buckets[0].EncryptedBucket
		trailArgs := &AuditTrailArgs{
			Region: first.env.region, AssumeRoleARN: first.assumedRole(), Provider: group.key.provider,
			Trail: args.Trail, Logs: args.Logs, Tags: args.Tags,
		}
		if args.Region != "" && group.key.provider == nil {
			trailArgs.Region = args.Region
		}
		if trailArgs.Trail.PermissionsBoundary, err = args.Trail.boundaryIn(group.key.account, first.boundary); err != nil {
			return err
		}
		for _, bucket := range group.buckets {
			warnOfOwner(ctx, bucket.EncryptedBucket)
			trailArgs.BucketARNs = append(trailArgs.BucketARNs, bucket.madeARN)
		}
		trail, err := NewAuditTrail(ctx, a.name+group.key.label(first), trailArgs, pulumi.Parent(a))
		if err != nil {
			return err
		}
		a.Trails = append(a.Trails, trail)
		a.trails[group.key] = trail
		for _, bucket := range group.buckets {
			a.recorded[bucket.EncryptedBucket] = trail
		}
	}
	return nil
}

// warnOfOwner warns if a trail records only some calls on a bucket: a trail records the
// calls of its own account and the calls on its account's buckets.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
func warnOfOwner(ctx *pulumi.Context, bucket *EncryptedBucket) {
	if !bucket.existing {
		return
	}
	pulumi.All(bucket.AccountID, bucket.env.account, bucket.Bucket).ApplyT(func(texts []any) (string, error) {
		owner, own, name := texts[0].(string), texts[1].(string), texts[2].(string)
		if owner == "" || owner == own {
			return "", nil
		}
		return "", ctx.Log.Warn(fmt.Sprintf("audit: the bucket %s is in account %s, and the trail is in %s: it records only calls made from %s. "+
			"Record the calls in account %s too, or set assumeRoleArn (Provider in Go) of the bucket to manage its account.", name, owner, own, own, owner),
			&pulumi.LogArgs{Resource: bucket})
	})
}

// createRecords registers the bucket for records of each account and region.
func (a *Audit) createRecords(ctx *pulumi.Context, args *AuditArgs) error {
	wanted := func(b auditedBucket) bool { return !b.existing && (b.options.AccessLogs || b.options.Inventory != "") }
	for _, group := range grouped(args.audited(), wanted, func(b auditedBucket) accountRegion { return b.env.accountRegion() }) {
		first := group.buckets[0].EncryptedBucket
		recordsArgs := &BucketRecordsArgs{
			Region: group.key.region, AssumeRoleARN: first.assumedRole(), Provider: group.key.provider, Logs: args.Logs, Tags: args.Tags,
		}
		accessLogs := false
		for _, bucket := range group.buckets {
			recordsArgs.Buckets = append(recordsArgs.Buckets, RecordedBucket{
				Bucket: bucket.EncryptedBucket, AccessLogs: bucket.options.AccessLogs, Inventory: bucket.options.Inventory,
			})
			accessLogs = accessLogs || bucket.options.AccessLogs
		}
		if trail := a.trails[first.accountKey()]; accessLogs && trail != nil && trail.at.region == group.key.region {
			recordsArgs.Buckets = append(recordsArgs.Buckets, RecordedBucket{Trail: trail, AccessLogs: true})
		}
		records, err := NewBucketRecords(ctx, a.name+first.accountKey().label(first)+"-"+group.key.region, recordsArgs, pulumi.Parent(a))
		if err != nil {
			return err
		}
		a.Records = append(a.Records, records)
	}
	return nil
}
