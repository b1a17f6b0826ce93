package awsid_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func TestPartitionOf_KnowsRegionsByTheirForm(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"us-east-1": "aws", "ap-southeast-7": "aws", "il-central-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov",
	} {
		partition, ok := replication.PartitionOf(region)
		assert.True(t, ok, region)
		assert.Equal(t, want, partition.ID, region)
	}
	for _, text := range []string{"", "us-east", "US-EAST-1", "moon-base-1", "us-east-1a"} {
		_, ok := replication.PartitionOf(text)
		assert.False(t, ok, text)
	}
}

func TestNamesFollowThePartition(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "s3.cn-north-1.amazonaws.com.cn", replication.S3ViaService("cn-north-1"))
	assert.Equal(t, "s3.us-gov-west-1.amazonaws.com", replication.S3ViaService("us-gov-west-1"))
	assert.Equal(t, "arn:aws-cn:s3:::b", replication.BucketARN("cn-north-1", "b"))
}

func TestAccountOf_IsEmptyForBuckets(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "111111111111", awsid.AccountOf("arn:aws:iam::111111111111:role/x"))
	assert.Empty(t, awsid.AccountOf("arn:aws:s3:::bucket"))
	assert.Empty(t, awsid.AccountOf("bucket"))
}

func TestCheckRoleARN(t *testing.T) {
	t.Parallel()
	assert.NoError(t, awsid.CheckRoleARN("arn:aws:iam::111111111111:role/service-role/x"))
	for _, text := range []string{"", "x", "arn:aws:iam::111111111111:user/x", "arn:aws:iam::1:role/x", "arn:aws:s3:::b"} {
		assert.ErrorContains(t, awsid.CheckRoleARN(text), "is not the ARN of an IAM role", text)
	}
}

func TestInAccountNamespace(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"data-111111111111-us-east-1-an": true, "data-111111111111-us-gov-west-1-an": true, "data-111111111111-eusc-de-east-1-an": true,
		"data-an": false, "data-us-east-1-an": false, "data-111111111111-us-east-1": false, "": false,
	} {
		assert.Equal(t, want, awsid.InAccountNamespace(name), name)
	}
}

func TestCheckBucketName(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"abc", "my-data.2026", strings.Repeat("a", 63), "1-2"} {
		assert.NoError(t, awsid.CheckBucketName(good), good)
	}
	for _, bad := range []string{
		"ab", strings.Repeat("a", 64), "My-data", "my_data", "-data", "data-", "192.168.1.1", "a..b", "a.-b", "a-.b",
		"xn--data", "sthree-data", "data-s3alias", "data--x-s3",
	} {
		assert.ErrorContains(t, awsid.CheckBucketName(bad), "is not a bucket name", bad)
	}
}
