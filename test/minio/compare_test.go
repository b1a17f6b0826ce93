package minio

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCompare_FindsNothingWhereMinIOHasReplicated(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	for _, key := range []string{"a.txt", "finance/q3.pdf", "finance/ä ö+%.txt", "z"} {
		p.put(key, "contents of "+key)
	}
	p.put("a.txt", "a second version")
	for _, args := range [][]string{{"compare"}, {"compare", "--current"}, {"compare", "--attributes"}} {
		out, messages, status := p.crr(args...)
		assert.Zero(t, status, "%v\n%s%s", args, out, messages)
	}
}

func TestCompare_FindsWhatSomebodyDidToReplicas(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	for _, key := range []string{"kept", "lost", "changed"} {
		p.put(key, "as it was")
	}
	there := p.destination.s3()
	lost, err := there.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(destinationBucket), Key: aws.String("lost")})
	require.NoError(t, err)
	_, err = there.DeleteObject(t.Context(), &s3.DeleteObjectInput{
		Bucket: aws.String(destinationBucket), Key: aws.String("lost"), VersionId: lost.VersionId,
	})
	require.NoError(t, err)
	_, err = there.PutObjectTagging(t.Context(), &s3.PutObjectTaggingInput{
		Bucket: aws.String(destinationBucket), Key: aws.String("changed"), Tagging: tagging("changed", "here"),
	})
	require.NoError(t, err)

	out, messages, status := p.crr("compare", "--attributes", "--output", "json")
	require.Equal(t, 1, status, out+messages)
	assert.Regexp(t, `"verdict":"missing".*"key":"lost"|"key":"lost".*"verdict":"missing"`, out)
	assert.Regexp(t, `"verdict":"different".*"key":"changed"|"key":"changed".*"verdict":"different"`, out)
	assert.NotContains(t, out, `"key":"kept"`)
}
