package localaws

import (
	"net/url"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// awkwardKeys are keys that clients misread in lists whose encoding is missing, and
// keys that XML can't represent.
var awkwardKeys = []string{
	"100%", "a%2Fb", "a b+c%ü/ö", "plus+plus", "a&b<c>'d'\"", "line\nbreak\rreturn\ttab", "bell\a", "~tilde*star!(dash)", "dir one/ü/1", "dir one/ü/2",
}

// decoded reverses encoding-type=url, as SDKs do.
func decoded(t *testing.T, encoded *string) string {
	t.Helper()
	key, err := url.QueryUnescape(aws.ToString(encoded))
	require.NoError(t, err)
	return key
}

func TestEveryListCanBeReadWhateverTheKeys(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("lists", "us-east-1")
	bucket, sorted := aws.String("lists"), slices.Sorted(slices.Values(awkwardKeys))
	for _, key := range awkwardKeys {
		a.put("lists", key)
	}
	t.Run("ListObjects", func(t *testing.T) {
		var keys []string
		input := &s3.ListObjectsInput{Bucket: bucket, EncodingType: types.EncodingTypeUrl, MaxKeys: aws.Int32(3)}
		for more := true; more; {
			page, err := a.s3().ListObjects(t.Context(), input)
			require.NoError(t, err)
			assert.Equal(t, types.EncodingTypeUrl, page.EncodingType)
			for _, each := range page.Contents {
				keys = append(keys, decoded(t, each.Key))
			}
			more, input.Marker = *page.IsTruncated, aws.String(keys[len(keys)-1])
		}
		assert.Equal(t, sorted, keys)
	})
	t.Run("ListObjectsV2", func(t *testing.T) {
		var keys []string
		pages := s3.NewListObjectsV2Paginator(a.s3(), &s3.ListObjectsV2Input{Bucket: bucket, EncodingType: types.EncodingTypeUrl, MaxKeys: aws.Int32(3)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			require.NoError(t, err)
			for _, each := range page.Contents {
				keys = append(keys, decoded(t, each.Key))
			}
		}
		assert.Equal(t, sorted, keys)
		page, err := a.s3().ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{
			Bucket: bucket, EncodingType: types.EncodingTypeUrl, Prefix: aws.String("dir one/"), Delimiter: aws.String("/"), StartAfter: aws.String("dir one/+"),
		})
		require.NoError(t, err)
		require.Len(t, page.CommonPrefixes, 1)
		assert.Equal(t, "dir one/ü/", decoded(t, page.CommonPrefixes[0].Prefix))
		assert.Equal(t, "dir one/", decoded(t, page.Prefix))
		assert.Equal(t, "dir one/+", decoded(t, page.StartAfter))
	})
	t.Run("ListObjectVersions", func(t *testing.T) {
		var keys []string
		input := &s3.ListObjectVersionsInput{Bucket: bucket, EncodingType: types.EncodingTypeUrl, MaxKeys: aws.Int32(3)}
		for more := true; more; {
			page, err := a.s3().ListObjectVersions(t.Context(), input)
			require.NoError(t, err)
			assert.Equal(t, types.EncodingTypeUrl, page.EncodingType)
			for _, each := range page.Versions {
				keys = append(keys, decoded(t, each.Key))
			}
			more, input.KeyMarker, input.VersionIdMarker = *page.IsTruncated, aws.String(decoded(t, page.NextKeyMarker)), page.NextVersionIdMarker
		}
		assert.Equal(t, sorted, keys)
	})
	t.Run("ListMultipartUploads", func(t *testing.T) {
		_, err := a.s3().CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: bucket, Key: aws.String("a b+c%ü/ö")})
		require.NoError(t, err)
		page, err := a.s3().ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: bucket, EncodingType: types.EncodingTypeUrl})
		require.NoError(t, err)
		require.Len(t, page.Uploads, 1)
		assert.Equal(t, "a b+c%ü/ö", decoded(t, page.Uploads[0].Key))
	})
	t.Run("without encoding", func(t *testing.T) {
		page, err := a.s3().ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: bucket, Prefix: aws.String("a b+c%")})
		require.NoError(t, err)
		require.Len(t, page.Versions, 1)
		assert.Equal(t, "a b+c%ü/ö", *page.Versions[0].Key)
		assert.Empty(t, page.EncodingType)
	})
}
