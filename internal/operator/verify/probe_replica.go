package verify

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
)

// judgeReplica compares a replica with its source object and with the replica that
// the model expects.
func (p *probe) judgeReplica(ctx context.Context, t *target, source, replica *s3.HeadObjectOutput) outcome {
	tags, err := tagsOf(ctx, t.to, p)
	if err != nil {
		return unanswered("reading the tags of the replica of "+p.object.Key+" in "+t.to.url(), t.to.DeployedBucket, err)
	}
	owner, err := p.ownerOf(ctx, t)
	if err != nil {
		return unanswered("reading the owner of the replica of "+p.object.Key+" in "+t.to.url(), t.to.DeployedBucket, err)
	}
	var differences []string
	compare := func(what, found, wanted string) {
		if found != wanted {
			differences = append(differences, fmt.Sprintf("its %s is %s instead of %s", what, words.OrNothing(found), words.OrNothing(wanted)))
		}
	}
	compare("replication status", string(replica.ReplicationStatus), string(s3types.ReplicationStatusReplica))
	if wanted := t.decision.Replica; wanted != nil {
		compare("storage class", string(classOf(replica)), string(wanted.StorageClass))
		compare("encryption", string(replica.ServerSideEncryption), string(wanted.Encryption))
		compare("key", aws.ToString(replica.SSEKMSKeyId), wanted.KMSKey)
		if wanted.Owner == model.OwnedByDestination && owner != "" && t.to.owner.err == nil {
			compare("owner", owner, t.to.owner.value)
		}
	}
	compare("size", fmt.Sprint(aws.ToInt64(replica.ContentLength)), fmt.Sprint(aws.ToInt64(source.ContentLength)))
	compare("checksum", checksum(replica), checksum(source))
	compare("content type", aws.ToString(replica.ContentType), aws.ToString(source.ContentType))
	compare("metadata", fmt.Sprint(replica.Metadata), fmt.Sprint(source.Metadata))
	if !maps.Equal(tags, p.object.Tags) {
		compare("tags", fmt.Sprint(tags), fmt.Sprint(p.object.Tags))
	}
	if source.ObjectLockMode != "" {
		compare("retention", retention(replica), retention(source))
	}
	if len(differences) == 0 {
		return outcome{}
	}
	return failsAlone(fmt.Sprintf("the replica of %s in %s is not as expected: %s", p.object.Key, t.to.url(), strings.Join(differences, "; ")),
		"check the rule "+ruleOf(t)+", and other writers to "+t.to.url())
}

func ruleOf(t *target) string {
	if t.decision.Rule == nil {
		return "that selects it"
	}
	return t.decision.Rule.String()
}

// classOf returns the storage class, which S3 omits for STANDARD.
func classOf(head *s3.HeadObjectOutput) s3types.StorageClass {
	if head.StorageClass == "" {
		return s3types.StorageClassStandard
	}
	return head.StorageClass
}

// checksum returns the checksum that the SDK sends: ETags of KMS-encrypted objects
// can't be compared.
func checksum(head *s3.HeadObjectOutput) string {
	return aws.ToString(head.ChecksumCRC32)
}

func retention(head *s3.HeadObjectOutput) string {
	if head.ObjectLockRetainUntilDate == nil {
		return ""
	}
	return string(head.ObjectLockMode) + " until " + head.ObjectLockRetainUntilDate.UTC().Format(time.RFC3339)
}

func tagsOf(ctx context.Context, to *place, p *probe) (map[string]string, error) {
	found, err := to.s3.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: &to.Bucket, Key: &p.object.Key, VersionId: &p.version})
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, tag := range found.TagSet {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags, nil
}

// ownerOf returns the canonical id of a replica's owner.
func (p *probe) ownerOf(ctx context.Context, t *target) (string, error) {
	listed, err := t.to.s3.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &t.to.Bucket, Prefix: &p.object.Key})
	if err != nil {
		return "", err
	}
	for _, version := range listed.Versions {
		if aws.ToString(version.VersionId) == p.version && version.Owner != nil {
			return aws.ToString(version.Owner.ID), nil
		}
	}
	return "", nil
}
