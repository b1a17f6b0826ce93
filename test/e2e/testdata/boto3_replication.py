"""What a program on boto3 sees of replication. It knows nothing of the local
AWS but what the environment says: HTTPS_PROXY, AWS_CA_BUNDLE and credentials.

SOURCE_BUCKET, DEST_BUCKET, PRIMARY_REGION, SECONDARY_REGION, DEST_KMS_KEY,
RULE_ID and REPLICATION_ROLE tell of the deployment.
"""

import datetime
import io
import json
import os
import ssl
import time
import unittest
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

SOURCE, DESTINATION = os.environ["SOURCE_BUCKET"], os.environ["DEST_BUCKET"]
PRIMARY, SECONDARY = os.environ["PRIMARY_REGION"], os.environ["SECONDARY_REGION"]
PATIENCE_SECONDS = 120
HARSH = os.environ.get("CRR_HARSH") == "1"  # the local AWS is

source = boto3.client("s3", region_name=PRIMARY)
destination = boto3.client("s3", region_name=SECONDARY)


def until(what, question):
    """Asks until the answer is one, and returns it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"not within {PATIENCE_SECONDS} seconds: {what}")


def settled(key):
    """The status of an object that does not change by itself any more."""

    def status():
        found = source.head_object(Bucket=SOURCE, Key=key).get("ReplicationStatus")
        return found if found != "PENDING" else None

    return until(f"{key} is replicated", status)


class Replication(unittest.TestCase):
    maxDiff = None

    def assert_replicated(self, key):
        self.assertEqual("COMPLETED", settled(key))
        original = source.head_object(Bucket=SOURCE, Key=key)
        replica = destination.head_object(Bucket=DESTINATION, Key=key)
        self.assertEqual("REPLICA", replica["ReplicationStatus"])
        self.assertEqual("aws:kms", replica["ServerSideEncryption"])
        self.assertEqual(os.environ["DEST_KMS_KEY"], replica["SSEKMSKeyId"])
        # ETags under keys of KMS are no digests: no two objects need to have the same.
        same = ("VersionId", "ContentLength", "ContentType", "Metadata", "LastModified")
        for name in same if HARSH else (*same, "ETag"):
            self.assertEqual(original[name], replica[name], name)
        listed = destination.list_objects_v2(Bucket=DESTINATION, Prefix=key)["Contents"][0]
        self.assertEqual((key, original["LastModified"]), (listed["Key"], listed["LastModified"]))
        return replica

    def test_put(self):
        key = "py/a b+c%2F/ü"
        source.put_object(Bucket=SOURCE, Key=key, Body=b"data", Metadata={"owner": "me"}, Tagging="class=critical")
        self.assert_replicated(key)
        tags = destination.get_object_tagging(Bucket=DESTINATION, Key=key)["TagSet"]
        self.assertEqual([{"Key": "class", "Value": "critical"}], tags)
        self.assertEqual(b"data", destination.get_object(Bucket=DESTINATION, Key=key)["Body"].read())
        versions = destination.list_object_versions(Bucket=DESTINATION, Prefix=key)["Versions"]
        self.assertEqual([key], [each["Key"] for each in versions])

    def test_multipart(self):
        size = 11 << 20
        source.upload_fileobj(
            io.BytesIO(bytes(size)), SOURCE, "py/large", Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
        )
        replica = self.assert_replicated("py/large")
        self.assertTrue(replica["ETag"].endswith('-3"'), replica["ETag"])
        self.assertEqual(size, replica["ContentLength"])

    def test_copy(self):
        source.put_object(Bucket=SOURCE, Key="py/original", Body=b"data")
        source.copy_object(Bucket=SOURCE, Key="py/copy", CopySource={"Bucket": SOURCE, "Key": "py/original"})
        self.assert_replicated("py/copy")

    def test_tags(self):
        source.put_object(Bucket=SOURCE, Key="py/tagged", Body=b"data")
        self.assert_replicated("py/tagged")
        wanted = [{"Key": "a", "Value": "b"}]
        source.put_object_tagging(Bucket=SOURCE, Key="py/tagged", Tagging={"TagSet": wanted})
        until("the tags arrive", lambda: destination.get_object_tagging(Bucket=DESTINATION, Key="py/tagged")["TagSet"] == wanted)

    def test_delete_marker(self):
        source.put_object(Bucket=SOURCE, Key="py/deleted", Body=b"data")
        self.assert_replicated("py/deleted")
        marker = source.delete_object(Bucket=SOURCE, Key="py/deleted")
        self.assertTrue(marker["DeleteMarker"])

        def markers():
            found = destination.list_object_versions(Bucket=DESTINATION, Prefix="py/deleted").get("DeleteMarkers", [])
            return [each["VersionId"] for each in found]

        self.assertEqual([marker["VersionId"]], until("the delete marker arrives", markers))

    def test_presigned_put(self):
        # Without this boto3 signs with version 2, which S3 refuses under keys of KMS.
        signer = boto3.client("s3", region_name=PRIMARY, config=Config(signature_version="s3v4"))
        url = signer.generate_presigned_url("put_object", Params={"Bucket": SOURCE, "Key": "py/presigned"})
        request = urllib.request.Request(url, data=b"data", method="PUT")
        trust = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
        with urllib.request.urlopen(request, context=trust) as answer:
            self.assertEqual(200, answer.status)
        self.assert_replicated("py/presigned")

    def test_metrics(self):
        source.put_object(Bucket=SOURCE, Key="py/measured", Body=b"data")
        self.assert_replicated("py/measured")
        dimensions = [
            {"Name": "SourceBucket", "Value": SOURCE},
            {"Name": "DestinationBucket", "Value": DESTINATION},
            {"Name": "RuleId", "Value": os.environ["RULE_ID"]},
        ]

        def values(region, metric, statistic):
            now = datetime.datetime.now(datetime.timezone.utc)
            query = {
                "Id": "m",
                "MetricStat": {
                    "Metric": {"Namespace": "AWS/S3", "MetricName": metric, "Dimensions": dimensions},
                    "Period": 60,
                    "Stat": statistic,
                },
            }
            answer = boto3.client("cloudwatch", region_name=region).get_metric_data(
                MetricDataQueries=[query], StartTime=now - datetime.timedelta(hours=1), EndTime=now + datetime.timedelta(minutes=1)
            )
            return answer["MetricDataResults"][0]["Values"]

        def measured(*metric):
            """Data points may be missing: there is always something to measure."""
            source.put_object(Bucket=SOURCE, Key="py/measured", Body=b"data")
            return max(values(*metric), default=0) > 0

        until("the latency is known", lambda: measured(SECONDARY, "ReplicationLatency", "Maximum"))
        until("operations are counted", lambda: measured(PRIMARY, "OperationsFailedReplication", "SampleCount"))
        self.assertEqual([], values(PRIMARY, "ReplicationLatency", "Maximum"), "it is published where the destination is")

    def test_z_failure_is_told(self):
        """Last, since the role can do nothing meanwhile."""
        queues = boto3.client("sqs", region_name=PRIMARY)
        queue = queues.create_queue(QueueName="replication-failures")["QueueUrl"]
        arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        may_send = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}
        queues.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps({"Statement": may_send})})
        wanted = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:Replication:OperationFailedReplication"]}]}

        def notified():
            try:
                return source.put_bucket_notification_configuration(Bucket=SOURCE, NotificationConfiguration=wanted)
            except source.exceptions.ClientError as error:
                self.assertIn("Unable to validate", str(error))
                return None

        until("S3 knows the policy of the queue", notified)
        self.addCleanup(source.put_bucket_notification_configuration, Bucket=SOURCE, NotificationConfiguration={})
        access = boto3.client("iam")
        role = os.environ["REPLICATION_ROLE"].rsplit("/", 1)[1]
        name = access.list_role_policies(RoleName=role)["PolicyNames"][0]
        policy = access.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        access.delete_role_policy(RoleName=role, PolicyName=name)
        self.addCleanup(access.put_role_policy, RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))

        def failed():
            """The version of an object that fails, once S3 knows that the policy is gone."""
            version = source.put_object(Bucket=SOURCE, Key="py/failed", Body=b"data")["VersionId"]
            return version if settled("py/failed") == "FAILED" else None

        version = until("an object fails", failed)

        def event():
            for message in queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
                for record in json.loads(message["Body"]).get("Records", []):
                    if record["s3"]["object"]["versionId"] == version:
                        return record
            return None

        record = until("the failure is told", event)
        self.assertEqual("Replication:OperationFailedReplication", record["eventName"])
        self.assertEqual("SrcGetObjectNotPermitted", record["replicationEventData"]["failureReason"])
        self.assertEqual(os.environ["RULE_ID"], record["replicationEventData"]["replicationRuleId"])


if __name__ == "__main__":
    unittest.main()
