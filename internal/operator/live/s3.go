package live

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/crr-io/pulumi-aws-crr/internal/access"
	"github.com/crr-io/pulumi-aws-crr/internal/bucketowner"
)

// S3 is a client of buckets that an account owns. It is refused by buckets of
// other owners.
func S3(cfg aws.Config, account string, options ...func(*s3.Options)) *s3.Client {
	if !access.IsAccount(account) { // a stand-in of a deployment that is planned
		account = ""
	}
	return s3.NewFromConfig(cfg, append(options, bucketowner.Expect(account))...)
}
