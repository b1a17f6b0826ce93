package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	// tagKey is the tag of everything that a run creates; its value is the run.
	tagKey = "crr-smoke"
	prefix = "crr-smoke-"
	// rolePath is the path of all roles.
	rolePath = "/crr-smoke/"
	ruleID   = "smoke"
	// roleStatements is the name of the role's policy.
	roleStatements = "replicate"
)

// runID starts with the start time of the run.
var runID = regexp.MustCompile(`crr-smoke-([0-9a-f]{8})[0-9a-f]{8}`)

// kind is the kind of a thing.
type kind string

const (
	bucketKind kind = "bucket"
	keyKind    kind = "key"
	roleKind   kind = "role"
)

// thing is one resource that a run created.
type thing struct {
	kind kind
	// region of a bucket or a key.
	region string
	// name of a bucket or a role, and the alias of a key or, where it has none, its run.
	name string
	// id of a key.
	id string
	// problem is why it could not be removed.
	problem string
}

func (t thing) where() string {
	if t.region == "" {
		return t.name
	}
	return t.name + " in " + t.region
}

// began returns the start time of the thing's run.
func (t thing) began() time.Time {
	found := runID.FindStringSubmatch(t.name)
	if found == nil {
		return time.Time{}
	}
	seconds, _ := strconv.ParseInt(found[1], 16, 64)
	return time.Unix(seconds, 0)
}

// olderThan removes the things of runs that may still be active.
func olderThan(things []thing, limit time.Duration) []thing {
	return slices.DeleteFunc(things, func(t thing) bool { return time.Since(t.began()) < 2*limit })
}

// site creates and records the resources of a run.
type site struct {
	config              aws.Config
	run, account        string
	source, destination model.BucketRef
	// role is the name of the latest role.
	role, roleARN string
	made          []thing
}

func newSite(config aws.Config, account, source, destination string) *site {
	random := make([]byte, 4)
	_, _ = rand.Read(random) // it never fails
	run := fmt.Sprintf("%s%08x%s", prefix, time.Now().Unix(), hex.EncodeToString(random))
	end := func(region, role string) model.BucketRef {
		return model.BucketRef{Region: region, Account: account, BucketARN: replication.BucketARN(region, run+"-"+role)}
	}
	s := &site{
		config: config, run: run, account: account, source: end(source, "source"), destination: end(destination, "replica"),
	}
	s.nameRole(run)
	return s
}

func (s *site) nameRole(name string) {
	partition, _ := replication.PartitionOf(s.source.Region)
	s.role, s.roleARN = name, fmt.Sprintf("arn:%s:iam::%s:role%s%s", partition.ID, s.account, rolePath, name)
}

func bucketOf(e model.BucketRef) string {
	return e.BucketARN[strings.LastIndex(e.BucketARN, ":")+1:]
}

func (s *site) in(region string) aws.Config {
	config := s.config.Copy()
	config.Region = region
	return config
}

func (s *site) s3(region string) *s3.Client   { return live.S3(s.in(region), s.account) }
func (s *site) kms(region string) *kms.Client { return kms.NewFromConfig(s.in(region)) }
func (s *site) iam() *iam.Client              { return iam.NewFromConfig(s.in(s.source.Region)) }

func (s *site) cw(region string) *cloudwatch.Client { return cloudwatch.NewFromConfig(s.in(region)) }

// will records that a thing is about to be created, or was.
func (s *site) will(t thing) { s.made = append(s.made, t) }

// make creates everything but the rule. Resources are recorded for removal before
// they are created.
func (s *site) make(ctx context.Context) error {
	for _, end := range []*model.BucketRef{&s.source, &s.destination} {
		if err := s.makeKey(ctx, end); err != nil {
			return fmt.Errorf("making the key in %s: %w", end.Region, err)
		}
		if err := s.makeBucket(ctx, *end); err != nil {
			return fmt.Errorf("making the bucket in %s: %w", end.Region, err)
		}
	}
	return nil
}

