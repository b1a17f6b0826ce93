// Package canary is what the canary's Lambda function does: it writes a
// heartbeat object to the source bucket, looks for it at each destination, and
// publishes how old the newest heartbeat there is. That age is what would be
// lost if the source were gone now: the recovery point, measured end to end,
// whatever S3 says about itself.
//
// A destination that never got a heartbeat has no age, and no number would be
// true: nothing is published then. The alarm takes missing data for a breach.
package canary
