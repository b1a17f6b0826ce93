// Package report tells how a deployment kept the promise of S3 Replication Time
// Control over a time: that objects replicate within 15 minutes. It is written
// for those who were not there: it says how each figure was made, and what is
// missing counts against the promise.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html
package report
