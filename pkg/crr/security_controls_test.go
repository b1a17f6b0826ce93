package crr_test

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

const (
	publicAccessType = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	ownershipType    = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	versioningType   = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	encryptionType   = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	roleType         = "aws:iam/role:Role"
	topicPolicyType  = "aws:sns/topicPolicy:TopicPolicy"
	logGroupType     = "aws:cloudwatch/logGroup:LogGroup"

	algorithmPath = "rules.applyServerSideEncryptionByDefault.sseAlgorithm"
)

func is(want any) func(resource.PropertyValue) bool {
	return func(value resource.PropertyValue) bool { return value.Mappable() == want }
}

func given(value resource.PropertyValue) bool {
	switch {
	case value.IsString():
		return value.StringValue() != ""
	case value.IsArray():
		return len(value.ArrayValue()) > 0
	case value.IsObject():
		return len(value.ObjectValue()) > 0
	default:
		return false
	}
}

func begins(prefix string) func(resource.PropertyValue) bool {
	return func(value resource.PropertyValue) bool { return strings.HasPrefix(value.StringValue(), prefix) }
}

// statements reports whether the statements of a policy satisfy a predicate.
func statements(judge func([]policy.Statement) bool) func(resource.PropertyValue) bool {
	return func(value resource.PropertyValue) bool {
		document, err := policy.Parse([]byte(value.StringValue()))
		return err == nil && judge(document.Statement)
	}
}

func none(bad func(policy.Statement) bool) func(resource.PropertyValue) bool {
	return statements(func(all []policy.Statement) bool {
		return !slices.ContainsFunc(all, func(s policy.Statement) bool { return s.Effect == policy.Allow && bad(s) })
	})
}

func public(s policy.Statement) bool {
	return s.Principal != nil && (s.Principal.All || slices.Contains(s.Principal.AWS, "*"))
}

func wildcardActions(s policy.Statement) bool {
	return slices.ContainsFunc(s.Action, func(action string) bool { return action == "*" || strings.HasSuffix(action, ":*") })
}

func decryptsWithAllKeys(s policy.Statement) bool {
	decrypts := slices.ContainsFunc(s.Action, func(action string) bool {
		return action == "kms:Decrypt" || action == "kms:ReEncryptFrom" || action == "kms:*" || action == "*"
	})
	return decrypts && slices.ContainsFunc(s.Resource, func(arn string) bool { return arn == "*" || strings.HasSuffix(arn, ":key/*") })
}

// unconfined reports whether a statement allows on every resource what could be
// confined to some. Metrics have no resources.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
func unconfined(s policy.Statement) bool {
	return slices.Contains(s.Resource, "*") && slices.ContainsFunc(s.Action, func(action string) bool { return action != "cloudwatch:PutMetricData" })
}

// dnsName is a bucket's name that can be a part of its host's name: a dot would
// begin another part, for which no certificate is valid.
var dnsName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)

// handsOver reports whether a statement allows another account to change what protects
// a bucket.
func handsOver(s policy.Statement) bool {
	dangerous := []string{"s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutBucketPolicy", "s3:PutEncryptionConfiguration", "s3:PutObjectAcl", "s3:*", "*"}
	return slices.ContainsFunc(s.Action, func(action string) bool { return slices.Contains(dangerous, action) })
}

func deniesPlainHTTP(all []policy.Statement) bool {
	return slices.ContainsFunc(all, func(s policy.Statement) bool {
		return s.Effect == policy.Deny && public(s) && slices.Contains(s.Action, "s3:*") &&
			slices.Contains(s.Condition["Bool"]["aws:SecureTransport"], "false") && len(s.Resource) == 2
	})
}

// locksOut reports whether only the root user could repair the policy.
func locksOut(all []policy.Statement) bool {
	return slices.ContainsFunc(all, func(s policy.Statement) bool {
		return s.Effect == policy.Deny && (slices.Contains(s.Action, "s3:PutBucketPolicy") || (slices.Contains(s.Action, "s3:*") && len(s.Condition) == 0))
	})
}

func holdsData(r pulumitest.Resource) bool { return strings.HasPrefix(r.Name, "data-") }

func notRecords(r pulumitest.Resource) bool { return holdsData(r) || r.Name == "audit-logs" }

func trailBucket(r pulumitest.Resource) bool { return r.Name == "audit-logs" }

// notFunctions leaves out what functions print, which is kept for two weeks and reveals
// nothing about data.
func notFunctions(r pulumitest.Resource) bool { return !strings.Contains(r.Name, "-canary-") }

