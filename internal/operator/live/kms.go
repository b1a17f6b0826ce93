package live

import (
	"fmt"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// EnableKey is a command of the AWS CLI after which a key can be used again that is in
// another state than enabled.
func EnableKey(key, region string, state model.KeyState) string {
	enable := fmt.Sprintf("aws kms enable-key --key-id %s --region %s", key, region)
	if state != model.KeyPendingDeletion {
		return enable
	}
	return fmt.Sprintf("aws kms cancel-key-deletion --key-id %s --region %s && %s", key, region, enable)
}