func (s *site) makeKey(ctx context.Context, end *model.BucketRef) error {
	client := s.kms(end.Region)
	made, err := client.CreateKey(ctx, &kms.CreateKeyInput{
		Description: aws.String("Made by `make smoke`; may be deleted"),
		Tags:        []kmstypes.Tag{{TagKey: aws.String(tagKey), TagValue: &s.run}},
	})
	if err != nil {
		return err
	}
	alias := "alias/" + bucketOf(*end)
	end.KMSKeyARN = aws.ToString(made.KeyMetadata.Arn)
	s.will(thing{kind: keyKind, region: end.Region, name: alias, id: aws.ToString(made.KeyMetadata.KeyId)})
	_, err = client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: &alias, TargetKeyId: made.KeyMetadata.KeyId})
	return err
}

func (s *site) makeBucket(ctx context.Context, end model.BucketRef) error {
	client, bucket := s.s3(end.Region), bucketOf(end)
	create := &s3.CreateBucketInput{Bucket: &bucket}
	if end.Region != "us-east-1" {
		create.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(end.Region)}
	}
	s.will(thing{kind: bucketKind, region: end.Region, name: bucket})
	if _, err := client.CreateBucket(ctx, create); err != nil {
		return err
	}
	if _, err := client.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{
		Bucket: &bucket, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String(tagKey), Value: &s.run}}},
	}); err != nil {
		return err
	}
	if _, err := client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: &bucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	}); err != nil {
		return err
	}
	_, err := client.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{
		Bucket: &bucket,
		ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{
			ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{
				SSEAlgorithm: s3types.ServerSideEncryptionAwsKms, KMSMasterKeyID: &end.KMSKeyARN,
			},
			BucketKeyEnabled: aws.Bool(true),
		}}},
	})
	return err
}

// makeRole creates the role with a trust policy with or without aws:SourceAccount,
// and with only kms:Decrypt on the source's key, or more.
func (s *site) makeRole(ctx context.Context, needsAccount, generate bool) error {
	s.will(thing{kind: roleKind, name: s.role})
	if _, err := s.iam().CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: &s.role, Path: aws.String(rolePath), AssumeRolePolicyDocument: aws.String(s.trust(needsAccount)),
		Tags: []iamtypes.Tag{{Key: aws.String(tagKey), Value: &s.run}},
	}); err != nil {
		return err
	}
	return s.allow(ctx, generate)
}

// trust returns the trust policy of the role: with a condition that fails if S3 does
// not send the key, or without it.
func (s *site) trust(needsAccount bool) string {
	document := model.TrustPolicy(s.source, model.TrustAnyAccount)
	if needsAccount {
		document.Statement[0].Condition = policy.Conditions{"StringEquals": {"aws:SourceAccount": {s.account}}}
	}
	return document.JSON()
}

func (s *site) trustWith(ctx context.Context, needsAccount bool) error {
	_, err := s.iam().UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: &s.role, PolicyDocument: aws.String(s.trust(needsAccount))})
	return err
}

// allow lets the role replicate, with or without kms:GenerateDataKey on the source's
// key.
func (s *site) allow(ctx context.Context, generate bool) error {
	document := model.RolePolicy(s.source, []model.BucketRef{s.destination})
	if !generate {
		for i, statement := range document.Statement {
			if slices.Contains(statement.Resource, s.source.KMSKeyARN) {
				document.Statement[i].Action = policy.Values{"kms:Decrypt"}
			}
		}
	}
	_, err := s.iam().PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: &s.role, PolicyName: aws.String(roleStatements), PolicyDocument: aws.String(document.JSON()),
	})
	return err
}

// replicate puts the rule.
func (s *site) replicate(ctx context.Context) error {
	_, err := s.s3(s.source.Region).PutBucketReplication(ctx, &s3.PutBucketReplicationInput{
		Bucket: aws.String(bucketOf(s.source)),
		ReplicationConfiguration: &s3types.ReplicationConfiguration{Role: &s.roleARN, Rules: []s3types.ReplicationRule{{
			ID: aws.String(ruleID), Priority: aws.Int32(1), Status: s3types.ReplicationRuleStatusEnabled,
			Filter:                  &s3types.ReplicationRuleFilter{Prefix: aws.String("")},
			DeleteMarkerReplication: &s3types.DeleteMarkerReplication{Status: s3types.DeleteMarkerReplicationStatusEnabled},
			SourceSelectionCriteria: &s3types.SourceSelectionCriteria{
				SseKmsEncryptedObjects: &s3types.SseKmsEncryptedObjects{Status: s3types.SseKmsEncryptedObjectsStatusEnabled},
			},
			Destination: &s3types.Destination{
				Bucket:                  &s.destination.BucketARN,
				EncryptionConfiguration: &s3types.EncryptionConfiguration{ReplicaKmsKeyID: &s.destination.KMSKeyARN},
				Metrics:                 &s3types.Metrics{Status: s3types.MetricsStatusEnabled},
			},
		}}},
	})
	return err
}

