package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/trails"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func (s *setting) s3() (*s3.Client, *string) {
	return live.S3(s.cfg, s.AccountID), aws.String(nameOf(s.ARN))
}

func policyOf(text string) (liveSetting, error) {
	if text == "" {
		return liveSetting{}, nil
	}
	document, err := policy.Parse([]byte(text))
	return policiesOf(document), err
}

func readBucketPolicy(ctx context.Context, s *setting) (liveSetting, error) {
	client, bucket := s.s3()
	found, err := client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: bucket})
	if hasCode(err, []string{"NoSuchBucketPolicy"}) {
		return liveSetting{}, nil
	}
	if err != nil {
		return missingOr(err, "NoSuchBucket")
	}
	return policyOf(aws.ToString(found.Policy))
}

// missingOr returns a missing resource if err has one of the codes, else err.
func missingOr(err error, codes ...string) (liveSetting, error) {
	if hasCode(err, codes) {
		return liveSetting{missing: true}, nil
	}
	return liveSetting{}, err
}

func readKeyPolicy(ctx context.Context, s *setting) (liveSetting, error) {
	found, err := kms.NewFromConfig(s.cfg).GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &s.ARN, PolicyName: aws.String("default")})
	if err != nil {
		return missingOr(err, "NotFoundException")
	}
	return policyOf(aws.ToString(found.Policy))
}

func readKeySetting(ctx context.Context, s *setting) (liveSetting, error) {
	client := kms.NewFromConfig(s.cfg)
	described, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &s.ARN})
	if err != nil {
		return missingOr(err, "NotFoundException")
	}
	values := map[string]string{"KeyState": string(described.KeyMetadata.KeyState), "KeyRotationEnabled": s.Values["KeyRotationEnabled"]}
	if described.KeyMetadata.KeyState != "PendingDeletion" { // KMS does not return the rotation of such a key
		rotation, err := client.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &s.ARN})
		if err != nil {
			return liveSetting{}, err
		}
		values["KeyRotationEnabled"] = strconv.FormatBool(rotation.KeyRotationEnabled)
	}
	pages := kms.NewListAliasesPaginator(client, &kms.ListAliasesInput{KeyId: &s.ARN})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return liveSetting{}, err
		}
		for _, alias := range page.Aliases {
			if name := aws.ToString(alias.AliasName); name == s.Values["AliasName"] {
				values["AliasName"] = name
			}
		}
	}
	is := liveSetting{values: values}
	return is, s.addGrants(ctx, client, &is)
}

// addGrants adds the grants to principals of other accounts; none are deployed. AWS
// services create and retire their own grants.
// https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
func (s *setting) addGrants(ctx context.Context, client kms.ListGrantsAPIClient, to *liveSetting) error {
	pages := kms.NewListGrantsPaginator(client, &kms.ListGrantsInput{KeyId: &s.ARN})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for i := range page.Grants {
			grant := &page.Grants[i]
			grantee := aws.ToString(grant.GranteePrincipal)
			if account := awsid.AccountOf(grantee); account == "" || account == s.AccountID {
				continue
			}
			var operations []string
			for _, operation := range grant.Operations {
				operations = append(operations, string(operation))
			}
			to.added = append(to.added, fmt.Sprintf("a grant, which was not deployed, lets %s call %s", grantee, strings.Join(operations, ", ")))
			to.fixes = append(to.fixes, fmt.Sprintf("aws kms revoke-grant --key-id %s --grant-id %s --region %s", nameOf(s.ARN), aws.ToString(grant.GrantId), s.Region))
		}
	}
	return nil
}

func readLifecycle(ctx context.Context, s *setting) (liveSetting, error) {
	client, bucket := s.s3()
	found, err := client.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: bucket})
	if hasCode(err, []string{"NoSuchLifecycleConfiguration"}) {
		return liveSetting{}, nil
	}
	if err != nil {
		return missingOr(err, "NoSuchBucket")
	}
	values := map[string]string{}
	for i := range found.Rules {
		if err := addRule(values, aws.ToString(found.Rules[i].ID), found.Rules[i]); err != nil {
			return liveSetting{}, err
		}
	}
	return liveSetting{values: values}, nil
}

// addRule adds the fields of a rule that are set.
func addRule(values map[string]string, id string, rule any) error {
	data, err := json.Marshal(rule)
	if err != nil {
		return fmt.Errorf("reading the rule %s: %w", id, err)
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		return fmt.Errorf("reading the rule %s: %w", id, err)
	}
	delete(tree, "ID")
	addFields(values, id, tree)
	return nil
}

