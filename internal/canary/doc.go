// Package canary implements the canary's Lambda function: it writes a heartbeat object
// to the source bucket, reads it at each destination, and publishes the age of the
// newest heartbeat there. That age is the recovery point, measured end to end and
// independently of S3's metrics.
//
// At a destination that never got a heartbeat, it is the time since the first one was
// written. If the function does not run or lacks permissions, it publishes nothing:
// the alarm treats missing data as a breach.
package canary
