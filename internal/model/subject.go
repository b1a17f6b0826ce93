package model

import (
	"strconv"

	"github.com/crr-io/pulumi-aws-crr/internal/fieldpath"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Subject is one replication to examine: its configuration and what else is known about it.
type Subject struct {
	// Name of the replication. Required where there are several.
	Name string
	// ReverseOf is the name of the two-way replication of which this is the reverse direction.
	// Empty for the forward direction and for one-way replication.
	ReverseOf string
	// Path of the replication in the file that it comes from:
	// "replications[0]". Optional.
	Path string
	// RulePaths are those of the rules, in the order of the configuration.
	// Left out: Rules[0] and so on.
	RulePaths []string
	// Configuration of the source bucket.
	Configuration s3config.Configuration
	// Facts about both sides.
	Facts Facts
	// Monitoring of the replication. Nil: not known.
	Monitoring *Monitoring
	// Advice has findings of what made the subject. Lint returns them with its own.
	Advice Findings
	// Valid says that the configuration is known to be one that S3 takes.
	Valid bool
}

// Monitoring is what is known of the alarms on a replication.
type Monitoring struct {
	// Requested reports whether alarms are configured.
	Requested bool
	// Alarms on the replication metrics.
	Alarms []AlarmFacts
	// Notifies reports whether any alarm has a notification target.
	Notifies Fact
}

// AlarmFacts describes one CloudWatch alarm. Empty fields are unknown, except the metric.
type AlarmFacts struct {
	Name string
	// Metric that it watches: "ReplicationLatency".
	Metric string
	// Region of the alarm.
	Region string
	// Statistic: "Maximum".
	Statistic string
	// Dimensions by which it finds the metric. Nil: not known.
	Dimensions []string
	// Rule that it watches, by id.
	Rule string
}

// SyncsReplicasOf reports whether changes of replicas are sent to a bucket: of
// all objects, of none, or of some only, which is unknown.
func (s *Subject) SyncsReplicasOf(bucket string) Fact {
	var on, off, whole bool
	for i := range s.Configuration.Rules {
		rule := &s.Configuration.Rules[i]
		if rule.Status != replication.Enabled || bucketOfARN(rule.Destination.Bucket) != bucket {
			continue
		}
		prefix, tags := rule.Selection()
		on, off = on || rule.SyncsReplicas(), off || !rule.SyncsReplicas()
		whole = whole || prefix == "" && len(tags) == 0
	}
	switch {
	case !on:
		return No
	case whole && !off:
		return Yes
	default:
		return Unknown
	}
}

// rulePath is where a rule stands in the file that it comes from.
func (s *Subject) rulePath(index int) string {
	if index < len(s.RulePaths) {
		return fieldpath.Join(s.Path, s.RulePaths[index])
	}
	return fieldpath.Join(s.Path, "Rules["+strconv.Itoa(index)+"]")
}
