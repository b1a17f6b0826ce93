package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// step is one step of a recipe: what its reader types, and the expected result. The
// commands are the recipe's own. Corrections have a comment with the number of the
// error. In all steps files are in a folder of the test, not in /tmp, and where the
// recipe sleeps, the test polls.
type step struct {
	name, commands string
	// prints are parts of the commands' output, with variables.
	prints []string
}

// recipePrelude replaces the sleeps of the steps.
const recipePrelude = `set -euo pipefail
until_true() {
	for _ in $(seq 240); do
		if "$@" >/dev/null; then return; fi
		sleep 0.5
	done
	echo "still not so: $*" >&2
	return 1
}
completed() {
	test "$(aws s3api head-object --bucket "$SOURCE_BUCKET" --key "$1" --query ReplicationStatus --output text)" = COMPLETED
}
`

// multiRegionEncryption are the steps of "Replicating S3 Data Across Regions with
// Encryption" after the deployment.
var multiRegionEncryption = []step{
	{
		name: "step 9: upload encrypted objects",
		commands: `
			# Create test files
			echo "Test data for replication - $(date)" > test-file-1.txt
			echo "Second test file - $(date)" > test-file-2.txt

			# Upload files to source bucket with KMS encryption
			aws s3 cp test-file-1.txt s3://${SOURCE_BUCKET}/test-file-1.txt \
				--sse aws:kms \
				--sse-kms-key-id ${SOURCE_KMS_KEY}

			aws s3 cp test-file-2.txt s3://${SOURCE_BUCKET}/folder/test-file-2.txt \
				--sse aws:kms \
				--sse-kms-key-id ${SOURCE_KMS_KEY}

			echo "⏳ Waiting for replication to complete..."
			until_true completed test-file-1.txt
			until_true completed folder/test-file-2.txt`,
		prints: []string{"upload: ./test-file-1.txt to s3://$SOURCE_BUCKET/test-file-1.txt"},
	},
	{
		name: "step 10: replication status",
		commands: `
			aws s3api head-object \
				--bucket ${SOURCE_BUCKET} \
				--key test-file-1.txt \
				--query 'ReplicationStatus' \
				--output text`,
		prints: []string{"COMPLETED"},
	},
	{
		name:     "step 10: objects in the destination",
		commands: `aws s3 ls s3://${DEST_BUCKET}/ --recursive --region ${SECONDARY_REGION}`,
		prints:   []string{"test-file-1.txt", "folder/test-file-2.txt"},
	},
	{
		name: "step 10: encryption of the replica",
		commands: `
			aws s3api head-object \
				--bucket ${DEST_BUCKET} \
				--key test-file-1.txt \
				--region ${SECONDARY_REGION} \
				--query '[ServerSideEncryption,SSEKMSKeyId]' \
				--output table`,
		prints: []string{"aws:kms", "$DEST_KMS_KEY"},
	},
	{
		name: "validation 1: the configuration",
		commands: `
			aws s3api get-bucket-replication \
				--bucket ${SOURCE_BUCKET} \
				--query 'ReplicationConfiguration.Rules[0].Status' \
				--output text`,
		prints: []string{"Enabled"},
	},
	{
		name: "validation 2: new objects",
		commands: `
			echo "Additional test - $(date)" > test-file-3.txt
			aws s3 cp test-file-3.txt s3://${SOURCE_BUCKET}/test-file-3.txt \
				--sse aws:kms \
				--sse-kms-key-id ${SOURCE_KMS_KEY}

			until_true completed test-file-3.txt
			aws s3 ls s3://${DEST_BUCKET}/ --recursive --region ${SECONDARY_REGION}`,
		prints: []string{"test-file-3.txt\n"},
	},
	{
		name: "validation 3: encryption of the replicas",
		commands: `
			aws s3api head-object \
				--bucket ${DEST_BUCKET} \
				--key test-file-3.txt \
				--region ${SECONDARY_REGION} \
				--query '[ServerSideEncryption,SSEKMSKeyId]' \
				--output table`,
		prints: []string{"aws:kms", "$DEST_KMS_KEY"},
	},
	{
		// E4: there is no metric NumberOfObjectsPendingReplication, and the existing
		// one has a Maximum, not a Sum. E1: the rule is the third dimension. E3: it
		// is published in the region of the destination.
		name: "validation 4: metrics",
		commands: `
			metrics() {
				aws cloudwatch get-metric-statistics \
					--namespace AWS/S3 \
					--metric-name OperationsPendingReplication \
					--dimensions Name=SourceBucket,Value=${SOURCE_BUCKET} \
						Name=DestinationBucket,Value=${DEST_BUCKET} \
						Name=RuleId,Value=${RULE_ID} \
					--start-time $(date -u -d '1 hour ago' +%Y-%m-%dT%H:%M:%S) \
					--end-time $(date -u +%Y-%m-%dT%H:%M:%S) \
					--period 300 \
					--statistics Maximum \
					--region ${SECONDARY_REGION}
			}
			published() { metrics | grep Maximum; }
			until_true published
			metrics`,
		prints: []string{`"Label": "OperationsPendingReplication"`, `"Unit": "Count"`},
	},
	{
		name: "validation 4 as it was written has no data",
		commands: `
			aws cloudwatch get-metric-statistics \
				--namespace AWS/S3 \
				--metric-name NumberOfObjectsPendingReplication \
				--dimensions Name=SourceBucket,Value=${SOURCE_BUCKET} \
					Name=DestinationBucket,Value=${DEST_BUCKET} \
				--start-time $(date -u -d '1 hour ago' +%Y-%m-%dT%H:%M:%S) \
				--end-time $(date -u +%Y-%m-%dT%H:%M:%S) \
				--period 300 \
				--statistics Sum \
				--region ${PRIMARY_REGION}`,
		prints: []string{`"Datapoints": []`},
	},
	{
		// E14: an upload without encryption headers gets the bucket's default
		// encryption, and is accepted. An upload with another encryption must fail.
		name: "validation 5: access control",
		commands: `
			echo "Unencrypted test" > unencrypted.txt
			(aws s3 cp unencrypted.txt s3://${SOURCE_BUCKET}/unencrypted.txt --sse AES256 || true) \
				2>&1 | grep -q "AccessDenied" && echo "✅ Access control working correctly" || echo "❌ Access control failed"

			aws s3 cp unencrypted.txt s3://${SOURCE_BUCKET}/unencrypted.txt
			aws s3api head-object --bucket ${SOURCE_BUCKET} --key unencrypted.txt --query SSEKMSKeyId --output text`,
		prints: []string{"✅ Access control working correctly", "$SOURCE_KMS_KEY"},
	},
}

