package plan

import (
	"fmt"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Metric is one of S3's replication metrics, or the canary's, and the
// settings of its alarms.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
type Metric struct {
	Namespace string
	Name      string
	// Alarm is the suffix of the names of its alarms.
	Alarm string
	// AtSource reports that S3 publishes the metric in the source's region, not the
	// destination's.
	AtSource bool
	// Account in which the metric is published; [Monitoring.Account] by default.
	Account string
	// Threshold returns the value above which the alarm goes off, and whether there is
	// an alarm at all.
	Threshold func(replication.Thresholds) (int, bool)
	Settings  replication.AlarmSettings
	// Description of the alarms, with the rule as %s.
	Description string
}

const s3Namespace = "AWS/S3"

var replicationMetrics = []Metric{
	{
		Namespace: s3Namespace, Name: "OperationsFailedReplication", Alarm: "failed", AtSource: true, Settings: settingsOf("OperationsFailedReplication"),
		Threshold:   func(replication.Thresholds) (int, bool) { return 0, true },
		Description: "Objects failed to replicate under the rule %s. S3 does not try them again.",
	},
	{
		Namespace: s3Namespace, Name: "ReplicationLatency", Alarm: "latency", Settings: settingsOf("ReplicationLatency"),
		Threshold:   func(t replication.Thresholds) (int, bool) { return t.LatencySeconds, true },
		Description: "Replicas of the rule %s are late.",
	},
	{
		Namespace: s3Namespace, Name: "OperationsPendingReplication", Alarm: "pending-operations", Settings: settingsOf("OperationsPendingReplication"),
		Threshold:   func(t replication.Thresholds) (int, bool) { return t.PendingOperations, t.PendingOperations > 0 },
		Description: "More operations than usual wait to be replicated under the rule %s.",
	},
	{
		Namespace: s3Namespace, Name: "BytesPendingReplication", Alarm: "pending-bytes", Settings: settingsOf("BytesPendingReplication"),
		Threshold:   func(t replication.Thresholds) (int, bool) { return t.PendingBytes, t.PendingBytes > 0 },
		Description: "More bytes than usual wait to be replicated under the rule %s.",
	},
}

// settingsOf the alarms on a metric of S3.
func settingsOf(metric string) replication.AlarmSettings {
	settings, _ := replication.AlarmSettingsOf(metric) // the model knows all of them
	return settings
}

// Watched returns the metrics of a rule that have alarms. S3 publishes none for rules
// that are disabled or without metrics.
func (a Monitoring) Watched(rule replication.Rule) []Metric {
	if !Publishes(rule) {
		return nil
	}
	var watched []Metric
	for _, metric := range replicationMetrics {
		if _, asked := metric.Threshold(a.ThresholdsFor(rule)); asked {
			watched = append(watched, metric)
		}
	}
	return watched
}

// AlarmName returns the name of the alarm on a metric of a rule.
func AlarmName(name string, rule replication.Rule, metric Metric) string {
	if rule.Source != "" {
		name += "-" + rule.Source
	}
	return fmt.Sprintf("%s-%s-%s", name, rule.ID, metric.Alarm)
}
