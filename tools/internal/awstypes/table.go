package awstypes

// resources is the table of the types that are served, in the order of services.
var resources = []Resource{
	// S3
	{Token: "s3/bucketV2:BucketV2", Terraform: "aws_s3_bucket", Name: autoName("bucket", 63).lower().unless("bucket_prefix"), Overrides: plural(
		"lifecycle_rule.expiration", "lifecycle_rule.noncurrent_version_expiration",
		"logging",
		"object_lock_configuration.rule", "object_lock_configuration.rule.default_retention",
		"replication_configuration", "replication_configuration.rules",
		"replication_configuration.rules.destination", "replication_configuration.rules.destination.access_control_translation",
		"replication_configuration.rules.destination.metrics", "replication_configuration.rules.destination.replication_time",
		"replication_configuration.rules.filter",
		"replication_configuration.rules.source_selection_criteria",
		"replication_configuration.rules.source_selection_criteria.sse_kms_encrypted_objects",
		"server_side_encryption_configuration", "server_side_encryption_configuration.rule",
		"server_side_encryption_configuration.rule.apply_server_side_encryption_by_default",
		"versioning", "website",
	)},
	{Token: "s3/bucketAccelerateConfigurationV2:BucketAccelerateConfigurationV2", Terraform: "aws_s3_bucket_accelerate_configuration"},
	{Token: "s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration", Terraform: "aws_s3_bucket_intelligent_tiering_configuration", Name: autoName("name", 64)},
	{Token: "s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", Terraform: "aws_s3_bucket_lifecycle_configuration", Overrides: single(
		"rule.abort_incomplete_multipart_upload", "rule.expiration", "rule.filter", "rule.filter.and", "rule.filter.tag",
		"rule.noncurrent_version_expiration",
	)},
	{Token: "s3/bucketLoggingV2:BucketLoggingV2", Terraform: "aws_s3_bucket_logging"},
	{Token: "s3/bucketMetric:BucketMetric", Terraform: "aws_s3_bucket_metric", Name: autoName("name", 64)},
	{Token: "s3/bucketNotification:BucketNotification", Terraform: "aws_s3_bucket_notification"},
	{Token: "s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2", Terraform: "aws_s3_bucket_object_lock_configuration"},
	{Token: "s3/bucketOwnershipControls:BucketOwnershipControls", Terraform: "aws_s3_bucket_ownership_controls"},
	{Token: "s3/bucketPolicy:BucketPolicy", Terraform: "aws_s3_bucket_policy"},
	{Token: "s3/bucketPublicAccessBlock:BucketPublicAccessBlock", Terraform: "aws_s3_bucket_public_access_block"},
	{Token: "s3/bucketReplicationConfig:BucketReplicationConfig", Terraform: "aws_s3_bucket_replication_configuration"},
	{Token: "s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", Terraform: "aws_s3_bucket_server_side_encryption_configuration"},
	{Token: "s3/bucketVersioningV2:BucketVersioningV2", Terraform: "aws_s3_bucket_versioning"},
	{Token: "s3/inventory:Inventory", Terraform: "aws_s3_bucket_inventory", Name: autoName("name", 64)},

	// KMS
	{Token: "kms/alias:Alias", Terraform: "aws_kms_alias", Name: autoName("name", 250).after("alias/").unless("name_prefix")},
	{Token: "kms/key:Key", Terraform: "aws_kms_key"},
	{Token: "kms/keyPolicy:KeyPolicy", Terraform: "aws_kms_key_policy"},

	// IAM
	{Token: "iam/policy:Policy", Terraform: "aws_iam_policy", Name: autoName("name", 128).unless("name_prefix")},
	{Token: "iam/role:Role", Terraform: "aws_iam_role", Name: autoName("name", 64).unless("name_prefix")},
	{Token: "iam/rolePolicy:RolePolicy", Terraform: "aws_iam_role_policy", Name: autoName("name", 128).unless("name_prefix")},
	{Token: "iam/rolePolicyAttachment:RolePolicyAttachment", Terraform: "aws_iam_role_policy_attachment"},

	// CloudWatch
	{Token: "cloudwatch/compositeAlarm:CompositeAlarm", Terraform: "aws_cloudwatch_composite_alarm"},
	{Token: "cloudwatch/dashboard:Dashboard", Terraform: "aws_cloudwatch_dashboard"},
	{Token: "cloudwatch/eventRule:EventRule", Terraform: "aws_cloudwatch_event_rule", Name: autoName("name", 64).unless("name_prefix")},
	{Token: "cloudwatch/eventTarget:EventTarget", Terraform: "aws_cloudwatch_event_target"},
	{Token: "cloudwatch/logGroup:LogGroup", Terraform: "aws_cloudwatch_log_group", Name: autoName("name", 512).unless("name_prefix")},
	{Token: "cloudwatch/logResourcePolicy:LogResourcePolicy", Terraform: "aws_cloudwatch_log_resource_policy"},
	{Token: "cloudwatch/metricAlarm:MetricAlarm", Terraform: "aws_cloudwatch_metric_alarm", Name: autoName("alarm_name", 255).as("name")},

	// SNS and SQS
	{Token: "sns/topic:Topic", Terraform: "aws_sns_topic", Name: autoName("name", 256).fifo("fifo_topic").unless("name_prefix")},
	{Token: "sns/topicPolicy:TopicPolicy", Terraform: "aws_sns_topic_policy"},
	{Token: "sns/topicSubscription:TopicSubscription", Terraform: "aws_sns_topic_subscription", Overrides: rename("topic_arn", "topic")},
	{Token: "sqs/queue:Queue", Terraform: "aws_sqs_queue", Name: autoName("name", 80).fifo("fifo_queue").unless("name_prefix")},
	{Token: "sqs/queuePolicy:QueuePolicy", Terraform: "aws_sqs_queue_policy"},

	// CloudTrail and Lambda
	{Token: "cloudtrail/trail:Trail", Terraform: "aws_cloudtrail", Name: autoName("name", 128)},
	{Token: "lambda/function:Function", Terraform: "aws_lambda_function", Name: autoName("function_name", 64).as("name"), Archive: "filename", Overrides: rename("filename", "code")},
	{Token: "lambda/invocation:Invocation", Terraform: "aws_lambda_invocation"},
	{Token: "lambda/permission:Permission", Terraform: "aws_lambda_permission", Name: autoName("statement_id", 100).unless("statement_id_prefix"), Overrides: rename("function_name", "function")},
}

// functions is the table of the functions that are served.
var functions = []Function{
	{Token: "index/getCallerIdentity:getCallerIdentity", Terraform: "aws_caller_identity"},
	{Token: "index/getPartition:getPartition", Terraform: "aws_partition"},
	{Token: "index/getRegion:getRegion", Terraform: "aws_region"},
	{Token: "s3/getBucket:getBucket", Terraform: "aws_s3_bucket"},
	{Token: "s3/getObjects:getObjects", Terraform: "aws_s3_objects"},
	{Token: "kms/getKey:getKey", Terraform: "aws_kms_key"},
	{Token: "iam/getRole:getRole", Terraform: "aws_iam_role"},
}
