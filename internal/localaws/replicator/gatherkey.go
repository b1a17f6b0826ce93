package replicator

import (
	"context"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// key looks at a KMS key, in the region and the account of its ARN, or those of
// the bucket. It also returns the key's ARN, where there is such a key.
func (g *gatherer) key(ctx context.Context, id, region, account string) (facts replication.KeyFacts, arn string, err error) {
	key, err := emulator.DescribeKey(ctx, g.client, g.accounts, id, region, account)
	if err != nil || key == nil {
		return replication.KeyFacts{State: replication.KeyNotFound}, "", err
	}
	return replication.KeyFacts{State: replication.KeyState(key.State), Policy: key.Policy}, key.ARN, nil
}
