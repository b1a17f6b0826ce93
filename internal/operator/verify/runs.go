package verify

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// probesFolder is below the prefix of each rule, with a folder for each run.
const probesFolder = ".crr-verify/"

// clockSkew is how far clocks may differ: S3 refuses requests from further away.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
const clockSkew = 15 * time.Minute

const runTime = "20060102T150405Z"

// newRun names a run after the time at which it is over for certain, and by
// chance. What is left of a run that was killed can be told by that from what
// another one needs that goes on at the same time.
func newRun(now time.Time, options Options) string {
	over := now.Add(callPatience + options.Timeout + settling + cleanUpPatience + clockSkew)
	return over.UTC().Format(runTime) + "-" + strings.ToLower(rand.Text()[:10])
}

// overAt is when the run of a folder is over for certain.
func overAt(folder string) (time.Time, bool) {
	_, run, _ := strings.Cut(folder, probesFolder)
	stamp, _, _ := strings.Cut(run, "-")
	at, err := time.Parse(runTime, stamp)
	return at, err == nil
}

// prefixes below which a deployment's probes are put: those of its rules, and the
// bucket for what must be refused.
func prefixes(descriptor replication.Descriptor) []string {
	all := []string{""}
	for i := range descriptor.Rules {
		if prefix := descriptor.Rules[i].Prefix; !slices.Contains(all, prefix) {
			all = append(all, prefix)
		}
	}
	return all
}

// leftBehind are folders of probes.
type leftBehind struct {
	// over are those of runs that are over, and underway those of runs that may
	// still go on.
	over, underway []string
}

// readLeftBehind finds the folders of runs.
func (p *place) readLeftBehind(ctx context.Context) (leftBehind, error) {
	var folders leftBehind
	for _, prefix := range p.prefixes {
		pages := s3.NewListObjectVersionsPaginator(p.s3, &s3.ListObjectVersionsInput{
			Bucket: &p.Bucket, Prefix: aws.String(prefix + probesFolder), Delimiter: aws.String("/"),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return leftBehind{}, err
			}
			for _, found := range page.CommonPrefixes {
				folder := aws.ToString(found.Prefix)
				switch over, known := overAt(folder); {
				case known && time.Now().After(over):
					folders.over = append(folders.over, folder)
				case known:
					folders.underway = append(folders.underway, folder)
				}
			}
		}
	}
	return folders, nil
}