func logsRole(r pulumitest.Resource) bool { return r.Name == "audit-events-role" }

func ofEachBucket(token, path string, want func(resource.PropertyValue) bool) need {
	return need{token: token, path: path, want: want, buckets: true}
}

func ofEach(token, path string, want func(resource.PropertyValue) bool) need {
	return need{token: token, path: path, want: want}
}

func orLeftOut(n need) need {
	n.unset = true
	return n
}

func (n need) about(of func(pulumitest.Resource) bool) need {
	n.of = of
	return n
}

func controls() []control {
	return slices.Concat(bucketControls(), keyAndRoleControls(), trailControls(), messageControls())
}

func bucketControls() []control {
	return []control{
		{ids: "S3.1, CIS 2.1.4", demands: "public access is blocked for the whole account", left: "it is a setting of the account, and may break what others have there"},
		{
			ids:     "S3.2, S3.3, S3.8, AVD-AWS-0086, AVD-AWS-0087, AVD-AWS-0091, AVD-AWS-0093, AVD-AWS-0094, CKV_AWS_53, CKV_AWS_54, CKV_AWS_55, CKV_AWS_56, CKV2_AWS_6",
			demands: "public access is blocked for each bucket, in all four ways", needs: []need{
				ofEachBucket(publicAccessType, "blockPublicAcls", is(true)), ofEachBucket(publicAccessType, "blockPublicPolicy", is(true)),
				ofEachBucket(publicAccessType, "ignorePublicAcls", is(true)), ofEachBucket(publicAccessType, "restrictPublicBuckets", is(true)),
			},
		},
		{ids: "S3.5, CIS 2.1.1", demands: "plain HTTP is denied", needs: []need{ofEachBucket(bucketPolicyType, "policy", statements(deniesPlainHTTP))}},
		{ids: "S3.6", demands: "no other account may change a bucket's policy, ACL or encryption", needs: []need{ofEachBucket(bucketPolicyType, "policy", none(handsOver))}},
		{
			ids: "S3.7, CKV_AWS_144", demands: "buckets are replicated to another region", needs: []need{ofEach(configurationType, "rules.destination.bucket", given)},
			note: "a destination fails it unless `direction` is `two-way`, as do buckets for logs: suppress it there",
		},
		{
			ids: "S3.9, AVD-AWS-0089, CKV_AWS_18", demands: "access to buckets is logged", option: "audit.accessLogs",
			needs: []need{ofEachBucket(loggingType, "targetBucket", given).about(notRecords)}, note: "suppress it on the log bucket",
		},
		{ids: "S3.10, S3.13, CKV2_AWS_61", demands: "buckets have a lifecycle", needs: []need{ofEach(bucketType, "lifecycleRules.enabled", is(true))}},
		{ids: "CKV_AWS_300", demands: "incomplete multipart uploads are aborted", needs: []need{ofEach(bucketType, "lifecycleRules.abortIncompleteMultipartUploadDays", is(7.0))}},
		{ids: "S3.12, AVD-AWS-0092, CKV_AWS_20, CKV_AWS_57, CKV2_AWS_65", demands: "ACLs are disabled", needs: []need{ofEachBucket(ownershipType, "rule.objectOwnership", is("BucketOwnerEnforced"))}},
		{ids: "S3.14, AVD-AWS-0090, CKV_AWS_21", demands: "buckets are versioned", needs: []need{ofEachBucket(versioningType, "versioningConfiguration.status", is("Enabled"))}},
		{ids: "S3.15", demands: "buckets have Object Lock", option: "objectLock", needs: []need{ofEach(bucketType, "objectLockEnabled", is(true)).about(notRecords)}, note: "S3 delivers no access logs to a bucket that has it"},
		{
			ids: "AVD-AWS-0320", demands: "bucket names are DNS compliant", note: "unless you name one with a dot",
			needs: []need{ofEach(publicAccessType, "bucket", func(v resource.PropertyValue) bool { return dnsName.MatchString(v.StringValue()) })},
		},
		{ids: "AVD-AWS-0088, CKV_AWS_19", demands: "buckets encrypt by default", needs: []need{ofEachBucket(encryptionType, algorithmPath, given)}},
		{
			ids: "S3.17, AVD-AWS-0132, CKV_AWS_145", demands: "buckets encrypt with a customer managed KMS key", needs: []need{
				ofEachBucket(encryptionType, algorithmPath, is("aws:kms")).about(notRecords),
				ofEachBucket(encryptionType, "rules.applyServerSideEncryptionByDefault.kmsMasterKeyId", begins("arn:aws:kms:")).about(notRecords),
			}, note: "the bucket for access logs and inventories uses SSE-S3",
		},
		{ids: "S3.20, CIS 2.1.2, AVD-AWS-0170", demands: "MFA delete", left: "only the root user can switch it on, and S3 then has no lifecycle; `objectLock` and `guard` protect versions"},
		{
			ids: "S3.22, S3.23, CIS 3.8, CIS 3.9, AVD-AWS-0171, AVD-AWS-0172", demands: "reads and writes of objects are recorded", option: "audit.enabled",
			needs: []need{
				ofEach(trailType, "advancedEventSelectors.fieldSelectors.startsWiths", given), ofEach(trailType, "isMultiRegionTrail", is(true)),
			},
			note: "for the replicated buckets only: Security Hub requires it for all buckets of the account",
		},
		{ids: "CKV_AWS_70", demands: "no bucket policy allows public access", needs: []need{ofEachBucket(bucketPolicyType, "policy", none(public))}},
		{ids: "CKV_AWS_93", demands: "no bucket policy locks everyone out", needs: []need{ofEachBucket(bucketPolicyType, "policy", statements(func(all []policy.Statement) bool { return !locksOut(all) }))}},
	}
}

