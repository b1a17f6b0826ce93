package plan

import (
	"cmp"
	"fmt"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// At returns the settings of a bucket's role: each replicating bucket has its own.
func (a Role) At(bucket string) Role {
	if bucket != replication.SourceName && a.Name != "" {
		a.Name += "-" + bucket
	}
	return a
}

// Trust returns the callers that the role trusts.
func (a Role) Trust() model.Trust {
	switch {
	case a.TrustAnyAccount:
		return model.TrustAnyAccount
	case a.TrustSourceBucket:
		return model.TrustBucket
	default:
		return model.TrustAccount
	}
}

// arn returns the ARN of a created role, with a placeholder for a generated name.
func (a Role) arn(partition, account, generated string) string {
	return fmt.Sprintf("arn:%s:iam::%s:role%s%s", partition, account, cmp.Or(a.Path, "/"), cmp.Or(a.Name, generated))
}