func addFields(values map[string]string, path string, node any) {
	switch node := node.(type) {
	case map[string]any:
		for key, child := range node {
			if key == "StorageClass" && !strings.HasSuffix(path, ".Filter") {
				continue // it is part of the path
			}
			addFields(values, path+"."+key, child)
		}
	case []any:
		for i, child := range node {
			at := fmt.Sprintf("%s[%d]", path, i)
			if fields, is := child.(map[string]any); is && fields["StorageClass"] != nil {
				at = fmt.Sprintf("%s.%v", path, fields["StorageClass"])
			}
			addFields(values, at, child)
		}
	case nil:
	default:
		if text := fmt.Sprint(node); text != "" {
			values[path] = text
		}
	}
}

func readRetention(ctx context.Context, s *setting) (liveSetting, error) {
	client, bucket := s.s3()
	found, err := client.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: bucket})
	if hasCode(err, []string{"ObjectLockConfigurationNotFoundError"}) {
		return liveSetting{}, nil
	}
	if err != nil || found.ObjectLockConfiguration == nil {
		return missingOr(err, "NoSuchBucket")
	}
	values := map[string]string{"ObjectLockEnabled": string(found.ObjectLockConfiguration.ObjectLockEnabled)}
	if rule := found.ObjectLockConfiguration.Rule; rule != nil && rule.DefaultRetention != nil {
		values["Rule.DefaultRetention.Mode"] = string(rule.DefaultRetention.Mode)
		if days := rule.DefaultRetention.Days; aws.ToInt32(days) > 0 {
			values["Rule.DefaultRetention.Days"] = fmt.Sprint(*days)
		}
		if years := rule.DefaultRetention.Years; aws.ToInt32(years) > 0 {
			values["Rule.DefaultRetention.Years"] = fmt.Sprint(*years)
		}
	}
	return liveSetting{values: values}, nil
}

func readTiering(ctx context.Context, s *setting) (liveSetting, error) {
	client, bucket := s.s3()
	values := map[string]string{}
	input := &s3.ListBucketIntelligentTieringConfigurationsInput{Bucket: bucket}
	for {
		page, err := client.ListBucketIntelligentTieringConfigurations(ctx, input)
		if err != nil {
			return missingOr(err, "NoSuchBucket")
		}
		for _, configuration := range page.IntelligentTieringConfigurationList {
			id := aws.ToString(configuration.Id)
			values[id+".Status"] = string(configuration.Status)
			if configuration.Filter != nil {
				if err := addRule(values, id+".Filter", configuration.Filter); err != nil {
					return liveSetting{}, err
				}
			}
			for _, tier := range configuration.Tierings {
				values[id+"."+string(tier.AccessTier)] = fmt.Sprint(aws.ToInt32(tier.Days))
			}
		}
		if !aws.ToBool(page.IsTruncated) {
			return liveSetting{values: values}, nil
		}
		input.ContinuationToken = page.NextContinuationToken
	}
}

func readAccessLogs(ctx context.Context, s *setting) (liveSetting, error) {
	client, bucket := s.s3()
	found, err := client.GetBucketLogging(ctx, &s3.GetBucketLoggingInput{Bucket: bucket})
	if err != nil || found.LoggingEnabled == nil {
		return missingOr(err, "NoSuchBucket")
	}
	return liveSetting{values: map[string]string{
		"TargetBucket": aws.ToString(found.LoggingEnabled.TargetBucket), "TargetPrefix": aws.ToString(found.LoggingEnabled.TargetPrefix),
	}}, nil
}

func readInventory(ctx context.Context, s *setting) (liveSetting, error) {
	client, bucket := s.s3()
	found, err := client.GetBucketInventoryConfiguration(ctx, &s3.GetBucketInventoryConfigurationInput{Bucket: bucket, Id: aws.String(s.Values["Id"])})
	if hasCode(err, []string{"NoSuchConfiguration"}) {
		return liveSetting{}, nil
	}
	if err != nil || found.InventoryConfiguration == nil {
		return missingOr(err, "NoSuchBucket")
	}
	is := found.InventoryConfiguration
	values := map[string]string{
		"Id": aws.ToString(is.Id), "IsEnabled": strconv.FormatBool(aws.ToBool(is.IsEnabled)), "IncludedObjectVersions": string(is.IncludedObjectVersions),
	}
	var fields []string
	for _, field := range is.OptionalFields {
		fields = append(fields, string(field))
	}
	values["OptionalFields"] = replication.InventoryFields(fields)
	if is.Filter != nil {
		values["Filter.Prefix"] = aws.ToString(is.Filter.Prefix)
	}
	if is.Schedule != nil {
		values["Frequency"] = string(is.Schedule.Frequency)
	}
	if is.Destination != nil && is.Destination.S3BucketDestination != nil {
		values["Bucket"] = aws.ToString(is.Destination.S3BucketDestination.Bucket)
		if account := aws.ToString(is.Destination.S3BucketDestination.AccountId); account != "" && account != s.AccountID {
			return liveSetting{values: values, added: []string{"AccountId is " + account + ", so S3 delivers it only to a bucket of that account"}}, nil
		}
	}
	return liveSetting{values: values}, nil
}

