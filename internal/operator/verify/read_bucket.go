package verify

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/rules"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// encryption is the default encryption of a bucket.
type encryption struct {
	algorithm model.ObjectEncryption
	key       string
	bucketKey bool
	// blocksSSEC reports whether SSE-C uploads are rejected.
	blocksSSEC model.Fact
}

// lock is the Object Lock configuration of a bucket.
type lock struct {
	on bool
	// retains is set if there is a default retention, with the mode.
	retains bool
	mode    s3types.ObjectLockRetentionMode
}

// readRegion reads the region of a bucket. S3 returns it even to requests in another
// region.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
func (p *place) readRegion(ctx context.Context) (string, error) {
	head, err := p.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &p.Bucket})
	if err == nil {
		return aws.ToString(head.BucketRegion), nil
	}
	if response := (*smithyhttp.ResponseError)(nil); errors.As(err, &response) && response.Response != nil {
		region := response.Response.Header.Get("X-Amz-Bucket-Region")
		if region != "" && region != p.Region {
			return region, nil
		}
	}
	return "", err
}

// versioning is the versioning state of a bucket, and whether MFA delete is enabled.
type versioning struct {
	state     model.VersioningState
	mfaDelete bool
}

func (p *place) readVersioning(ctx context.Context) (versioning, error) {
	found, err := p.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &p.Bucket})
	if err != nil {
		return versioning{}, err
	}
	is := versioning{model.VersioningState(found.Status), found.MFADelete == s3types.MFADeleteStatusEnabled}
	if is.state == "" {
		is.state = model.VersioningNever
	}
	return is, nil
}

// readEncryption reads the default encryption. Without a configuration, S3 uses
// SSE-S3.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
func (p *place) readEncryption(ctx context.Context) (encryption, error) {
	found, err := p.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &p.Bucket})
	if hasCode(err, []string{"ServerSideEncryptionConfigurationNotFoundError"}) {
		return encryption{algorithm: model.SSES3}, nil
	}
	if err != nil || found.ServerSideEncryptionConfiguration == nil {
		return encryption{}, err
	}
	for _, rule := range found.ServerSideEncryptionConfiguration.Rules {
		if by := rule.ApplyServerSideEncryptionByDefault; by != nil {
			is := encryption{algorithm: model.ObjectEncryption(by.SSEAlgorithm), key: aws.ToString(by.KMSMasterKeyID), bucketKey: aws.ToBool(rule.BucketKeyEnabled)}
			if blocked := rule.BlockedEncryptionTypes; blocked != nil {
				is.blocksSSEC = model.FactOf(slices.Contains(blocked.EncryptionType, s3types.EncryptionTypeSseC))
			}
			return is, nil
		}
	}
	return encryption{}, nil
}

func (p *place) readOwnership(ctx context.Context) (model.ObjectOwnership, error) {
	found, err := p.s3.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: &p.Bucket})
	if err != nil || found.OwnershipControls == nil || len(found.OwnershipControls.Rules) == 0 {
		return "", err
	}
	return model.ObjectOwnership(found.OwnershipControls.Rules[0].ObjectOwnership), nil
}

func (p *place) readLock(ctx context.Context) (lock, error) {
	found, err := p.s3.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &p.Bucket})
	if err != nil || found.ObjectLockConfiguration == nil {
		return lock{}, err
	}
	configured := found.ObjectLockConfiguration
	l := lock{on: configured.ObjectLockEnabled == s3types.ObjectLockEnabledEnabled}
	if configured.Rule != nil && configured.Rule.DefaultRetention != nil {
		l.retains, l.mode = true, configured.Rule.DefaultRetention.Mode
	}
	return l, nil
}

func (p *place) readPublicAccess(ctx context.Context) (s3types.PublicAccessBlockConfiguration, error) {
	found, err := p.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &p.Bucket})
	if err != nil || found.PublicAccessBlockConfiguration == nil {
		return s3types.PublicAccessBlockConfiguration{}, err
	}
	return *found.PublicAccessBlockConfiguration, nil
}

func (p *place) readPolicy(ctx context.Context) (policy.Document, error) {
	found, err := p.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &p.Bucket})
	if err != nil {
		return policy.Document{}, err
	}
	return policy.Parse([]byte(aws.ToString(found.Policy)))
}

