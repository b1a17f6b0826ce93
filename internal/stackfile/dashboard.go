package stackfile

import (
	"slices"

	"github.com/crr-io/pulumi-aws-crr/internal/dashboard"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Runbooks returns those that the monitoring of replications links to.
func (c Config) Runbooks() []string {
	var urls []string
	for _, r := range c.Replications {
		urls = append(urls, r.Monitoring.RunbookURL)
	}
	return urls
}

// validateDashboard refuses an overview that no account could show, and one that
// CloudWatch would not take. The rest of the configuration must be valid.
func (c Config) validateDashboard() replication.Problems {
	var problems replication.Problems
	if !c.Dashboard {
		return nil
	}
	first, _ := replication.PartitionOf(c.Replications[0].Source.Region)
	for i, r := range c.Replications {
		if partition, _ := replication.PartitionOf(r.Source.Region); partition != first {
			problems.Add("dashboard", "cannot show replications[%d] in %s next to replications[0] in %s, since accounts of different partitions share no metrics; "+
				"leave it out and set monitoring.dashboard of each", i, partition.ID, first.ID)
		}
	}
	for some := range slices.Chunk(c.Descriptors(), dashboard.MaxOverview) {
		if _, err := dashboard.Overview(dashboard.View{}, some...); err != nil {
			problems.Add("dashboard", "%s", err)
		}
	}
	return problems
}
