package canary

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
)

// meter is where ages are published.
type meter interface {
	publish(ctx context.Context, source, destination heartbeat.Place, rule string, age time.Duration) error
}

// cloudWatch is the meter of the destination's region: it is there when the
// source's region is not.
type cloudWatch struct{ accounts *accounts }

func (c cloudWatch) publish(ctx context.Context, source, destination heartbeat.Place, rule string, age time.Duration) error {
	client := cloudwatch.NewFromConfig(c.accounts.in(destination.Region))
	_, err := client.PutMetricData(ctx, &cloudwatch.PutMetricDataInput{
		Namespace: aws.String(heartbeat.Namespace),
		MetricData: []types.MetricDatum{{
			MetricName: aws.String(heartbeat.MetricName), Unit: types.StandardUnitSeconds, Value: aws.Float64(age.Seconds()),
			Dimensions: []types.Dimension{
				{Name: aws.String("SourceBucket"), Value: &source.Bucket},
				{Name: aws.String("DestinationBucket"), Value: &destination.Bucket},
				{Name: aws.String("RuleId"), Value: &rule},
			},
		}},
	})
	return err
}
