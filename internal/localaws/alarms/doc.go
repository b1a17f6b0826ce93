// Package alarms is the alarms of CloudWatch, which the emulator stores but
// never evaluates: metric alarms, composite alarms, their history, and the
// messages to topics when they change.
//
// The front hands over the calls to CloudWatch that are about alarms
// ([Service.Answer]) and copies of the metrics that anybody puts
// ([Service.Observe]). From these alone alarms are evaluated, so while nobody
// has an alarm nothing is done, and the emulator is asked nothing until an
// alarm has a message to send.
//
// An alarm is evaluated as CloudWatch documents it: datapoints of whole
// periods, M out of N of them, missing ones treated as the alarm says, over an
// evaluation range that is longer than N (evaluate.go). A metric has exactly
// the dimensions that it was put with: an alarm on fewer gets no data, here as
// there. Topics get a message only where their policy, and that of their key,
// let CloudWatch in (package messenger).
//
// # What differs from CloudWatch
//
// Periods can be shorter than they say: with a [Options.Minute] of two
// seconds, a period of 60 s lasts two. Nothing else is scaled: the latency of
// an object, and a threshold on it, remain seconds.
//
// Alarms are evaluated twelve times in such a minute, over the periods that
// end at that moment. CloudWatch evaluates once a minute, up to the last
// minute that is complete, so it tells a few minutes later.
//
// The evaluation range is N+2 periods, as in AWS's examples; its length is not
// documented further. Alarms on percentiles, metric math, metric streams and
// anomaly bands stay INSUFFICIENT_DATA and say so in their reason; actions
// other than topics are noted in the log; composite alarms have no action
// suppressor; EventBridge gets no events of alarms. Metrics older than a day are forgotten, and metrics that the
// emulator makes up by itself, such as the size of buckets, raise no alarm.
package alarms
