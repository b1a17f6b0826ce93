package stacks

import (
	"fmt"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// bucketUse is what a replication does with a bucket that it names.
type bucketUse struct {
	path               string
	existing, hasRules bool
}

// bucketUses are those of all replications so far, by bucket.
type bucketUses map[string][]bucketUse

// add finds what cannot be done with a bucket that another replication of the
// stack uses too. Within one replication, the component finds it itself. Several
// may replicate into one existing bucket.
func (u bucketUses) add(r Replication, path string) replication.Problems {
	var problems replication.Problems
	use := func(bucket BucketConfig, at string, replicates bool) {
		if bucket.Bucket == "" {
			return
		}
		added := bucketUse{at + ".bucket", bucket.Existing, replicates}
		for _, earlier := range u[bucket.Bucket] {
			if message := added.conflict(earlier, bucket.Bucket); message != "" && !strings.HasPrefix(earlier.path, path+".") {
				problems.Add(added.path, "%s", message)
				break
			}
		}
		u[bucket.Bucket] = append(u[bucket.Bucket], added)
	}
	use(r.Source, path+".source", true)
	for i, destination := range r.Destinations {
		use(destination.BucketConfig, fmt.Sprintf("%s.destinations[%d]", path, i), replication.Direction(r.Direction) == replication.TwoWay)
	}
	return problems
}

// conflict says why two replications cannot share a bucket.
func (u bucketUse) conflict(earlier bucketUse, bucket string) string {
	switch {
	case u.hasRules && earlier.hasRules:
		return fmt.Sprintf("%q is %s already, and S3 keeps one set of replication rules for each bucket; make them one replication, "+
			"with the destinations and rules of both", bucket, earlier.path)
	case !u.existing || !earlier.existing:
		return fmt.Sprintf("%q is %s already, and a bucket can be made only once; make it outside of this stack, "+
			"and adopt it in both replications: existing: true, and its kmsKeyArn if it has one", bucket, earlier.path)
	default:
		return ""
	}
}