func keyAndRoleControls() []control {
	return []control{
		{ids: "KMS.1, KMS.2", demands: "no role may decrypt with all keys", needs: []need{ofEach(rolePolicyType, "policy", none(decryptsWithAllKeys))}},
		{ids: "KMS.3", demands: "no key is pending deletion", left: "the keys of a destroyed stack stay until you run `crr schedule-key-deletion`"},
		{ids: "CKV_AWS_227", demands: "keys are enabled", needs: []need{orLeftOut(ofEach(keyType, "isEnabled", is(true)))}},
		{ids: "KMS.4, CIS 3.6, AVD-AWS-0065, CKV_AWS_7, CKV2_AWS_67", demands: "keys are rotated", needs: []need{ofEach(keyType, "enableKeyRotation", is(true))}},
		{ids: "KMS.5, CKV_AWS_33, CKV2_AWS_64", demands: "keys have a policy, and none is public", needs: []need{ofEach(keyType, "policy", none(public))}},
		{ids: "IAM.1, IAM.21, AVD-AWS-0057, AVD-AWS-0345, CKV_AWS_62, CKV_AWS_63", demands: "no role has full access, or full access to a service", needs: []need{ofEach(rolePolicyType, "policy", none(wildcardActions))}},
		{
			ids: "CKV_AWS_107, CKV_AWS_108, CKV_AWS_109, CKV_AWS_110, CKV_AWS_111", demands: "no role may read, write or change permissions of all resources",
			needs: []need{ofEach(rolePolicyType, "policy", none(unconfined))},
		},
		{ids: "CKV_AWS_60, CKV_AWS_61", demands: "roles can't be assumed by everyone", needs: []need{ofEach(roleType, "assumeRolePolicy", none(func(s policy.Statement) bool {
			return public(s) || len(s.Principal.AWS) > 0
		}))}},
	}
}

