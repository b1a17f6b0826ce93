// Package metrics reads what S3 publishes about replication to CloudWatch: for
// each rule and destination, in the region where S3 publishes it, with the only
// statistics that mean something. Where S3 published nothing there is a gap;
// nothing is ever made up for it.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
package metrics