// readNotificationsSetting reads the notification configuration of a bucket.
func readNotificationsSetting(ctx context.Context, s *setting) (liveSetting, error) {
	return liveNotifications(newPlace(s.bucket(), "", s.cfg).readNotifications(ctx))
}

// liveNotifications returns the setting that a read notification configuration is.
func liveNotifications(found notifications, err error) (liveSetting, error) {
	if err != nil {
		return missingOr(err, "NoSuchBucket")
	}
	return liveSetting{values: found.values}, nil
}

// resource holds results shared by several settings of a resource.
type resource struct {
	attributes once[map[string]string] // of a topic or a queue
	role       once[role]
	// redrivenFrom are the queues that were deployed to move messages to a queue.
	redrivenFrom []string
}

// once is the result of a call that is made once.
type once[T any] struct {
	asking sync.Once
	value  T
	err    error
}

// of returns the result, and makes the call the first time.
func (o *once[T]) of(ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	o.asking.Do(func() { o.value, o.err = ask(ctx) })
	return o.value, o.err
}

// readRoleSetting reads a role that is not a replication role of the buckets.
func readRoleSetting(ctx context.Context, s *setting) (liveSetting, error) {
	found, err := s.resource.role.of(ctx, newPlace(s.at, s.ARN, s.cfg).readRole)
	return s.ofRole(found), err
}

// readBucket reads versioning, public access block, ownership and encryption.
func readBucket(ctx context.Context, s *setting) (liveSetting, error) {
	p, q := newPlace(s.bucket(), "", s.cfg), &questions{ctx: ctx}
	ask(q, &p.versioning, p.readVersioning)
	ask(q, &p.encryption, p.readEncryption)
	ask(q, &p.ownership, p.readOwnership, "OwnershipControlsNotFoundError")
	ask(q, &p.publicAccess, p.readPublicAccess, "NoSuchPublicAccessBlockConfiguration")
	q.waiting.Wait()
	if err := errors.Join(p.versioning.err, p.encryption.err, p.ownership.err, p.publicAccess.err); err != nil {
		return missingOr(err, "NoSuchBucket")
	}
	block, encryption := p.publicAccess.value, p.encryption.value
	values := map[string]string{
		"VersioningStatus": string(p.versioning.value.state), "MFADelete": string(s3types.MFADeleteStatusDisabled),
		"BlockPublicAcls": strconv.FormatBool(aws.ToBool(block.BlockPublicAcls)), "IgnorePublicAcls": strconv.FormatBool(aws.ToBool(block.IgnorePublicAcls)),
		"BlockPublicPolicy": strconv.FormatBool(aws.ToBool(block.BlockPublicPolicy)), "RestrictPublicBuckets": strconv.FormatBool(aws.ToBool(block.RestrictPublicBuckets)),
		"ObjectOwnership": string(p.ownership.value), "SSEAlgorithm": string(encryption.algorithm), "KMSMasterKeyID": encryption.key,
	}
	if p.versioning.value.mfaDelete {
		values["MFADelete"] = string(s3types.MFADeleteStatusEnabled)
	}
	return liveSetting{values: values}, nil
}

func (s *setting) topicAttributes(ctx context.Context) (map[string]string, error) {
	found, err := sns.NewFromConfig(s.cfg).GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &s.ARN})
	if err != nil {
		return nil, err
	}
	return found.Attributes, nil
}

func readTopicPolicy(ctx context.Context, s *setting) (liveSetting, error) {
	found, err := s.resource.attributes.of(ctx, s.topicAttributes)
	if err != nil {
		return missingOr(err, nonexistent...)
	}
	return policyOf(found["Policy"])
}

func readTopic(ctx context.Context, s *setting) (liveSetting, error) {
	found, err := s.resource.attributes.of(ctx, s.topicAttributes)
	if err != nil {
		return missingOr(err, nonexistent...)
	}
	return liveSetting{values: found}, nil
}

