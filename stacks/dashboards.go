package stacks

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/dashboard"
	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

// registerOverviews registers the dashboards of all replications, in the account and the
// region of the first one's source, and returns their URLs. One has room for so
// many, so there may be several.
func registerOverviews(ctx *pulumi.Context, config stackfile.Config, descriptors pulumi.MapArray) (pulumi.Array, error) {
	urls := pulumi.Array{}
	if !config.Dashboard {
		return urls, nil
	}
	home := config.Replications[0].Source
	for some := range slices.Chunk(descriptors, crr.MaxOverview) {
		name, parts := "overview", []string{ctx.Project(), ctx.Stack()}
		if page := len(urls) + 1; page > 1 {
			name += fmt.Sprintf("-%d", page)
			parts = append(parts, "page", strconv.Itoa(page))
		}
		made, err := crr.NewReplicationDashboard(ctx, name, &crr.ReplicationDashboardArgs{
			Descriptors: some, Overview: true, DashboardName: dashboard.Name(parts...),
			Region: home.Region, AssumeRoleARN: home.AssumeRoleARN, RunbookURLs: config.Runbooks(),
		})
		if err != nil {
			return nil, err
		}
		urls = append(urls, made.URL)
	}
	return urls, nil
}
