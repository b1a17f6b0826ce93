// Package report reports how a deployment met the target of S3 Replication Time
// Control, that objects replicate within 15 minutes, over a period. It is written
// for auditors: it describes how each figure is computed, and missing data never
// counts as healthy.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html
package report
