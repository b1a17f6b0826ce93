package replicator

import (
	"context"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// key reads the facts of a KMS key, in the region and account of its ARN or else of
// the bucket. It also returns the key's ARN, if the key exists.
func (g *gatherer) key(ctx context.Context, id, region, account string) (facts model.KeyFacts, arn string, err error) {
	key, err := emulator.DescribeKey(ctx, g.client, g.accounts, id, region, account)
	if err != nil || key == nil {
		return model.KeyFacts{State: model.KeyNotFound}, "", err
	}
	return model.KeyFacts{State: model.KeyState(key.State), Policy: key.Policy}, key.ARN, nil
}
