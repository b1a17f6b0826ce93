package crr

import (
	"slices"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// endTexts is how many texts endInputs makes of a bucket.
const endTexts = 5

// endInputs are what policies must know of a bucket, for an output that waits
// for all of it. endsOf reads them back.
func (b *EncryptedBucket) endInputs() []pulumi.StringInput {
	return []pulumi.StringInput{b.Region, b.AccountID, b.madeARN, b.KMSKeyARN, pulumi.String(strconv.FormatBool(b.objectLock))}
}

// endsOf reads ends from what endInputs has become.
func endsOf(texts []string) []replication.End {
	var ends []replication.End
	for part := range slices.Chunk(texts, endTexts) {
		ends = append(ends, replication.End{
			Region: part[0], Account: part[1], BucketARN: part[2], KMSKeyARN: part[3], ObjectLock: part[4] == "true",
		})
	}
	return ends
}
