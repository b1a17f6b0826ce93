package dashboard

import (
	"fmt"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// storageStart is how far back graphs of daily metrics go.
const storageStart = "-P30D"

// placesOf are the buckets of a deployment, the source first.
func placesOf(d replication.Descriptor) []replication.DeployedBucket {
	return append([]replication.DeployedBucket{d.Source}, d.Destinations...)
}

// objects counts what each bucket holds: all versions, delete markers and parts
// of unfinished uploads.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html#s3-cloudwatch-metrics
func objects(d replication.Descriptor, home string) Properties {
	properties := Properties{Title: "Objects, daily", Start: storageStart, YAxis: &YAxis{Left: Axis{Label: "objects"}}}
	for _, place := range placesOf(d) {
		properties.Metrics = append(properties.Metrics, Metric{
			Namespace: "AWS/S3", Name: "NumberOfObjects",
			Dimensions: []Dimension{{"BucketName", place.Bucket}, {"StorageType", "AllStorageTypes"}},
			Options:    at(place, home, Options{Label: placeLabel(place), Stat: "Average", Period: storagePeriod}),
		})
	}
	return properties
}

// bytesHeld is how much each bucket holds. S3 publishes it for each storage
// class that there is, and lifecycles change which ones those are.
func bytesHeld(d replication.Descriptor, home string) Properties {
	properties := Properties{Title: "Bytes, daily", Start: storageStart, YAxis: &YAxis{Left: Axis{Label: "bytes"}}}
	for _, place := range placesOf(d) {
		properties.Metrics = append(properties.Metrics, Metric{
			Options: at(place, home, Options{Expression: "SUM(" + searchBytes(place) + ")", Label: placeLabel(place)}),
		})
	}
	return properties
}

// bytesByClass is what storage costs depend on.
func bytesByClass(d replication.Descriptor, home string) Properties {
	properties := Properties{Title: "Bytes by storage class, daily", Start: storageStart, Stacked: true, YAxis: &YAxis{Left: Axis{Label: "bytes"}}}
	for _, place := range placesOf(d) {
		properties.Metrics = append(properties.Metrics, Metric{
			Options: at(place, home, Options{Expression: searchBytes(place), Label: place.Name + " ${PROP('Dim.StorageType')}"}),
		})
	}
	return properties
}

func searchBytes(place replication.DeployedBucket) string {
	return fmt.Sprintf(`SEARCH('{AWS/S3,BucketName,StorageType} MetricName="BucketSizeBytes" BucketName="%s"', 'Average', %d)`, place.Bucket, storagePeriod)
}

// keyRequests counts what each key is billed for: everybody's requests, not just
// those of replication.
// https://docs.aws.amazon.com/kms/latest/developerguide/monitoring-cloudwatch.html#key-level-api-usage-metric
func keyRequests(d replication.Descriptor, home string) Properties {
	properties := Properties{Title: "KMS requests, an hour", YAxis: &YAxis{Left: Axis{Label: "requests"}}}
	for _, place := range placesOf(d) {
		if place.KMSKeyARN == "" {
			continue
		}
		expression := fmt.Sprintf(`SUM(SEARCH('{AWS/KMS,KeyArn,Operation} MetricName="SuccessfulRequest" KeyArn="%s"', 'Sum', %d))`, place.KMSKeyARN, costPeriod)
		owner := place
		owner.AccountID = awsid.AccountOf(place.KMSKeyARN)
		properties.Metrics = append(properties.Metrics, Metric{
			Options: at(owner, home, Options{Expression: expression, Label: placeLabel(place)}),
		})
	}
	return properties
}

func placeLabel(place replication.DeployedBucket) string {
	return place.Name + " " + place.Region
}

func at(place replication.DeployedBucket, home string, options Options) Options {
	options.Region, options.AccountID = place.Region, foreign(place.AccountID, home)
	return options
}
