// The Pulumi program: it deploys the replicated S3 buckets of the stack's
// configuration.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/stacks"
)

func main() {
	pulumi.Run(stacks.Program)
}
