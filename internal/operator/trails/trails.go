// Package trails reads how trails of CloudTrail record.
package trails

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Trail is a trail as it is now.
type Trail struct {
	// Values are those of a [replication.TrailSetting].
	Values map[string]string
	// Undelivered are the errors of the latest deliveries. A trail that is on and
	// can't deliver records nothing.
	// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html
	Undelivered []string
	// Delivered is when the latest log file was, and zero where none was.
	Delivered time.Time

	selection selection
}

// Read asks CloudTrail, in the trail's region.
func Read(ctx context.Context, cfg aws.Config, arn string) (Trail, error) {
	client := cloudtrail.NewFromConfig(cfg)
	found, err := client.GetTrail(ctx, &cloudtrail.GetTrailInput{Name: &arn})
	if err != nil {
		return Trail{}, err
	}
	if found.Trail == nil {
		return Trail{}, fmt.Errorf("CloudTrail describes no trail %s", arn)
	}
	status, err := client.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: &arn})
	if err != nil {
		return Trail{}, err
	}
	selectors, err := client.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: &arn})
	if err != nil {
		return Trail{}, err
	}
	t := Trail{selection: selected(selectors), Delivered: aws.ToTime(status.LatestDeliveryTime)}
	for _, delivery := range []struct {
		of    string
		error *string
	}{
		{"log files", status.LatestDeliveryError},
		{"digest files", status.LatestDigestDeliveryError},
		{"events to CloudWatch Logs", status.LatestCloudWatchLogsDeliveryError},
	} {
		if text := aws.ToString(delivery.error); text != "" {
			t.Undelivered = append(t.Undelivered, "the latest delivery of "+delivery.of+" failed: "+text)
		}
	}
	t.Values = map[string]string{
		"IsLogging":    strconv.FormatBool(aws.ToBool(status.IsLogging)),
		"S3BucketName": aws.ToString(found.Trail.S3BucketName), "KmsKeyId": aws.ToString(found.Trail.KmsKeyId),
		"IsMultiRegionTrail":         strconv.FormatBool(aws.ToBool(found.Trail.IsMultiRegionTrail)),
		"IncludeGlobalServiceEvents": strconv.FormatBool(aws.ToBool(found.Trail.IncludeGlobalServiceEvents)),
		"LogFileValidationEnabled":   strconv.FormatBool(aws.ToBool(found.Trail.LogFileValidationEnabled)),
		"CloudWatchLogsLogGroupArn":  aws.ToString(found.Trail.CloudWatchLogsLogGroupArn),
		"CloudWatchLogsRoleArn":      aws.ToString(found.Trail.CloudWatchLogsRoleArn),
		"EventSelectors":             t.selection.String(),
	}
	return t, nil
}

// Logging reports whether the trail is on.
func (t Trail) Logging() bool { return t.Values["IsLogging"] == "true" }

// Covers reports whether the trail records all calls on the objects of a bucket.
func (t Trail) Covers(bucketARN string) bool {
	return t.selection.allObjects || slices.ContainsFunc(t.selection.objects, func(prefix string) bool {
		return strings.HasPrefix(bucketARN+"/", prefix)
	})
}

// selection is what a trail records.
type selection struct {
	management, allObjects bool
	// objects are the prefixes of their ARNs.
	objects []string
	// limits are of selectors that record a part only.
	limits []string
}

// String says it in the words of [replication.TrailSelects] as far as they go, with
// every limit of a selector.
func (s selection) String() string {
	texts := s.limits
	if s.allObjects {
		texts = append([]string{"objects of all buckets"}, texts...)
	}
	if text := replication.TrailSelects(s.management, s.objects); text != "" {
		texts = append([]string{text}, texts...)
	}
	return strings.Join(texts, ", ")
}

func selected(found *cloudtrail.GetEventSelectorsOutput) selection {
	var s selection
	for _, selector := range found.AdvancedEventSelectors {
		s.addAdvanced(selector)
	}
	for _, selector := range found.EventSelectors {
		s.addBasic(selector)
	}
	return s
}

func (s *selection) addAdvanced(selector types.AdvancedEventSelector) {
	var category, limits, under []string
	for _, field := range selector.FieldSelectors {
		switch name := aws.ToString(field.Field); {
		case operators(field) != 1: // one of them takes away from another
			limits = append(limits, "limits on "+name)
		case name == "eventCategory" && len(field.Equals) == 1:
			category = field.Equals
		case name == "resources.ARN" && len(field.StartsWith) > 0:
			under = field.StartsWith
		case name == "resources.type" && slices.Equal(field.Equals, []string{"AWS::S3::Object"}):
		default:
			limits = append(limits, "limits on "+name)
		}
	}
	switch {
	case len(limits) > 0:
		s.limits = append(s.limits, limits...)
	case slices.Equal(category, []string{"Management"}) && len(under) == 0:
		s.management = true
	case slices.Equal(category, []string{"Data"}) && len(under) == 0:
		s.allObjects = true
	case slices.Equal(category, []string{"Data"}):
		s.objects = append(s.objects, under...)
	}
}

// operators is how many a field has; all of them must hold.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
func operators(field types.AdvancedFieldSelector) int {
	count := 0
	for _, values := range [][]string{field.Equals, field.StartsWith, field.EndsWith, field.NotEquals, field.NotStartsWith, field.NotEndsWith} {
		if len(values) > 0 {
			count++
		}
	}
	return count
}

// addBasic adds one of the older selectors, which a trail has instead.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html
func (s *selection) addBasic(selector types.EventSelector) {
	if selector.ReadWriteType != types.ReadWriteTypeAll {
		s.limits = append(s.limits, "limits on "+string(selector.ReadWriteType))
		return
	}
	for _, source := range selector.ExcludeManagementEventSources {
		s.limits = append(s.limits, "no management events of "+source)
	}
	s.management = s.management || aws.ToBool(selector.IncludeManagementEvents)
	for _, resource := range selector.DataResources {
		if aws.ToString(resource.Type) == "AWS::S3::Object" {
			s.objects = append(s.objects, resource.Values...)
		}
	}
}
