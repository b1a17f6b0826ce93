// Package alarms implements CloudWatch alarms, which the emulator stores but never
// evaluates: metric alarms, composite alarms, their history, and their notifications
// to topics.
//
// The front passes calls about alarms ([Service.Answer]) and copies of all metrics
// that clients put ([Service.Observe]). Alarms are evaluated from these copies, so
// the service is idle without alarms, and calls the emulator only to send
// notifications.
//
// Alarms are evaluated as CloudWatch documents it: datapoints of whole periods, M
// out of N of them, missing ones treated as the alarm specifies, over an evaluation
// range that is longer than N (evaluate.go). A metric has exactly the dimensions
// that it was put with: an alarm on fewer dimensions gets no data, as in CloudWatch.
// Topics receive a notification only if their policy, and that of their key, allow
// CloudWatch (package messenger).
//
// # What differs from CloudWatch
//
// Periods can be shorter than configured: with an [Options.Minute] of two seconds, a
// period of 60 s lasts two. Nothing else is scaled: the latency of an object, and a
// threshold on it, remain in seconds.
//
// Alarms are evaluated twelve times in such a minute, over the periods that end at
// that time. CloudWatch evaluates once a minute, up to the last complete minute, so
// its notifications arrive a few minutes later.
//
// The evaluation range is N+2 periods, as in AWS's examples; its length is not
// documented otherwise. Alarms on percentiles, metric math, metric streams and
// anomaly bands stay INSUFFICIENT_DATA with that reason; actions other than topics
// are logged; composite alarms have no action suppressor; EventBridge receives no
// events of alarms. Metrics older than a day are dropped. Metrics that the emulator
// generates, such as the size of buckets, do not affect alarms.
package alarms
