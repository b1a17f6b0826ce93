package operator_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

const oneRule = `{"Role":"arn:aws:iam::111111111111:role/path/replication","Rules":[{"ID":"all","Priority":1,"Status":"Enabled","Filter":{},
	"DeleteMarkerReplication":{"Status":"Disabled"},"Destination":{"Bucket":"arn:aws:s3:::copy"}}]}`

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func TestSubjects_OfConfigurations(t *testing.T) {
	t.Parallel()
	file := write(t, "odd=name.json", oneRule)
	for text, bucket := range map[string]string{file: "", "data=" + file: "data", "-": "", "data=-": "data"} {
		subjects, err := operator.Subjects(t.Context(), operator.SubjectSource{
			Configurations: []string{text}, Descriptor: operator.DescriptorSource{Input: strings.NewReader(oneRule)},
		})
		require.NoError(t, err, text)
		assert.Equal(t, bucket, subjects[0].Facts.Source.Bucket)
		assert.Equal(t, "all", subjects[0].Configuration.Rules[0].ID)
	}
}

// state is a Terraform state with the replication of two buckets.
const state = `{"version": 4, "terraform_version": "1.9.0", "resources": [
	{"mode": "managed", "type": "aws_s3_bucket_replication_configuration", "name": "all", "instances": [
	 {"index_key": "a", "attributes": {"bucket": "data", "role": "arn:aws:iam::111111111111:role/a", "rule": []}},
	 {"index_key": "b", "attributes": {"bucket": "logs", "role": "arn:aws:iam::111111111111:role/b", "rule": []}}]},
	{"mode": "managed", "type": "aws_s3_bucket_policy", "name": "p", "instances": [
	 {"attributes": {"bucket": "logs", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}}]},
	{"mode": "managed", "type": "aws_iam_role_policy", "name": "p", "instances": [
	 {"attributes": {"role": "a", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}},
	 {"attributes": {"role": "a", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}"}},
	 {"attributes": {"role": "b", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sqs:*\",\"Resource\":\"*\"}]}"}}]}]}`

func TestSubjects_OfADocumentOfSeveral(t *testing.T) {
	t.Parallel()
	file := write(t, "terraform.tfstate", state)
	subjects := func(texts ...string) ([]model.Subject, error) {
		return operator.Subjects(t.Context(), operator.SubjectSource{Configurations: texts})
	}
	for _, text := range []string{"logs=" + file, `aws_s3_bucket_replication_configuration.all["b"]=` + file} {
		found, err := subjects(text)
		require.NoError(t, err)
		assert.Equal(t, "logs", found[0].Facts.Source.Bucket)
		assert.Equal(t, "arn:aws:iam::111111111111:role/b", found[0].Configuration.Role)
	}
	_, err := subjects(file)
	require.ErrorContains(t, err, `data (aws_s3_bucket_replication_configuration.all["a"]), logs (aws_s3_bucket_replication_configuration.all["b"]); name one: --replication data=`+file)
	_, err = subjects("other=" + file)
	require.ErrorContains(t, err, `there is no replication configuration of "other" in it; there is data`)

	both, err := subjects("data="+file, "logs="+file)
	require.NoError(t, err)
	require.NoError(t, operator.AddPolicies(both, operator.PolicyFiles{Role: []string{"a=" + file}, Buckets: []string{"logs=" + file}}))
	assert.Len(t, both[0].Facts.Role.Policies, 2)
	assert.Empty(t, both[1].Facts.Role.Policies)
	assert.NotNil(t, both[1].Facts.Source.Policy)
	require.ErrorContains(t, operator.AddPolicies(both, operator.PolicyFiles{Buckets: []string{"data=" + file}}), "has no policy of data; it has those of logs (aws_s3_bucket_policy.p)")
}

func TestSubjects_OfNothing(t *testing.T) {
	t.Parallel()
	_, err := operator.Subjects(t.Context(), operator.SubjectSource{Descriptor: operator.DescriptorSource{Input: strings.NewReader("[]")}})
	require.ErrorContains(t, err, "there is no replication in the descriptor")
}

func TestAddPolicies_GivesThemToWhomTheyAreOf(t *testing.T) {
	t.Parallel()
	configuration, err := s3config.ParseJSON([]byte(oneRule))
	require.NoError(t, err)
	configuration.Rules[0].Destination.EncryptionConfiguration = &s3config.EncryptionConfiguration{ReplicaKmsKeyID: "arn:key"}
	subjects := []model.Subject{{Configuration: configuration, Facts: model.Facts{
		Source: model.BucketFacts{Name: "source", Bucket: "data"}, Destinations: map[string]model.BucketFacts{"copy": {Name: "dr"}},
	}}}
	file := write(t, "policy.json", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`)
	require.NoError(t, operator.AddPolicies(subjects, operator.PolicyFiles{
		Role: []string{"replication=" + file, configuration.Role + "=" + file, file}, Buckets: []string{"data=" + file, "dr=" + file}, Keys: []string{"arn:key=" + file},
	}))
	facts := subjects[0].Facts
	assert.Len(t, facts.Role.Policies, 3)
	assert.NotNil(t, facts.Source.Policy)
	assert.NotNil(t, facts.Destinations["copy"].Policy)
	assert.Equal(t, "dr", facts.Destinations["copy"].Name)
	assert.NotNil(t, facts.Destinations["copy"].Keys["arn:key"].Policy)
	require.ErrorContains(t, operator.AddPolicies(subjects, operator.PolicyFiles{Keys: []string{"arn:other=" + file}}), `there is no "arn:other"`)
	require.ErrorContains(t, operator.AddPolicies(subjects, operator.PolicyFiles{Role: []string{"none.json"}}), "none.json")
}

func TestReport_CountsWhatItDoesNotShow(t *testing.T) {
	t.Parallel()
	configuration, err := s3config.ParseJSON([]byte(oneRule))
	require.NoError(t, err)
	subjects := []model.Subject{{Configuration: configuration}}
	all, errorsOnly := operator.Lint(subjects, model.SeverityInfo), operator.Lint(subjects, model.SeverityError)
	assert.NotEmpty(t, all.Findings)
	assert.NotNil(t, errorsOnly.Findings, "a list in JSON, not null")
	assert.Empty(t, errorsOnly.Findings)
	assert.Equal(t, all.Warnings, errorsOnly.Warnings)
	assert.False(t, errorsOnly.OK())
}
