package crr

import (
	"cmp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// replicationMetric is one of S3's replication metrics, or the canary's, and the
// settings of its alarms.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
type replicationMetric struct {
	namespace string
	name      string
	alarm     string
	// atSource reports that S3 publishes the metric in the source's region, not the
	// destination's.
	atSource bool
	// account in which the metric is published; [MonitoringArgs.Account] by default.
	account MetricsAccount
	// threshold returns the value above which the alarm goes off, and whether there is
	// an alarm at all.
	threshold   func(replication.Thresholds) (int, bool)
	settings    replication.AlarmSettings
	description string
	// after is a resource that must exist before the alarm, or nil.
	after pulumi.Resource
}

const s3Namespace = "AWS/S3"

var replicationMetrics = []replicationMetric{
	{
		namespace: s3Namespace, name: "OperationsFailedReplication", alarm: "failed", atSource: true, settings: settingsOf("OperationsFailedReplication"),
		threshold:   func(replication.Thresholds) (int, bool) { return 0, true },
		description: "Objects failed to replicate under the rule %s. S3 does not try them again.",
	},
	{
		namespace: s3Namespace, name: "ReplicationLatency", alarm: "latency", settings: settingsOf("ReplicationLatency"),
		threshold:   func(t replication.Thresholds) (int, bool) { return t.LatencySeconds, true },
		description: "Replicas of the rule %s are late.",
	},
	{
		namespace: s3Namespace, name: "OperationsPendingReplication", alarm: "pending-operations", settings: settingsOf("OperationsPendingReplication"),
		threshold:   func(t replication.Thresholds) (int, bool) { return t.PendingOperations, t.PendingOperations > 0 },
		description: "More operations than usual wait to be replicated under the rule %s.",
	},
	{
		namespace: s3Namespace, name: "BytesPendingReplication", alarm: "pending-bytes", settings: settingsOf("BytesPendingReplication"),
		threshold:   func(t replication.Thresholds) (int, bool) { return t.PendingBytes, t.PendingBytes > 0 },
		description: "More bytes than usual wait to be replicated under the rule %s.",
	},
}

// settingsOf the alarms on a metric of S3.
func settingsOf(metric string) replication.AlarmSettings {
	settings, _ := replication.AlarmSettingsOf(metric) // the model knows all of them
	return settings
}

// WatchedMetrics returns the metrics of a rule that have alarms. S3 publishes none for
// rules that are disabled or without metrics.
func (a MonitoringArgs) WatchedMetrics(rule replication.Rule) []string {
	var names []string
	for _, metric := range a.watched(rule) {
		names = append(names, metric.name)
	}
	return names
}

func (a MonitoringArgs) watched(rule replication.Rule) []replicationMetric {
	if !publishes(rule) {
		return nil
	}
	var watched []replicationMetric
	for _, metric := range replicationMetrics {
		if _, asked := metric.threshold(a.thresholds(rule)); asked {
			watched = append(watched, metric)
		}
	}
	return watched
}

// publishes reports whether S3 publishes metrics and sends events under a rule.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-metrics-events.html
func publishes(rule replication.Rule) bool {
	return rule.Metrics && rule.Status == replication.Enabled
}

// environment returns the account and region in which S3 publishes the metric: one of
// the two regions and, as far as AWS documents it, the source's account.
func (m replicationMetric) environment(ctx *pulumi.Context, account MetricsAccount, source, destination *EncryptedBucket) (environment, error) {
	switch {
	case m.atSource:
		return source.env, nil
	case cmp.Or(m.account, account) == DestinationAccount:
		return destination.env, nil
	case source.env.region == destination.env.region:
		return source.env, nil
	default:
		return source.env.inRegionOf(ctx, destination.env)
	}
}

// waits returns the options of an alarm that depends on a resource.
func (m replicationMetric) waits() []pulumi.ResourceOption {
	if m.after == nil {
		return nil
	}
	return []pulumi.ResourceOption{pulumi.DependsOn([]pulumi.Resource{m.after})}
}
