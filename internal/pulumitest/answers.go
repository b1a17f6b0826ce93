package pulumitest

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// answers make up the outputs of each type that AWS decides. A type that is not
// here is an error: a mock that echoes what it does not know lets programs pass
// that ask for outputs which never come.
var answers = map[string]func(account, name string, inputs resource.PropertyMap) map[string]any{
	"aws:s3/bucketV2:BucketV2": func(_, name string, inputs resource.PropertyMap) map[string]any {
		bucket := given(inputs, "bucket", name+"-0123456")
		return map[string]any{"bucket": bucket, "arn": "arn:aws:s3:::" + bucket}
	},
	"aws:kms/key:Key": func(account, name string, _ resource.PropertyMap) map[string]any {
		return map[string]any{"keyId": "id-of-" + name, "arn": fmt.Sprintf("arn:aws:kms:region-of-provider:%s:key/id-of-%s", account, name)}
	},
	"aws:kms/alias:Alias": func(_, name string, _ resource.PropertyMap) map[string]any {
		return map[string]any{"name": "alias/" + name + "-0123456"}
	},
	"aws:iam/role:Role": func(account, name string, _ resource.PropertyMap) map[string]any {
		return map[string]any{"name": name + "-0123456", "arn": fmt.Sprintf("arn:aws:iam::%s:role/%s-0123456", account, name)}
	},
	"aws:sns/topic:Topic": func(account, name string, _ resource.PropertyMap) map[string]any {
		return map[string]any{"arn": fmt.Sprintf("arn:aws:sns:region-of-provider:%s:%s-0123456", account, name)}
	},
	"aws:cloudwatch/metricAlarm:MetricAlarm": func(account, name string, _ resource.PropertyMap) map[string]any {
		return map[string]any{"name": name + "-0123456", "arn": fmt.Sprintf("arn:aws:cloudwatch:region-of-provider:%s:alarm:%s-0123456", account, name)}
	},
	"aws:cloudtrail/trail:Trail": func(account, name string, inputs resource.PropertyMap) map[string]any {
		return map[string]any{"arn": fmt.Sprintf("arn:aws:cloudtrail:region-of-provider:%s:trail/%s", account, given(inputs, "name", name))}
	},
	"aws:cloudwatch/logGroup:LogGroup": func(account, name string, inputs resource.PropertyMap) map[string]any {
		group := given(inputs, "name", name+"-0123456")
		return map[string]any{"name": group, "arn": fmt.Sprintf("arn:aws:logs:region-of-provider:%s:log-group:%s", account, group)}
	},
	"aws:s3/bucketLoggingV2:BucketLoggingV2": noOutputs,
	"aws:s3/inventory:Inventory":             noOutputs,
	"crr:index:Audit":                        noOutputs,
	"crr:index:AuditTrail":                   noOutputs,
	"crr:index:BucketRecords":                noOutputs,
	"pulumi:providers:aws":                   noOutputs,
	"aws:iam/rolePolicy:RolePolicy":          noOutputs,
	"aws:iam/policy:Policy": func(account, name string, _ resource.PropertyMap) map[string]any {
		return map[string]any{"name": name + "-0123456", "arn": fmt.Sprintf("arn:aws:iam::%s:policy/%s-0123456", account, name)}
	},
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment": noOutputs,
	"aws:cloudwatch/dashboard:Dashboard":                noOutputs,
	"aws:cloudwatch/compositeAlarm:CompositeAlarm": func(account, _ string, inputs resource.PropertyMap) map[string]any {
		return map[string]any{"arn": fmt.Sprintf("arn:aws:cloudwatch:region-of-provider:%s:alarm:%s", account, given(inputs, "alarmName", ""))}
	},
	"aws:sqs/queue:Queue": func(account, name string, _ resource.PropertyMap) map[string]any {
		return map[string]any{
			"arn": fmt.Sprintf("arn:aws:sqs:region-of-provider:%s:%s-0123456", account, name),
			"url": fmt.Sprintf("https://sqs.region-of-provider.amazonaws.com/%s/%s-0123456", account, name),
		}
	},
	"aws:sqs/queuePolicy:QueuePolicy":              noOutputs,
	"aws:s3/bucketNotification:BucketNotification": noOutputs,
	"aws:lambda/permission:Permission":             noOutputs,
	"aws:lambda/invocation:Invocation":             noOutputs,
	"crr:index:NotificationTopic":                  noOutputs,
	"crr:index:FailureQueue":                       noOutputs,
	"crr:index:ReplicationNotifications":           noOutputs,
	"aws:lambda/function:Function": func(account, name string, _ resource.PropertyMap) map[string]any {
		return map[string]any{"name": name + "-0123456", "arn": fmt.Sprintf("arn:aws:lambda:region-of-provider:%s:function:%s-0123456", account, name)}
	},
	"aws:cloudwatch/eventRule:EventRule": func(account, name string, _ resource.PropertyMap) map[string]any {
		return map[string]any{"name": name + "-0123456", "arn": fmt.Sprintf("arn:aws:events:region-of-provider:%s:rule/%s-0123456", account, name)}
	},
	"aws:cloudwatch/eventTarget:EventTarget": noOutputs,
	"crr:index:Canary":                       noOutputs,
	"aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2":                     noOutputs,
	"aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration":         noOutputs,
	"aws:s3/bucketAccelerateConfigurationV2:BucketAccelerateConfigurationV2":                     noOutputs,
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                                               noOutputs,
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": noOutputs,
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":                                     noOutputs,
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                                     noOutputs,
	"aws:s3/bucketPolicy:BucketPolicy":                                                           noOutputs,
	"aws:s3/bucketReplicationConfig:BucketReplicationConfig":                                     noOutputs,
	"aws:sns/topicPolicy:TopicPolicy":                                                            noOutputs,
	"aws:sns/topicSubscription:TopicSubscription":                                                noOutputs,
	"pulumi:pulumi:Stack":            noOutputs,
	"crr:index:ReplicatedBucket":     noOutputs,
	"crr:index:DeletionProtection":   noOutputs,
	"crr:index:EncryptedBucket":      noOutputs,
	"crr:index:ReplicationRole":      noOutputs,
	"crr:index:ReplicationAlarms":    noOutputs,
	"crr:index:ReplicationDashboard": noOutputs,
}

func noOutputs(string, string, resource.PropertyMap) map[string]any { return nil }

func answer(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	outputs, known := answers[args.TypeToken]
	if !known {
		return "", nil, fmt.Errorf("the mocks do not know the type %s", args.TypeToken)
	}
	state := args.Inputs.Copy()
	account := accountOf(args.RegisterRPC.GetProvider())
	for name, value := range outputs(account, args.Name, args.Inputs) {
		state[resource.PropertyKey(name)] = resource.NewPropertyValue(value)
	}
	return args.Name + "-id", state, nil
}

// given returns the text of an input, or a default.
func given(inputs resource.PropertyMap, key resource.PropertyKey, otherwise string) string {
	if value, ok := inputs[key]; ok && value.IsString() {
		return value.StringValue()
	}
	return otherwise
}
