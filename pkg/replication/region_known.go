package replication

import (
	"fmt"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/internal/nearest"
)

// knownRegions are those that have S3. A test keeps them at those of the AWS SDK,
// which is too heavy for those who import this package. A region that is not
// among them may have opened since: see [CheckRegion].
// https://docs.aws.amazon.com/general/latest/gr/s3.html
var knownRegions = []string{
	"af-south-1",
	"ap-east-1", "ap-east-2",
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
	"ap-south-1", "ap-south-2",
	"ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
	"ca-central-1", "ca-west-1",
	"cn-north-1", "cn-northwest-1",
	"eu-central-1", "eu-central-2", "eu-isoe-west-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3",
	"eusc-de-east-1",
	"il-central-1",
	"me-central-1", "me-south-1",
	"mx-central-1",
	"sa-east-1",
	"us-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1",
	"us-iso-east-1", "us-iso-west-1", "us-isob-east-1", "us-isob-west-1", "us-isof-east-1", "us-isof-south-1",
	"us-west-1", "us-west-2",
}

// CheckRegion says that a region is not known and has a name that is close to a
// known one. A region that is close to none may have opened since.
func CheckRegion(region string) error {
	if known, meant := KnownRegion(region); !known && meant != "" {
		return fmt.Errorf("%q is not a known region; did you mean %s? If it has opened since this version, set allowUnknownRegions: true", region, meant)
	}
	return nil
}

// KnownRegion reports whether there is a region of this name, as far as is known
// here, and if not, which one may have been meant, or "".
func KnownRegion(region string) (known bool, meant string) {
	if slices.Contains(knownRegions, region) {
		return true, ""
	}
	return false, nearest.Word(region, knownRegions)
}