func trailControls() []control {
	const option = "audit.enabled"
	return []control{
		{
			ids: "CloudTrail.1, CloudTrail.3, CIS 3.1, AVD-AWS-0014, CKV_AWS_67, CKV_AWS_251", demands: "a trail records management events in all regions", option: option,
			needs: []need{
				ofEach(trailType, "isMultiRegionTrail", is(true)), ofEach(trailType, "enableLogging", is(true)), ofEach(trailType, "includeGlobalServiceEvents", is(true)),
				ofEach(trailType, "advancedEventSelectors.fieldSelectors.equals", func(v resource.PropertyValue) bool {
					return v.ArrayValue()[0].StringValue() == "Management"
				}),
			},
		},
		{ids: "CloudTrail.2, CIS 3.5, AVD-AWS-0015, CKV_AWS_35", demands: "trails encrypt with a customer managed KMS key", option: option, needs: []need{ofEach(trailType, "kmsKeyId", begins("arn:aws:kms:"))}},
		{ids: "CloudTrail.4, CIS 3.2, AVD-AWS-0016, CKV_AWS_36", demands: "trails' log files are validated", option: option, needs: []need{ofEach(trailType, "enableLogFileValidation", is(true))}},
		{ids: "CloudTrail.5, AVD-AWS-0162, CKV2_AWS_10", demands: "trails send events to CloudWatch Logs", option: "crr:audit.cloudWatchLogs", needs: []need{
			ofEach(trailType, "cloudWatchLogsGroupArn", given), ofEach(trailType, "cloudWatchLogsRoleArn", given),
			ofEach(roleType, "assumeRolePolicy", given).about(logsRole),
		}},
		{ids: "CloudTrail.6, AVD-AWS-0161", demands: "logs of trails are not public", option: option, needs: []need{
			ofEachBucket(publicAccessType, "restrictPublicBuckets", is(true)).about(trailBucket), ofEachBucket(bucketPolicyType, "policy", none(public)).about(trailBucket),
		}},
		{ids: "CloudTrail.7, CIS 3.4, AVD-AWS-0163", demands: "access to logs of trails is logged", option: "audit.accessLogs", needs: []need{ofEachBucket(loggingType, "targetBucket", given).about(trailBucket)}, note: "where the logs of the trail, in `crr:audit.region`, are in a region of the buckets"},
		{ids: "CKV_AWS_252", demands: "trails notify a topic of every log file", left: "a message for each file of each region, about every five minutes, has no information; read the log group"},
		{ids: "AVD-AWS-0017, CKV_AWS_158", demands: "log groups encrypt with a customer managed KMS key", option: "crr:audit.cloudWatchLogs", needs: []need{ofEach(logGroupType, "kmsKeyId", begins("arn:aws:kms:")).about(notFunctions)}, note: "except the canary's log group, which contains no customer data"},
		{ids: "CloudWatch.16, CKV_AWS_66, CKV_AWS_338", demands: "log groups keep events for a year", option: "crr:audit.cloudWatchLogs", needs: []need{ofEach(logGroupType, "retentionInDays", is(365.0)).about(notFunctions)}, note: "that of the canary for two weeks"},
	}
}

func messageControls() []control {
	const option = "monitoring.emails"
	return []control{
		{ids: "CloudWatch.15, CloudWatch.17, CKV_AWS_319", demands: "alarms have actions", option: "monitoring.emails, monitoring.composite: false", needs: []need{ofEach(alarmType, "alarmActions", given)}},
		{ids: "S3.11, CKV2_AWS_62", demands: "buckets send event notifications", option: "monitoring.failureQueue", needs: []need{ofEach("aws:s3/bucketNotification:BucketNotification", "queues.events", given)}, note: "of the buckets that replicate"},
		{ids: "SNS.1, AVD-AWS-0095, AVD-AWS-0136, CKV_AWS_26", demands: "topics encrypt with a customer managed KMS key", option: option, needs: []need{ofEach("aws:sns/topic:Topic", "kmsMasterKeyId", begins("arn:aws:kms:"))}},
		{ids: "SQS.1, CKV_AWS_27", demands: "queues encrypt", option: "monitoring.failureQueue", needs: []need{ofEach("aws:sqs/queue:Queue", "kmsMasterKeyId", begins("arn:aws:kms:"))}},
		{ids: "SQS.3, CKV_AWS_168", demands: "queues are not public", option: "monitoring.failureQueue", needs: []need{ofEach("aws:sqs/queuePolicy:QueuePolicy", "policy", none(public))}},
		{ids: "Lambda.1, CKV_AWS_301", demands: "functions can't be invoked by everyone", option: "canary.enabled", needs: []need{ofEach("aws:lambda/permission:Permission", "sourceArn", begins("arn:aws:events:"))}},
		{ids: "Lambda.2", demands: "functions have a runtime that AWS supports", option: "canary.enabled", needs: []need{ofEach("aws:lambda/function:Function", "runtime", is("provided.al2023"))}},
		{ids: "Lambda.3, CKV_AWS_117", demands: "functions are in a VPC", left: "the canary calls S3, CloudWatch and STS and nothing of yours, so a VPC would only add endpoints to keep"},
		{ids: "CKV_AWS_116", demands: "functions have a dead-letter queue", left: "a heartbeat that was not written is missing data, which sets the canary's alarm off"},
		{ids: "SNS.3", demands: "topics have tags", option: "crr:tags", needs: []need{ofEach("aws:sns/topic:Topic", "tags", given)}},
		{ids: "SNS.4, CKV_AWS_169, CKV_AWS_385", demands: "topics are not public", option: option, needs: []need{ofEach(topicPolicyType, "policy", none(public))}},
	}
}
