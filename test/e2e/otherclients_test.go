package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const otherClientsConfig = `
config:
  crr:forceDestroy: true
  crr:replications:
    - name: data
      source: { region: us-east-1 }
      destinations: [{ name: dr, region: us-west-2, storageClass: STANDARD_IA }]
`

// Third-party clients see the same replication as on AWS. The AWS SDK for Go is not
// among them: the tests of the replication engine use it.
func TestReplication_ThroughOtherClients(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.project(otherClientsConfig)
	l.up()
	l.exportDeployed(l.descriptors()[0])
	t.Run("the AWS CLI", func(t *testing.T) {
		require.NoError(t, os.WriteFile(filepath.Join(l.dir, "large"), bytes.Repeat([]byte("0123456789abcdef"), 20<<20/16), 0o600))
		walk(t, l, commandLineSteps)
	})
	t.Run("boto3", func(t *testing.T) {
		output, err := l.run(pythonWithBoto3(t, l), filepath.Join(repository(t), "test", "e2e", "testdata", "boto3_replication.py"), "-v")
		require.NoError(t, err, output)
		assert.Contains(t, output, "Ran 8 tests")
	})
}

// pythonWithBoto3 finds moto's Python, which also has boto3.
func pythonWithBoto3(t *testing.T, l *lab) string {
	t.Helper()
	candidates := []string{
		filepath.Join(l.local(), "localaws", "venv", "bin", "python"), // if `crr local start` had to install moto
		interpreter(lookPath(l.env, "moto_server")), lookPath(l.env, "python3"), lookPath(l.env, "python"),
	}
	for _, python := range candidates {
		if exec.Command(python, "-c", "import boto3").Run() == nil {
			return python
		}
	}
	require.FailNow(t, "no Python has boto3, which moto needs as well", "looked at %v", candidates)
	return ""
}

// interpreter returns the program in a script's first line, or "".
func interpreter(script string) string {
	text, _ := os.ReadFile(script) // an unreadable script has none
	line, _, _ := strings.Cut(string(text), "\n")
	program, isScript := strings.CutPrefix(line, "#!")
	if !isScript {
		return ""
	}
	return strings.TrimSpace(program)
}

