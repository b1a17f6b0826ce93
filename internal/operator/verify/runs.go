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

// probesFolder is the folder of probes below the prefix of each rule. It has a folder
// for each run.
const probesFolder = ".crr-verify/"

// clockSkew is the maximum clock difference: S3 rejects requests with a larger one.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
const clockSkew = 15 * time.Minute

const runTime = "20060102T150405Z"

// newRun returns the name of a run: the time at which it is certainly over, and a
// random part. The time distinguishes probes of killed runs from those of active
// ones.
func newRun(now time.Time, options Options) string {
	over := now.Add(callPatience + options.Timeout + settling + cleanUpPatience + clockSkew)
	return over.UTC().Format(runTime) + "-" + strings.ToLower(rand.Text()[:10])
}

// overAt returns the time at which the run of a folder is certainly over.
func overAt(folder string) (time.Time, bool) {
	_, run, _ := strings.Cut(folder, probesFolder)
	stamp, _, _ := strings.Cut(run, "-")
	at, err := time.Parse(runTime, stamp)
	return at, err == nil
}

// prefixes returns the prefixes of a deployment's probes: those of its rules, and ""
// for uploads that must be rejected.
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
	// over are folders of finished runs, underway those of runs that may be active.
	over, underway []string
}

// readLeftBehind lists the folders of runs.
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