// leftovers returns the things of earlier runs: buckets and roles, found by name and
// confirmed by tags, and keys, found by tags.
func (s *site) leftovers(ctx context.Context) ([]thing, error) {
	var found []thing
	buckets, err := s.s3(s.source.Region).ListBuckets(ctx, &s3.ListBucketsInput{})
	if err != nil {
		return nil, err
	}
	for _, bucket := range buckets.Buckets {
		name := aws.ToString(bucket.Name)
		if !runID.MatchString(name) || !strings.HasPrefix(name, prefix) {
			continue
		}
		region, err := s.regionOf(ctx, name)
		if err != nil {
			return nil, err
		}
		found = append(found, thing{kind: bucketKind, region: region, name: name})
	}
	roles := iam.NewListRolesPaginator(s.iam(), &iam.ListRolesInput{PathPrefix: aws.String(rolePath)})
	for roles.HasMorePages() {
		page, err := roles.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, role := range page.Roles {
			found = append(found, thing{kind: roleKind, name: aws.ToString(role.RoleName)})
		}
	}
	for _, region := range []string{s.source.Region, s.destination.Region} {
		keys, err := s.leftKeys(ctx, region)
		if err != nil {
			return nil, err
		}
		found = append(found, keys...)
	}
	return slices.DeleteFunc(found, func(t thing) bool { return !s.tagged(ctx, t) }), nil
}

// leftKeys returns the keys of a region with the tag of a run. Keys are created with
// the tag, but have no alias if the run was killed before it created one.
func (s *site) leftKeys(ctx context.Context, region string) ([]thing, error) {
	client := s.kms(region)
	var found []thing
	keys := kms.NewListKeysPaginator(client, &kms.ListKeysInput{})
	for keys.HasMorePages() {
		page, err := keys.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, each := range page.Keys {
			key, err := leftKey(ctx, client, each.KeyId)
			if err != nil {
				return nil, fmt.Errorf("looking at the key %s in %s: %w", aws.ToString(each.KeyId), region, err)
			}
			if key.id != "" {
				key.region = region
				found = append(found, key)
			}
		}
	}
	return found, nil
}

// leftKey returns a key, or nothing if no run created it or its deletion is
// scheduled. A key with unreadable tags was not created with these credentials.
func leftKey(ctx context.Context, client *kms.Client, id *string) (thing, error) {
	tags, err := client.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: id})
	if code := live.Code(err); code == "AccessDeniedException" || code == "NotFoundException" {
		return thing{}, nil
	}
	if err != nil {
		return thing{}, err
	}
	at := slices.IndexFunc(tags.Tags, func(tag kmstypes.Tag) bool {
		return aws.ToString(tag.TagKey) == tagKey && runID.MatchString(aws.ToString(tag.TagValue))
	})
	if at < 0 {
		return thing{}, nil
	}
	key := thing{kind: keyKind, name: aws.ToString(tags.Tags[at].TagValue), id: aws.ToString(id)}
	aliases, err := client.ListAliases(ctx, &kms.ListAliasesInput{KeyId: id})
	if err != nil {
		return thing{}, err
	}
	if len(aliases.Aliases) > 0 {
		key.name = aws.ToString(aliases.Aliases[0].AliasName)
		return key, nil
	}
	described, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: id})
	if err != nil {
		return thing{}, err
	}
	if described.KeyMetadata.KeyState == kmstypes.KeyStatePendingDeletion {
		return thing{}, nil
	}
	return key, nil
}

