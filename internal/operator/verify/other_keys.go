package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// sampledObjects is the number of objects whose keys are checked. They are spread
// evenly over the first thousand versions in the bucket.
const sampledObjects = 24

// otherKeys are keys of objects that were not deployed with the bucket.
type otherKeys struct {
	// refused is the error of reading an object's key.
	refused error
	keys    []otherKey
}

type otherKey struct {
	arn, object string
	state       model.KeyState
	err         error
}

// readOtherKeys reads the keys of a sample of objects, and their states.
func (p *place) readOtherKeys(ctx context.Context) (otherKeys, error) {
	page, err := p.s3.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &p.Bucket})
	if err != nil {
		return otherKeys{}, err
	}
	versions := slices.DeleteFunc(page.Versions, func(v s3types.ObjectVersion) bool {
		return strings.Contains(aws.ToString(v.Key), probesFolder)
	})
	var found otherKeys
	step := max(1, (len(versions)+sampledObjects-1)/sampledObjects)
	for i := 0; i < len(versions); i += step {
		head, err := p.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &p.Bucket, Key: versions[i].Key, VersionId: versions[i].VersionId})
		if hasCode(err, []string{"NotFound", "NoSuchVersion", "NoSuchKey", "BadRequest"}) {
			continue // it was deleted meanwhile, or uses SSE-C
		}
		if err != nil {
			found.refused = err
			break
		}
		arn := aws.ToString(head.SSEKMSKeyId)
		deployed := arn == "" || arn == p.KMSKeyARN || slices.Contains(p.DecryptKeyARNs, arn)
		if deployed || slices.ContainsFunc(found.keys, func(k otherKey) bool { return k.arn == arn }) {
			continue
		}
		key := otherKey{arn: arn, object: aws.ToString(versions[i].Key)}
		described, err := p.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &arn})
		switch {
		case hasCode(err, []string{"NotFoundException"}):
			key.state = model.KeyNotFound
		case err != nil:
			key.err = err
		default:
			key.state = model.KeyState(described.KeyMetadata.KeyState)
		}
		found.keys = append(found.keys, key)
	}
	return found, nil
}

// judgeOtherKeys checks that existing objects can be read.
func (p *place) judgeOtherKeys() outcome {
	if p.otherKeys.err != nil {
		return unanswered("listing objects of "+p.url(), p.DeployedBucket, p.otherKeys.err)
	}
	found := p.otherKeys.value
	for _, key := range found.keys {
		if key.state == model.KeyEnabled || key.state == "" {
			continue
		}
		o := p.judgeKeyState(key.arn, answer[model.KeyFacts]{model.KeyFacts{State: key.state}, nil})
		o.reason = fmt.Sprintf("objects of %s such as %s are encrypted with a key that was not deployed with the bucket; %s", p.url(), key.object, o.reason)
		o.harmless = true
		return o
	}
	for _, key := range found.keys {
		if key.state == "" {
			return unanswered(fmt.Sprintf("reading the state of the key %s of objects such as %s", key.arn, key.object), p.DeployedBucket, key.err)
		}
	}
	if found.refused != nil {
		return unanswered(fmt.Sprintf("reading the keys of objects of %s", p.url()), p.DeployedBucket, found.refused)
	}
	return outcome{}
}
