package replication

// AlarmSettings are how an alarm on a metric is set, but for its threshold: it
// goes off when as many of the latest periods as Datapoints are above that.
type AlarmSettings struct {
	// Statistic of each period: "Maximum".
	Statistic string
	// PeriodSeconds that each of the Periods has.
	PeriodSeconds, Periods, Datapoints int
	// MissingData is how a period without data counts: "ignore".
	MissingData string
}

// FailedOperations is the metric of objects that S3 has given up replicating.
const FailedOperations = "OperationsFailedReplication"

// AlarmComparison is how the alarms on all metrics compare with their threshold.
const AlarmComparison = "GreaterThanThreshold"

// alarmSettings look back over more than the time by which S3 may be late with a
// metric: "The data point for a minute might be delayed before being available
// through CloudWatch". CloudWatch evaluates little more than the periods of an alarm,
// and what arrives for an earlier one goes unseen.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
var alarmSettings = map[string]AlarmSettings{
	// One failure in half an hour is enough, however late it is reported: S3 does not
	// try such an object again. S3 publishes the metric only while something
	// replicates: to ignore missing data would leave the alarm on.
	FailedOperations: {Statistic: "Sum", PeriodSeconds: 60, Periods: 30, Datapoints: 1, MissingData: "notBreaching"},
	// AWS's instruction for the others is to ignore missing data.
	"ReplicationLatency":           {Statistic: "Maximum", PeriodSeconds: 300, Periods: 3, Datapoints: 3, MissingData: "ignore"},
	"OperationsPendingReplication": {Statistic: "Maximum", PeriodSeconds: 300, Periods: 3, Datapoints: 3, MissingData: "ignore"},
	"BytesPendingReplication":      {Statistic: "Maximum", PeriodSeconds: 300, Periods: 3, Datapoints: 3, MissingData: "ignore"},
}

// WindowSeconds is how long a datapoint above the threshold may keep the alarm on.
func (s AlarmSettings) WindowSeconds() int { return s.PeriodSeconds * s.Periods }

// AlarmSettingsOf are those of the alarms that are made on a replication metric of
// S3, and whether it is one.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
func AlarmSettingsOf(metric string) (settings AlarmSettings, known bool) {
	settings, known = alarmSettings[metric]
	return settings, known
}

// heartbeatMisses is how many heartbeats in a row must be missing or old. One may be
// lost to a cold start or a retry of the canary.
const heartbeatMisses = 2

// HeartbeatAlarmSettings are those of the alarms on the age of the heartbeats that a
// canary writes every so many minutes. A canary that is dead publishes nothing, which
// counts as a heartbeat that is too old.
func HeartbeatAlarmSettings(everyMinutes int) AlarmSettings {
	return AlarmSettings{
		Statistic: "Maximum", PeriodSeconds: 60 * everyMinutes, Periods: heartbeatMisses, Datapoints: heartbeatMisses, MissingData: "breaching",
	}
}