func (s *site) regionOf(ctx context.Context, bucket string) (string, error) {
	answer, err := s.s3(s.source.Region).GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: &bucket})
	if err != nil {
		return "", err
	}
	return cmp.Or(string(answer.LocationConstraint), "us-east-1"), nil
}

// tagged reports whether a thing has the tag of the run in its name. A bucket has no
// tag if its run was killed before tagging it.
func (s *site) tagged(ctx context.Context, t thing) bool {
	run := runID.FindString(t.name)
	switch t.kind {
	case bucketKind:
		answer, err := s.s3(t.region).GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &t.name})
		if live.Code(err) == "NoSuchTagSet" {
			return true
		}
		return err == nil && slices.ContainsFunc(answer.TagSet, func(tag s3types.Tag) bool { return aws.ToString(tag.Key) == tagKey && aws.ToString(tag.Value) == run })
	case roleKind:
		answer, err := s.iam().ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: &t.name})
		return err == nil && slices.ContainsFunc(answer.Tags, func(tag iamtypes.Tag) bool { return aws.ToString(tag.Key) == tagKey && aws.ToString(tag.Value) == run })
	default:
		return true // keys are found by their tag
	}
}

// remove removes things and returns the remaining ones. Replicas may still arrive
// meanwhile, so it empties buckets until they can be deleted.
func (s *site) remove(ctx context.Context, things []thing, limit time.Duration) []thing {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	left := slices.Clone(things)
	slices.SortStableFunc(left, func(a, b thing) int { return order(a.kind) - order(b.kind) })
	for attempt := 0; len(left) > 0 && ctx.Err() == nil && attempt < 20; attempt++ {
		if attempt > 0 {
			pause(ctx, 3*time.Second)
		}
		var still []thing
		for _, each := range left {
			if err := s.removeOne(ctx, each); err != nil {
				each.problem = live.Brief(err)
				still = append(still, each)
			}
		}
		left = still
	}
	return left
}

// order of removal: without its rule, the source sends nothing any more.
func order(k kind) int { return slices.Index([]kind{bucketKind, roleKind, keyKind}, k) }

func (s *site) removeOne(ctx context.Context, t thing) error {
	switch t.kind {
	case bucketKind:
		return s.removeBucket(ctx, t)
	case roleKind:
		_, err := s.iam().DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &t.name, PolicyName: aws.String(roleStatements)})
		if err = unlessCode(err, "NoSuchEntity"); err != nil {
			return err
		}
		_, err = s.iam().DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &t.name})
		return unlessCode(err, "NoSuchEntity")
	default:
		_, err := s.kms(t.region).ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &t.id, PendingWindowInDays: aws.Int32(7)})
		if err = unlessCode(err, "KMSInvalidStateException", "NotFoundException"); err != nil {
			return err
		}
		if !strings.HasPrefix(t.name, "alias/") {
			return nil
		}
		_, err = s.kms(t.region).DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: &t.name})
		return unlessCode(err, "NotFoundException")
	}
}

func (s *site) removeBucket(ctx context.Context, t thing) error {
	client := s.s3(t.region)
	_, err := client.DeleteBucketReplication(ctx, &s3.DeleteBucketReplicationInput{Bucket: &t.name})
	if live.Code(err) == "NoSuchBucket" {
		return nil
	}
	if err = unlessCode(err, "ReplicationConfigurationNotFoundError"); err != nil {
		return err
	}
	versions := s3.NewListObjectVersionsPaginator(client, &s3.ListObjectVersionsInput{Bucket: &t.name})
	for versions.HasMorePages() {
		page, err := versions.NextPage(ctx)
		if err != nil {
			return err
		}
		remove := func(key, version *string) error {
			_, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &t.name, Key: key, VersionId: version})
			return err
		}
		for _, version := range page.Versions {
			if err := remove(version.Key, version.VersionId); err != nil {
				return err
			}
		}
		for _, marker := range page.DeleteMarkers {
			if err := remove(marker.Key, marker.VersionId); err != nil {
				return err
			}
		}
	}
	_, err = client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &t.name})
	return unlessCode(err, "NoSuchBucket")
}

func unlessCode(err error, codes ...string) error {
	if slices.Contains(codes, live.Code(err)) {
		return nil
	}
	return err
}

// pause waits, or returns early if the context ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