// disasterRecovery are the steps of "S3 Cross-Region Disaster Recovery" after the
// deployment.
var disasterRecovery = []step{
	{
		name: "step 9: sample data",
		commands: `
			# Create test file with timestamp
			echo "Disaster Recovery Test - $(date)" > test-file.txt

			# Upload test file to source bucket
			aws s3 cp test-file.txt s3://${SOURCE_BUCKET}/test-file.txt \
				--region ${PRIMARY_REGION}

			until_true completed test-file.txt
			aws s3 ls s3://${DEST_BUCKET}/ --region ${DR_REGION}`,
		prints: []string{"test-file.txt\n"},
	},
	{
		name: "validation 1: the configuration",
		commands: `
			aws s3api get-bucket-replication \
				--bucket ${SOURCE_BUCKET} \
				--region ${PRIMARY_REGION}`,
		prints: []string{`"Status": "Enabled"`, "arn:aws:s3:::$DEST_BUCKET"},
	},
	{
		name: "validation 2: new objects",
		commands: `
			echo "Test file 1" > test1.txt
			echo "Test file 2" > test2.txt

			aws s3 cp test1.txt s3://${SOURCE_BUCKET}/test1.txt \
				--region ${PRIMARY_REGION}
			aws s3 cp test2.txt s3://${SOURCE_BUCKET}/test2.txt \
				--region ${PRIMARY_REGION}

			until_true completed test1.txt
			until_true completed test2.txt
			aws s3 ls s3://${DEST_BUCKET}/ --region ${DR_REGION}`,
		prints: []string{"test1.txt\n", "test2.txt\n"},
	},
	{
		// E1: three dimensions. E3: the region of the destination. E5: only the
		// Maximum is valid.
		name: "validation 3: metrics",
		commands: `
			metrics() {
				aws cloudwatch get-metric-statistics \
					--namespace AWS/S3 \
					--metric-name ReplicationLatency \
					--start-time $(date -u -d '1 hour ago' +%Y-%m-%dT%H:%M:%S) \
					--end-time $(date -u +%Y-%m-%dT%H:%M:%S) \
					--period 300 \
					--statistics Maximum \
					--dimensions Name=SourceBucket,Value=${SOURCE_BUCKET} \
						Name=DestinationBucket,Value=${DEST_BUCKET} \
						Name=RuleId,Value=${RULE_ID} \
					--region ${DR_REGION}
			}
			published() { # data points may be missing: there is always something to measure
				aws s3api put-object --bucket ${SOURCE_BUCKET} --key measured > put.json
				metrics | grep '"Maximum": [0-9.]*[1-9]'
			}
			until_true published
			metrics`,
		prints: []string{`"Label": "ReplicationLatency"`, `"Unit": "Seconds"`},
	},
	{
		name: "validation 4: recovery",
		commands: `
			# Simulate disaster recovery by accessing data from DR region
			aws s3 sync s3://${DEST_BUCKET}/ ./dr-recovery-test/ \
				--region ${DR_REGION}

			# Verify data integrity
			ls -la ./dr-recovery-test/
			cat ./dr-recovery-test/test-file.txt
			cmp test-file.txt ./dr-recovery-test/test-file.txt
			cmp test2.txt ./dr-recovery-test/test2.txt`,
		prints: []string{"Disaster Recovery Test - "},
	},
}

