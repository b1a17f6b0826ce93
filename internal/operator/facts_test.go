package operator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

const keyARN = "arn:aws:kms:us-east-1:111111111111:key/1"

func found(t *testing.T) []model.Subject {
	t.Helper()
	configuration, err := s3config.ParseJSON([]byte(oneRule))
	require.NoError(t, err)
	return []model.Subject{{Configuration: configuration, Facts: model.Facts{Source: model.BucketFacts{Bucket: "data"}}}}
}

func TestAddFacts(t *testing.T) {
	t.Parallel()
	subjects := found(t)
	file := write(t, "facts.yaml", `
buckets:
  data: {region: us-east-1, account: 111111111111, versioning: Enabled, encryption: aws:kms, key: `+keyARN+`, bucketKey: true, hadObjects: false}
  copy: {blocksSSEC: true, requesterPays: true, objectLock: false, ownership: ObjectWriter, noncurrentDays: 30}
keys: {`+keyARN+`: Disabled}
alarms: [{name: a, metric: OperationsFailedReplication, dimensions: [RuleId]}]
notifies: true
`)
	require.NoError(t, operator.AddFacts(subjects, operator.KnownFacts{File: file}))
	facts := subjects[0].Facts
	assert.Equal(t, "111111111111", facts.Source.Account)
	assert.Equal(t, model.VersioningEnabled, facts.Source.Versioning)
	assert.Equal(t, keyARN, facts.Source.DefaultKey)
	assert.Equal(t, model.No, facts.Source.HadObjects)
	assert.Equal(t, model.Unknown, facts.Source.ObjectLock)
	assert.Equal(t, model.KeyDisabled, facts.Source.Keys[keyARN].State)
	assert.Equal(t, model.Yes, facts.Destinations["copy"].BlocksSSEC)
	assert.Equal(t, model.No, facts.Destinations["copy"].ObjectLock)
	assert.Equal(t, 30, facts.Destinations["copy"].NoncurrentDays)
	assert.Equal(t, model.Yes, subjects[0].Monitoring.Notifies)
	assert.Equal(t, []string{"RuleId"}, subjects[0].Monitoring.Alarms[0].Dimensions)
}

func TestAddFacts_Refuses(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"buckets: {other: {region: us-east-1}}":  `there is no bucket "other" in the replication`,
		"buckets: {data: {versioning: On}}":      `buckets.data.versioning: "On" is not known; use one of Enabled, Suspended, Off`,
		"buckets: {data: {account: 1}}":          `buckets.data.account: "1" is not the number of an account`,
		"buckets: {data: {encryption: SSE-C}}":   "use one of none, AES256, aws:kms, aws:kms:dsse",
		"buckets: {data: {noncurrentDays: -1}}":  "is less than 0",
		"buckets: {data: {objectLock: perhaps}}": "cannot unmarshal",
		"buckets: {data: {objectLok: true}}":     "field objectLok not found",
		"keys: {" + keyARN + ": enabled}":        "use one of Enabled, Disabled, PendingDeletion",
		"- a":                                    "it is not a file of facts",
	} {
		file := write(t, "facts.yaml", text)
		assert.ErrorContains(t, operator.AddFacts(found(t), operator.KnownFacts{File: file}), says, text)
	}
}

func TestAddFacts_OfTheKeyOfTheSource(t *testing.T) {
	t.Parallel()
	subjects := found(t)
	policy := write(t, "key.json", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}`)
	files := operator.PolicyFiles{Keys: []string{keyARN + "=" + policy}}
	require.ErrorContains(t, operator.AddPolicies(subjects, files), "name the source's key with --source-key")
	require.NoError(t, operator.AddFacts(subjects, operator.KnownFacts{SourceKey: keyARN}))
	require.NoError(t, operator.AddPolicies(subjects, files))
	assert.NotNil(t, subjects[0].Facts.Source.Keys[keyARN].Policy)
	assert.Equal(t, model.SSEKMS, subjects[0].Facts.Source.DefaultEncryption)
	require.ErrorContains(t, operator.AddFacts(subjects, operator.KnownFacts{SourceKey: "1234"}), "--source-key")
	require.ErrorContains(t, operator.AddFacts(append(found(t), found(t)...), operator.KnownFacts{SourceKey: keyARN}), "one source bucket")
}

// Each bucket's role is of its own account, and says whose the bucket is.
func TestSubjects_KnowEachOther(t *testing.T) {
	t.Parallel()
	there := write(t, "there.json", oneRule)
	back := write(t, "back.json", `{"Role":"arn:aws:iam::222222222222:role/r","Rules":[{"ID":"all","Priority":1,"Status":"Enabled","Filter":{},
		"SourceSelectionCriteria":{"ReplicaModifications":{"Status":"Enabled"}},"DeleteMarkerReplication":{"Status":"Disabled"},"Destination":{"Bucket":"arn:aws:s3:::data"}}]}`)
	subjects, err := operator.Subjects(t.Context(), operator.SubjectSource{Configurations: []string{"data=" + there, "copy=" + back}})
	require.NoError(t, err)
	assert.Equal(t, "222222222222", subjects[0].Facts.Destinations["copy"].Account)
	assert.Equal(t, model.Yes, subjects[0].Facts.Destinations["copy"].SyncsReplicas)
	assert.Equal(t, model.No, subjects[1].Facts.Destinations["data"].SyncsReplicas)
}