func (p *place) readRules(ctx context.Context) (*s3config.Configuration, error) {
	return rules.Read(ctx, p.s3, p.DeployedBucket)
}

// notifications is the notification configuration of a bucket.
type notifications struct {
	sent []replication.Notification
	// filtered are sent for some keys only.
	filtered    []replication.Notification
	eventBridge bool
	// values are those of [replication.NotificationsSetting].
	values map[string]string
}

func (p *place) readNotifications(ctx context.Context) (notifications, error) {
	found, err := p.s3.GetBucketNotificationConfiguration(ctx, &s3.GetBucketNotificationConfigurationInput{Bucket: &p.Bucket})
	if err != nil {
		return notifications{}, err
	}
	all := notifications{eventBridge: found.EventBridgeConfiguration != nil, values: map[string]string{}}
	if all.eventBridge {
		all.values[replication.EventBridgeValue] = "true"
	}
	add := func(target *string, events []s3types.Event, filter *s3types.NotificationConfigurationFilter) {
		n := replication.Notification{Bucket: p.Name, TargetARN: aws.ToString(target)}
		for _, event := range events {
			n.Events = append(n.Events, string(event))
		}
		prefix, suffix := filtered(filter)
		replication.AddNotification(all.values, n.TargetARN, prefix, suffix, n.Events)
		if prefix != "" || suffix != "" {
			all.filtered = append(all.filtered, n)
			return
		}
		all.sent = append(all.sent, n)
	}
	for _, each := range found.TopicConfigurations {
		add(each.TopicArn, each.Events, each.Filter)
	}
	for _, each := range found.QueueConfigurations {
		add(each.QueueArn, each.Events, each.Filter)
	}
	for _, each := range found.LambdaFunctionConfigurations {
		add(each.LambdaFunctionArn, each.Events, each.Filter)
	}
	return all, nil
}

// filtered is the prefix and the suffix of the keys that a filter lets through.
func filtered(filter *s3types.NotificationConfigurationFilter) (prefix, suffix string) {
	if filter == nil || filter.Key == nil {
		return "", ""
	}
	for _, rule := range filter.Key.FilterRules {
		switch strings.ToLower(string(rule.Name)) { // S3 takes any case
		case "prefix":
			prefix = aws.ToString(rule.Value)
		case "suffix":
			suffix = aws.ToString(rule.Value)
		}
	}
	return prefix, suffix
}

// readAddedInventories reads the inventories that no deployment made.
func (p *place) readAddedInventories(ctx context.Context) ([]s3types.InventoryConfiguration, error) {
	deployed := map[string]bool{}
	for _, each := range p.settings {
		if each.Kind == replication.InventorySetting && each.ARN == p.ARN {
			deployed[each.Values["Id"]] = true
		}
	}
	var added []s3types.InventoryConfiguration
	input := &s3.ListBucketInventoryConfigurationsInput{Bucket: &p.Bucket}
	for {
		page, err := p.s3.ListBucketInventoryConfigurations(ctx, input)
		if err != nil {
			return nil, err
		}
		for _, each := range page.InventoryConfigurationList {
			if !deployed[aws.ToString(each.Id)] {
				added = append(added, each)
			}
		}
		if !aws.ToBool(page.IsTruncated) || aws.ToString(page.NextContinuationToken) == "" {
			return added, nil
		}
		input.ContinuationToken = page.NextContinuationToken
	}
}

func (p *place) readPayer(ctx context.Context) (s3types.Payer, error) {
	found, err := p.s3.GetBucketRequestPayment(ctx, &s3.GetBucketRequestPaymentInput{Bucket: &p.Bucket})
	if err != nil {
		return "", err
	}
	return found.Payer, nil
}

func (p *place) readOwner(ctx context.Context) (string, error) {
	found, err := p.s3.GetBucketAcl(ctx, &s3.GetBucketAclInput{Bucket: &p.Bucket})
	if err != nil || found.Owner == nil {
		return "", err
	}
	return aws.ToString(found.Owner.ID), nil
}

// until formats the end of a retention.
func until(at *time.Time) string { return at.UTC().Format("2006-01-02") }
