package stacks

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/dashboard"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// overviews makes the dashboards of all replications, in the account and the
// region of the first one's source, and returns their URLs. One has room for so
// many, so there may be several.
func (c Config) overviews(ctx *pulumi.Context, descriptors pulumi.MapArray) (pulumi.Array, error) {
	urls := pulumi.Array{}
	if !c.Dashboard {
		return urls, nil
	}
	home := c.Replications[0].Source
	for some := range slices.Chunk(descriptors, crr.MaxOverview) {
		name, parts := "overview", []string{ctx.Project(), ctx.Stack()}
		if page := len(urls) + 1; page > 1 {
			name += fmt.Sprintf("-%d", page)
			parts = append(parts, "page", strconv.Itoa(page))
		}
		made, err := crr.NewReplicationDashboard(ctx, name, &crr.ReplicationDashboardArgs{
			Descriptors: some, Overview: true, DashboardName: dashboard.Name(parts...),
			Region: home.Region, AssumeRoleARN: home.AssumeRoleARN, RunbookURLs: c.runbooks(),
		})
		if err != nil {
			return nil, err
		}
		urls = append(urls, made.URL)
	}
	return urls, nil
}

// runbooks returns those that the monitoring of replications links to.
func (c Config) runbooks() []string {
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
	for some := range slices.Chunk(c.Descriptors(), crr.MaxOverview) {
		if _, err := dashboard.Overview(dashboard.View{}, some...); err != nil {
			problems.Add("dashboard", "%s", err)
		}
	}
	return problems
}