// commandLineSteps cover uses of the AWS CLI that are not in the recipes.
var commandLineSteps = []step{
	{
		name: "a file in parts",
		commands: `
			aws s3 cp --quiet large s3://$SOURCE_BUCKET/cli/large
			until_true completed cli/large
			aws s3api head-object --bucket $DEST_BUCKET --key cli/large --region $SECONDARY_REGION \
				--query '[ReplicationStatus,ContentLength,StorageClass,SSEKMSKeyId]' --output text
			aws s3 cp --quiet s3://$DEST_BUCKET/cli/large copy --region $SECONDARY_REGION
			cmp large copy && echo same content
			etag() { aws s3api head-object --bucket $1 --key cli/large --query ETag --output text; }
			test "${CRR_HARSH:-}" = 1 || test "$(etag $SOURCE_BUCKET)" = "$(etag $DEST_BUCKET)" && echo ETags as they should be
			aws s3api get-object-acl --bucket $DEST_BUCKET --key cli/large --region $SECONDARY_REGION --query 'Grants[].Permission' --output text`,
		prints: []string{"REPLICA\t20971520\tSTANDARD_IA\t$DEST_KMS_KEY", "same content", "ETags as they should be", "FULL_CONTROL"},
	},
	{
		name: "a copy",
		commands: `
			aws s3 cp --quiet s3://$SOURCE_BUCKET/cli/large s3://$SOURCE_BUCKET/cli/copied
			until_true completed cli/copied
			aws s3 ls s3://$DEST_BUCKET/cli/ --region $SECONDARY_REGION`,
		prints: []string{"20971520 copied\n"},
	},
	{
		name: "tags",
		commands: `
			aws s3api put-object --bucket $SOURCE_BUCKET --key cli/tagged --tagging class=critical > put.json
			until_true completed cli/tagged
			aws s3api put-object-tagging --bucket $SOURCE_BUCKET --key cli/tagged --tagging 'TagSet=[{Key=class,Value=later}]'
			until_true completed cli/tagged
			aws s3api get-object-tagging --bucket $DEST_BUCKET --key cli/tagged --region $SECONDARY_REGION --query 'TagSet[0].Value' --output text`,
		prints: []string{"later\n"},
	},
	{
		name: "a delete marker",
		commands: `
			aws s3 rm --quiet s3://$SOURCE_BUCKET/cli/tagged
			gone() { ! aws s3api head-object --bucket $DEST_BUCKET --key cli/tagged --region $SECONDARY_REGION 2> /dev/null; }
			until_true gone
			aws s3api list-object-versions --bucket $DEST_BUCKET --prefix cli/tagged --region $SECONDARY_REGION \
				--query '[length(DeleteMarkers),length(Versions),Versions[0].IsLatest]' --output text`,
		prints: []string{"1\t1\tFalse"},
	},
	{
		name: "metrics",
		commands: `
			latency() {
				aws cloudwatch get-metric-data --region $SECONDARY_REGION \
					--start-time $(date -u -d '1 hour ago' +%Y-%m-%dT%H:%M:%S) --end-time $(date -u -d '1 minute' +%Y-%m-%dT%H:%M:%S) \
					--metric-data-queries "Id=m,MetricStat={Metric={Namespace=AWS/S3,MetricName=ReplicationLatency,Dimensions=[{Name=SourceBucket,Value=$SOURCE_BUCKET},{Name=DestinationBucket,Value=$DEST_BUCKET},{Name=RuleId,Value=$RULE_ID}]},Period=60,Stat=Maximum}" \
					--query 'max(MetricDataResults[0].Values) > ` + "`0`" + `' --output text
			}
			published() { # data points may be missing: there is always something to measure
				aws s3api put-object --bucket $SOURCE_BUCKET --key cli/measured > put.json
				latency 2> /dev/null | grep True
			}
			until_true published && echo published`,
		prints: []string{"published\n"},
	},
	{
		name: "a failure that is reported",
		commands: `
			queue=$(aws sqs create-queue --queue-name cli-failures --query QueueUrl --output text)
			arn=$(aws sqs get-queue-attributes --queue-url $queue --attribute-names QueueArn --query Attributes.QueueArn --output text)
			cat > attributes.json <<END
			{"Policy": "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"s3.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"$arn\"}}"}
END
			aws sqs set-queue-attributes --queue-url $queue --attributes file://attributes.json
			notified() {
				aws s3api put-bucket-notification-configuration --bucket $SOURCE_BUCKET --notification-configuration \
					"{\"QueueConfigurations\":[{\"QueueArn\":\"$arn\",\"Events\":[\"s3:Replication:OperationFailedReplication\"]}]}"
			}
			until_true notified # S3 may not know the policy of the queue at once
			aws kms disable-key --key-id $DEST_KMS_KEY --region $SECONDARY_REGION
			aws s3api put-object --bucket $SOURCE_BUCKET --key cli/failed > put.json
			failed() { test "$(aws s3api head-object --bucket $SOURCE_BUCKET --key cli/failed --query ReplicationStatus --output text)" = FAILED; }
			until_true failed
			aws kms enable-key --key-id $DEST_KMS_KEY --region $SECONDARY_REGION
			told() { aws sqs receive-message --queue-url $queue --max-number-of-messages 10 --query 'Messages[].Body' --output text >> told && grep OperationFailed told; }
			until_true told
			cat told
			aws s3api put-bucket-notification-configuration --bucket $SOURCE_BUCKET --notification-configuration '{}'`,
		prints: []string{"DstKmsKeyInvalidState", "cli%2Ffailed"},
	},
}