// subscriber is a subscriber of a topic.
type subscriber struct {
	hash, name, protocol string
	// arn is "" until the subscription is confirmed.
	arn string
	// filter is the filter policy, or "".
	filter string
}

// readSubscriptions reads the subscribers of a topic, including unconfirmed ones, and
// their filter policies; none are deployed.
func readSubscriptions(ctx context.Context, s *setting) (liveSetting, error) {
	client := sns.NewFromConfig(s.cfg)
	var is liveSetting
	pages := sns.NewListSubscriptionsByTopicPaginator(client, &sns.ListSubscriptionsByTopicInput{TopicArn: &s.ARN})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return missingOr(err, nonexistent...)
		}
		for _, subscription := range page.Subscriptions {
			each := subscriber{protocol: aws.ToString(subscription.Protocol)}
			each.hash, each.name = replication.Subscriber(s.ARN, each.protocol, aws.ToString(subscription.Endpoint))
			if !strings.HasPrefix(aws.ToString(subscription.SubscriptionArn), "arn:") {
				is.subscribers = append(is.subscribers, each)
				continue
			}
			each.arn = aws.ToString(subscription.SubscriptionArn)
			found, err := client.GetSubscriptionAttributes(ctx, &sns.GetSubscriptionAttributesInput{SubscriptionArn: subscription.SubscriptionArn})
			if err != nil {
				return liveSetting{}, err
			}
			if filter := found.Attributes["FilterPolicy"]; filter != "" && filter != "{}" {
				each.filter = filter
			}
			is.subscribers = append(is.subscribers, each)
		}
	}
	return is, nil
}

func (s *setting) queueAttributes(ctx context.Context) (map[string]string, error) {
	client := sqs.NewFromConfig(s.cfg)
	queue, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(nameOf(s.ARN))})
	if err != nil {
		return nil, err
	}
	found, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: queue.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameAll},
	})
	if err != nil {
		return nil, err
	}
	return found.Attributes, nil
}

func readQueuePolicy(ctx context.Context, s *setting) (liveSetting, error) {
	found, err := s.resource.attributes.of(ctx, s.queueAttributes)
	if err != nil {
		return missingOr(err, nonexistent...)
	}
	return policyOf(found["Policy"])
}

func readQueueAttributes(ctx context.Context, s *setting) (liveSetting, error) {
	found, err := s.resource.attributes.of(ctx, s.queueAttributes)
	if err != nil {
		return missingOr(err, nonexistent...)
	}
	values := maps.Clone(found)
	var redrive map[string]any
	if json.Unmarshal([]byte(values["RedrivePolicy"]), &redrive) == nil {
		for name, value := range redrive {
			values["RedrivePolicy."+name] = fmt.Sprint(value)
		}
	}
	is := liveSetting{values: values}
	s.addRedrives(&is)
	return is, nil
}

// deadLetterQueue is the value of a queue setting with the queue that it moves
// messages to.
const deadLetterQueue = "RedrivePolicy.deadLetterTargetArn"

// addRedrives adds the attributes that move messages out of a dead-letter queue, or
// keep the deployed queues from moving messages to it.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
func (s *setting) addRedrives(to *liveSetting) {
	if target := to.values[deadLetterQueue]; target != "" && s.Values[deadLetterQueue] == "" {
		to.added = append(to.added, "it moves messages to "+target+", which was not deployed")
		to.fixes = append(to.fixes, s.unsetQueueAttribute("RedrivePolicy"))
	}
	var allowed struct {
		Permission string   `json:"redrivePermission"`
		Queues     []string `json:"sourceQueueArns"`
	}
	if json.Unmarshal([]byte(to.values["RedriveAllowPolicy"]), &allowed) != nil {
		return
	}
	for _, queue := range s.resource.redrivenFrom {
		if allowed.Permission == "denyAll" || allowed.Permission == "byQueue" && !slices.Contains(allowed.Queues, queue) {
			to.added = append(to.added, "its RedriveAllowPolicy, which was not deployed, keeps "+queue+" from moving messages to it")
			to.fixes = append(to.fixes, s.unsetQueueAttribute("RedriveAllowPolicy"))
		}
	}
}

func readTrail(ctx context.Context, s *setting) (liveSetting, error) {
	trail, err := trails.Read(ctx, s.cfg, s.ARN)
	if err != nil {
		return missingOr(err, "TrailNotFoundException")
	}
	return liveSetting{values: trail.Values, troubles: trail.Undelivered}, nil
}
