// The Pulumi program: replicated S3 buckets as the stack's configuration
// describes them.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/stacks"
)

func main() {
	pulumi.Run(stacks.Program)
}
