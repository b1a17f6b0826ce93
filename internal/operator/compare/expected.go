package compare

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// patience is the timeout of the estimate, which only the progress bar needs.
const patience = 5 * time.Second

// Expected estimates the number of versions to compare, from the last days of
// CloudWatch's storage metrics. It returns 0 if that is unknown.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
func Expected(ctx context.Context, access Access, descriptors []replication.Descriptor, options Options) int64 {
	if options.Current {
		return 0 // it counts all versions
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var total int64
	for _, descriptor := range descriptors {
		for _, subject := range model.Subjects(descriptor) {
			for _, place := range descriptor.Buckets() {
				_, receives := subject.Facts.Destinations[place.Bucket]
				if !receives && place.Bucket != subject.Facts.Source.Bucket {
					continue
				}
				count, known := objects(ctx, access.At(place), place.Bucket)
				if !known {
					return 0
				}
				if !receives {
					count *= int64(len(subject.Facts.Destinations)) // it is listed for each of them
				}
				total += count
			}
		}
	}
	return total
}

// objects that a bucket had when they were last counted.
func objects(ctx context.Context, cfg aws.Config, bucket string) (count int64, known bool) {
	now := time.Now()
	answer, err := cloudwatch.NewFromConfig(cfg).GetMetricStatistics(ctx, &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String("AWS/S3"), MetricName: aws.String("NumberOfObjects"), Statistics: []types.Statistic{types.StatisticAverage},
		Dimensions: []types.Dimension{
			{Name: aws.String("BucketName"), Value: &bucket},
			{Name: aws.String("StorageType"), Value: aws.String("AllStorageTypes")},
		},
		StartTime: aws.Time(now.AddDate(0, 0, -3)), EndTime: &now, Period: aws.Int32(24 * 60 * 60),
	})
	if err != nil || len(answer.Datapoints) == 0 {
		return 0, false
	}
	latest := answer.Datapoints[0]
	for _, point := range answer.Datapoints {
		if point.Timestamp.After(*latest.Timestamp) {
			latest = point
		}
	}
	return int64(aws.ToFloat64(latest.Average)), true
}