// The commands of the original recipes work on a stack with the configuration that
// `make up` deploys.
func TestSeeds_TheirStepsWork(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	config, err := os.ReadFile(filepath.Join(repository(t), "Pulumi.local.yaml"))
	require.NoError(t, err)
	l.project(string(config))
	l.up()
	l.exportDeployed(l.descriptors()[0])
	for recipe, steps := range map[string][]step{"encryption": multiRegionEncryption, "disaster recovery": disasterRecovery} {
		t.Run(recipe, func(t *testing.T) { walk(t, l, steps) })
	}
}

// walk runs the steps in sequence. Each needs the previous ones.
func walk(t *testing.T, l *lab, steps []step) {
	t.Helper()
	for _, each := range steps {
		output, err := l.run("bash", "-c", recipePrelude+each.commands)
		require.NoErrorf(t, err, "%s\n%s", each.name, output)
		for _, part := range each.prints {
			assert.Contains(t, output, os.Expand(part, func(name string) string { return variable(l.env, name) }), each.name)
		}
	}
}

// exportDeployed sets the recipes' variables for the names of the deployed
// resources.
func (l *lab) exportDeployed(d replication.Descriptor) {
	source, destination := d.Source, d.Destinations[0]
	l.env = append(l.env,
		"PRIMARY_REGION="+source.Region, "SECONDARY_REGION="+destination.Region, "DR_REGION="+destination.Region,
		"SOURCE_BUCKET="+source.Bucket, "DEST_BUCKET="+destination.Bucket, "RULE_ID="+d.Rules[0].ID,
		// A policy that pins the key contains its ARN, and requests must use the ARN
		// too.
		"SOURCE_KMS_KEY="+source.KMSKeyARN, "DEST_KMS_KEY="+destination.KMSKeyARN, "REPLICATION_ROLE="+d.RoleARN,
	)
}
