package model_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-metrics-events.html#replication-failure-codes
var documentedFailures = strings.Fields(`
AssumeRoleNotPermitted DstBucketInvalidRegion DstBucketNotFound DstBucketObjectLockConfigMissing DstBucketUnversioned
DstDelObjNotPermitted DstKmsKeyInvalidState DstKmsKeyNotFound DstMultipartCompleteNotPermitted DstMultipartInitNotPermitted
DstMultipartUploadNotPermitted DstObjectHardDeleted DstPutAclNotPermitted DstPutLegalHoldNotPermitted DstPutObjectNotPermitted
DstPutRetentionNotPermitted DstPutTaggingNotPermitted DstVersionNotFound InitiateReplicationNotPermitted SrcBucketInvalidRegion
SrcBucketNotFound SrcBucketReplicationConfigMissing SrcGetAclNotPermitted SrcGetLegalHoldNotPermitted SrcGetObjectNotPermitted
SrcGetRetentionNotPermitted SrcGetTaggingNotPermitted SrcHeadObjectNotPermitted SrcKeyNotFound SrcKmsKeyInvalidState
SrcObjectNotEligible SrcObjectNotFound SrcReplicationNotPending SrcVersionNotFound`)

func TestFailures_AreAllThatAWSDocuments(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, reason := range model.Failures() {
		ids = append(ids, reason.ID)
		assert.NotEmpty(t, reason.Cause, reason.ID)
		assert.NotEmpty(t, reason.Fix, reason.ID)
		assert.NotEmpty(t, reason.Check, reason.ID)
		assert.NotEmpty(t, reason.Side, reason.ID)
		assert.True(t, strings.HasPrefix(reason.See, "https://docs.aws.amazon.com/"), reason.ID)
		if strings.HasSuffix(reason.ID, "NotPermitted") {
			assert.NotEmpty(t, reason.Permissions, reason.ID)
		}
	}
	assert.Equal(t, documentedFailures, ids)
	assert.True(t, slices.IsSorted(ids))
}

func TestFailureByID_FindsWhatWasMeant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"DstKmsKeyInvalidState":              "DstKmsKeyInvalidState",
		"dstkmskeyinvalidstate":              "DstKmsKeyInvalidState",
		"DstMultipartPartUploadNotPermitted": "DstMultipartUploadNotPermitted", // S3's older name
	} {
		reason, err := model.FailureByID(text)
		require.NoError(t, err)
		assert.Equal(t, want, reason.ID)
	}
	_, err := model.FailureByID(" DstBucketNotFound\n")
	require.NoError(t, err)
	_, err = model.FailureByID("DstKmsKeyInvalid")
	require.ErrorContains(t, err, "did you mean DstKmsKeyInvalidState?")
	for _, text := range []string{"", "nonsense", strings.Repeat("x", 1000)} {
		_, err := model.FailureByID(text)
		require.ErrorContains(t, err, "--failures` lists all")
		assert.NotContains(t, err.Error(), "did you mean")
	}
}

// One slip of the finger is always understood.
func TestFailureByID_UnderstandsASlip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom(documentedFailures).Draw(t, "id")
		at := rapid.IntRange(0, len(id)-1).Draw(t, "at")
		_, err := model.FailureByID(id[:at] + "#" + id[at+1:])
		assert.ErrorContains(t, err, "did you mean")
	})
}

func TestFailures_ChecksNameTheOwnerOfTheBucket(t *testing.T) {
	t.Parallel()
	for _, failure := range model.Failures() {
		if strings.HasPrefix(failure.Check, "aws s3api ") {
			assert.Contains(t, failure.Check, " --expected-bucket-owner ACCOUNT", failure.ID)
		}
	}
}

// A role that may decrypt with one key isn't one that may decrypt with none.
func TestReasons_OfAnUnknownKeyFitARoleWithSomeKeys(t *testing.T) {
	t.Parallel()
	sentence := model.Reasons()["source-key-unknown"].Sentence
	assert.Contains(t, sentence, "not allowed to decrypt with all keys")
	assert.NotContains(t, sentence, "none")
}
