package plan

import (
	"github.com/crr-io/pulumi-aws-crr/internal/dashboard"
	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// validateDashboard rejects a dashboard with more widgets than CloudWatch accepts.
// Their number is known before deployment.
func (a *ReplicatedBucket) validateDashboard() replication.Problems {
	var problems replication.Problems
	if !a.Monitoring.Dashboard {
		return nil
	}
	planned := func(name string, bucket Bucket) replication.DeployedBucket {
		return replication.DeployedBucket{Name: name, KMSKeyARN: bucket.Placeholder(name).KMSKeyARN}
	}
	d := replication.Descriptor{Source: planned(replication.SourceName, a.Source), Rules: a.Topology().ReplicationRules()}
	for _, destination := range a.Destinations {
		d.Destinations = append(d.Destinations, planned(destination.Name, destination.Bucket))
	}
	if a.Canary != nil {
		for _, rule := range d.Rules {
			d.Alarms = append(d.Alarms, replication.Alarm{Rule: rule.ID, Metric: heartbeat.MetricName})
		}
	}
	if _, err := dashboard.Detail(dashboard.View{}, d); err != nil {
		problems.Add("monitoring.dashboard", "%s", err)
	}
	return problems
}
