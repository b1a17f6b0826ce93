package verify

import (
	"bytes"
	"context"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	// probeText is the content of a probe: tiny, since Object Lock may retain it.
	probeText = "a probe of crr verify; it can be deleted\n"
	// partSize is S3's minimum size of a part that is not the last.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
	partSize = 5 << 20
	// contentType and metadata must be on the replica too.
	contentType, metadataKey = "text/plain", "crr-verify"
)

func (p *probe) metadata() map[string]string { return map[string]string{metadataKey: p.d.run} }

func (p *probe) tagging() *string {
	if len(p.object.Tags) == 0 {
		return nil
	}
	tags := url.Values{}
	for key, value := range p.object.Tags {
		tags.Set(key, value)
	}
	return aws.String(tags.Encode())
}

func (p *probe) put(ctx context.Context) error {
	if p.multipart {
		return p.putParts(ctx)
	}
	input := &s3.PutObjectInput{
		Bucket: &p.flow.from.Bucket, Key: &p.object.Key, Body: bytes.NewReader([]byte(probeText)),
		ContentType: aws.String(contentType), Metadata: p.metadata(), Tagging: p.tagging(), ChecksumAlgorithm: s3types.ChecksumAlgorithmCrc32,
	}
	if p.explicit {
		input.ServerSideEncryption, input.SSEKMSKeyId = s3types.ServerSideEncryptionAwsKms, &p.flow.from.KMSKeyARN
	}
	put, err := p.flow.from.s3.PutObject(ctx, input)
	if err == nil {
		p.version = aws.ToString(put.VersionId)
	}
	return err
}

func (p *probe) putParts(ctx context.Context) error {
	client, bucket, key := p.flow.from.s3, &p.flow.from.Bucket, &p.object.Key
	upload, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: bucket, Key: key, ContentType: aws.String(contentType), Metadata: p.metadata(), Tagging: p.tagging(),
		ChecksumAlgorithm: s3types.ChecksumAlgorithmCrc32,
	})
	if err != nil {
		return err
	}
	completed, err := p.complete(ctx, upload.UploadId)
	if err != nil {
		aborting, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpPatience)
		defer cancel()
		_, _ = client.AbortMultipartUpload(aborting, &s3.AbortMultipartUploadInput{Bucket: bucket, Key: key, UploadId: upload.UploadId}) // the first error is more useful
		return err
	}
	p.version = aws.ToString(completed.VersionId)
	return nil
}

func (p *probe) complete(ctx context.Context, upload *string) (*s3.CompleteMultipartUploadOutput, error) {
	client, bucket, key := p.flow.from.s3, &p.flow.from.Bucket, &p.object.Key
	var parts []s3types.CompletedPart
	for number, content := range [][]byte{bytes.Repeat([]byte("."), partSize), []byte(probeText)} {
		part, err := client.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: bucket, Key: key, UploadId: upload, PartNumber: aws.Int32(int32(number + 1)), Body: bytes.NewReader(content),
			ChecksumAlgorithm: s3types.ChecksumAlgorithmCrc32,
		})
		if err != nil {
			return nil, err
		}
		parts = append(parts, s3types.CompletedPart{ETag: part.ETag, PartNumber: aws.Int32(int32(number + 1)), ChecksumCRC32: part.ChecksumCRC32})
	}
	return client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: bucket, Key: key, UploadId: upload, MultipartUpload: &s3types.CompletedMultipartUpload{Parts: parts},
	})
}

// cleanUpPatience is the timeout of the cleanup, also when verify is interrupted.
const cleanUpPatience = time.Minute
