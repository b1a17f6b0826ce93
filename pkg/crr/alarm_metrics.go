package crr

import (
	"cmp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
)

// environmentOf returns the account and region in which S3 publishes a metric: one of
// the two regions and, as far as AWS documents it, the source's account.
func environmentOf(ctx *pulumi.Context, metric plan.Metric, account MetricsAccount, source, destination *EncryptedBucket) (environment, error) {
	switch {
	case metric.AtSource:
		return source.env, nil
	case cmp.Or(metric.Account, string(account)) == plan.DestinationAccount:
		return destination.env, nil
	case source.env.region == destination.env.region:
		return source.env, nil
	default:
		return source.env.inRegionOf(ctx, destination.env)
	}
}
