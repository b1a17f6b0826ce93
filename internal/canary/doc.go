// Package canary is what the canary's Lambda function does: it writes a
// heartbeat object to the source bucket, looks for it at each destination, and
// publishes how old the newest heartbeat there is. That age is what would be
// lost if the source were gone now: the recovery point, measured end to end,
// whatever S3 says about itself.
//
// At a destination that never got a heartbeat, it is how long the first one has
// been waited for. Where the function does not run, or may not look, nothing is
// published: the alarm takes missing data for a breach.
package canary
