package replication

// AlarmSettings are how an alarm on a metric is set, but for its threshold: it
// goes off when all of the periods are above that.
type AlarmSettings struct {
	// Statistic of each period: "Maximum".
	Statistic string
	// PeriodSeconds that each of the Periods has.
	PeriodSeconds, Periods int
	// MissingData is how a period without data counts: "ignore".
	MissingData string
}

// AlarmComparison is how the alarms on all metrics compare with their threshold.
const AlarmComparison = "GreaterThanThreshold"

var alarmSettings = map[string]AlarmSettings{
	// S3 publishes it only while something replicates: to ignore missing data
	// would leave the alarm on for ever after a single failure.
	failedOperations: {Statistic: "Sum", PeriodSeconds: 60, Periods: 1, MissingData: "notBreaching"},
	// AWS's instruction for the others is to ignore missing data.
	"ReplicationLatency":           {Statistic: "Maximum", PeriodSeconds: 60, Periods: 3, MissingData: "ignore"},
	"OperationsPendingReplication": {Statistic: "Maximum", PeriodSeconds: 300, Periods: 3, MissingData: "ignore"},
	"BytesPendingReplication":      {Statistic: "Maximum", PeriodSeconds: 300, Periods: 3, MissingData: "ignore"},
}

// AlarmSettingsOf are those of the alarms that are made on a replication metric of
// S3, and whether it is one.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
func AlarmSettingsOf(metric string) (settings AlarmSettings, known bool) {
	settings, known = alarmSettings[metric]
	return settings, known
}
