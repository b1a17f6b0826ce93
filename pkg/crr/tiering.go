package crr

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// IntelligentTieringArgs moves objects of the class INTELLIGENT_TIERING to its archive
// tiers when they have not been accessed for a number of days. Archived objects must be
// restored before they can be read or replicated.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html
type IntelligentTieringArgs struct {
	// ArchiveDays without access before the Archive Access tier: 90 to 730. Optional;
	// never by default.
	ArchiveDays int
	// DeepArchiveDays without access before the Deep Archive Access tier: 180 to 730,
	// and more than ArchiveDays. Optional; never by default.
	DeepArchiveDays int
}

// tier enables the archive tiers for the whole bucket.
func (s bucketSettings) tier(ctx *pulumi.Context, args IntelligentTieringArgs) error {
	tierings := s3.BucketIntelligentTieringConfigurationTieringArray{}
	add := func(tier string, days int) {
		if days != 0 {
			tierings = append(tierings, s3.BucketIntelligentTieringConfigurationTieringArgs{
				AccessTier: pulumi.String(tier), Days: pulumi.Int(days),
			})
		}
	}
	add("ARCHIVE_ACCESS", args.ArchiveDays)
	add("DEEP_ARCHIVE_ACCESS", args.DeepArchiveDays)
	if len(tierings) == 0 {
		return nil
	}
	_, err := s3.NewBucketIntelligentTieringConfiguration(ctx, s.name+"-tiering", &s3.BucketIntelligentTieringConfigurationArgs{
		Bucket:   s.bucket,
		Name:     pulumi.String("archive"),
		Status:   pulumi.String("Enabled"),
		Tierings: tierings,
	}, s.option())
	return err
}
