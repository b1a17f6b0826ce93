package access

import "github.com/crr-io/pulumi-aws-crr/pkg/policy"

// Grant is a row of the table: actions on resources.
type Grant struct {
	Actions []string
	// On are ARNs with fields in braces, such as "arn:{partition}:s3:::{bucket}".
	// {partition}, {region} and {account} are those of the resource, {name} is its
	// name or the pattern of a generated name, and others are its inputs. A field
	// that is a list makes an ARN of each. An ARN with a field that is empty is left
	// out.
	On []string
	// When is an input that must be set for the row to be needed: "forceDestroy".
	When string
	// Condition that AWS documents for the actions.
	Condition policy.Conditions
	// Wide says why the resource is wider than what the task uses.
	Wide string
}

// everywhere is the resource of actions that take no other.
const everywhere = "*"

// anyKey is every key of the account in a region.
const anyKey = "arn:{partition}:kms:{region}:{account}:key/*"

const (
	noARN     = "AWS takes no narrower resource for these actions"
	composite = "CloudWatch takes no narrower resource where composite alarms are concerned"
	noKeyID   = "the id of a key is not known before the key is made"
)
