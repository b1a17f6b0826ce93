// Package metrics reads S3's replication metrics from CloudWatch: for each rule and
// destination, in the region where S3 publishes them, with meaningful statistics.
// Missing data is a gap and is never interpolated.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
package metrics
