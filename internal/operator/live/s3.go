package live

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/crr-io/pulumi-aws-crr/internal/access"
	"github.com/crr-io/pulumi-aws-crr/internal/bucketowner"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// S3 is a client of buckets that an account owns. It is refused by buckets of
// other owners.
func S3(cfg aws.Config, account string, options ...func(*s3.Options)) *s3.Client {
	if !access.IsAccount(account) { // a stand-in of a deployment that is planned
		account = ""
	}
	return s3.NewFromConfig(cfg, append(options, bucketowner.Expect(account))...)
}

// S3API is the start of a command of the AWS CLI about a bucket, which a user can
// run. As the calls of [S3] are, it is refused by buckets of other owners.
func S3API(call string, at replication.DeployedBucket) string {
	text := fmt.Sprintf("aws s3api %s --bucket %s --region %s", call, at.Bucket, at.Region)
	if access.IsAccount(at.AccountID) {
		text += " --expected-bucket-owner " + at.AccountID
	}
	return text
}
