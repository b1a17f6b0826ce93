package crr_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

const tieringType = "aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration"

func TestIntelligentTiering_EachSideHasItsOwnArchive(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Source.IntelligentTiering.ArchiveDays = 90
	args.Destinations[0].Bucket.IntelligentTiering = crr.IntelligentTieringArgs{ArchiveDays: 120, DeepArchiveDays: 365}
	recorder := deploy(t, args)
	tiers := map[string]float64{}
	for _, each := range recorder.OfType(tieringType) {
		assert.Equal(t, "Enabled", each.Inputs["status"].StringValue(), each.Name)
		for _, tiering := range each.Inputs["tierings"].ArrayValue() {
			tier := tiering.ObjectValue()
			tiers[each.Name+" "+tier["accessTier"].StringValue()] = tier["days"].NumberValue()
		}
	}
	assert.Equal(t, map[string]float64{
		"data-source-tiering ARCHIVE_ACCESS": 90, "data-dr-tiering ARCHIVE_ACCESS": 120, "data-dr-tiering DEEP_ARCHIVE_ACCESS": 365,
	}, tiers)
}

func TestIntelligentTiering_IsNotThereUnlessAskedFor(t *testing.T) {
	t.Parallel()
	assert.Empty(t, deploy(t, pair()).OfType(tieringType))
}

func TestIntelligentTiering_RefusesDaysThatS3DoesNotTake(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tiering crr.IntelligentTieringArgs
		problem string
	}{
		"too early":         {crr.IntelligentTieringArgs{ArchiveDays: 89}, "archiveDays: 89 is out of range; S3 accepts 90 to 730 days"},
		"too late":          {crr.IntelligentTieringArgs{DeepArchiveDays: 731}, "deepArchiveDays: 731 is out of range; S3 accepts 180 to 730 days"},
		"deep archive soon": {crr.IntelligentTieringArgs{ArchiveDays: 200, DeepArchiveDays: 180}, "deepArchiveDays: 180 is not more than archiveDays, 200"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := pair()
			args.Destinations[0].Bucket.IntelligentTiering = c.tiering
			assert.ErrorContains(t, args.Validate(), "destinations[0].intelligentTiering."+c.problem)
		})
	}
}
