package crr

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	seeTiering = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html"

	minArchiveDays     = 90
	minDeepArchiveDays = 180
	maxArchiveDays     = 730
)

// IntelligentTieringArgs moves objects of the class INTELLIGENT_TIERING on to
// its archive tiers when nobody has read them for long. What is there must be
// restored before it can be read, or replicated.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html
type IntelligentTieringArgs struct {
	// ArchiveDays without access until the Archive Access tier: 90 to 730.
	// Optional; never when left out.
	ArchiveDays int
	// DeepArchiveDays without access until the Deep Archive Access tier: 180 to
	// 730, and later than ArchiveDays. Optional; never when left out.
	DeepArchiveDays int
}

func (a IntelligentTieringArgs) validate() replication.Problems {
	var problems replication.Problems
	check := func(key string, days, least int) {
		if days != 0 && (days < least || days > maxArchiveDays) {
			problems.AddSee(seeTiering, key, "%d is not possible; S3 takes %d to %d days", days, least, maxArchiveDays)
		}
	}
	check("archiveDays", a.ArchiveDays, minArchiveDays)
	check("deepArchiveDays", a.DeepArchiveDays, minDeepArchiveDays)
	if a.ArchiveDays != 0 && a.DeepArchiveDays != 0 && a.DeepArchiveDays <= a.ArchiveDays {
		problems.AddSee(seeTiering, "deepArchiveDays", "%d is not later than archiveDays, %d; give more days", a.DeepArchiveDays, a.ArchiveDays)
	}
	return problems
}

// tier switches the archive tiers on for the whole bucket.
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
