package alarms

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// TestEvaluate_DeployedAlarmsSurviveLateMetrics uses metrics that S3 delivers
// minutes late: "The data point for a minute might be delayed before being available
// through CloudWatch".
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
func TestEvaluate_DeployedAlarmsSurviveLateMetrics(t *testing.T) {
	t.Parallel()
	for metric, breachMinutes := range map[string]int{
		"OperationsFailedReplication":  1,
		"ReplicationLatency":           60,
		"OperationsPendingReplication": 60,
		"BytesPendingReplication":      60,
	} {
		settings, known := replication.AlarmSettingsOf(metric)
		require.True(t, known, metric)
		for _, lag := range []time.Duration{0, 4 * time.Minute, 10 * time.Minute} {
			assert.True(t, goesOff(settings, time.Duration(breachMinutes)*time.Minute, lag), "%s, %s late", metric, lag)
		}
	}
}

// goesOff reports whether an alarm goes off for a metric that exceeds the threshold
// for a while, and is delivered with a lag.
func goesOff(settings replication.AlarmSettings, breach, lag time.Duration) bool {
	period := time.Duration(settings.PeriodSeconds) * time.Second
	c := condition{
		breaches:  func(value float64) bool { return value > 0 },
		evaluated: settings.Periods, needed: settings.Datapoints, missing: settings.MissingData,
	}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for now := start; now.Before(start.Add(3 * time.Hour)); now = now.Add(time.Minute) {
		latest := make([]datapoint, c.evaluationRange())
		for i := range latest {
			at := now.Truncate(period).Add(-time.Duration(i+1) * period)
			for minute := at; minute.Before(at.Add(period)); minute = minute.Add(time.Minute) {
				if !minute.Before(start) && minute.Before(start.Add(breach)) && !minute.Add(time.Minute+lag).After(now) {
					latest[i] = datapoint{known: true, value: 1, at: at}
				}
			}
		}
		if c.evaluate(latest).state == StateAlarm {
			return true
		}
	}
	return false
}
