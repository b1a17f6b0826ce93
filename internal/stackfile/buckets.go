package stackfile

import (
	"fmt"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// bucketUse is the use of a named bucket in a replication.
type bucketUse struct {
	path               string
	existing, hasRules bool
}

// bucketUses has the uses of all replications so far, by bucket.
type bucketUses map[string][]bucketUse

// add reports conflicting uses of a bucket by several replications of the stack. The
// component checks uses within one replication. Several replications may share an
// existing destination.
func (u bucketUses) add(r Replication, path string) replication.Problems {
	var problems replication.Problems
	use := func(bucket plan.Bucket, at string, replicates bool) {
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
		use(destination.Bucket, fmt.Sprintf("%s.destinations[%d]", path, i), r.Direction == replication.TwoWay)
	}
	return problems
}

// conflict returns why two replications can't share a bucket, or "".
func (u bucketUse) conflict(earlier bucketUse, bucket string) string {
	switch {
	case u.hasRules && earlier.hasRules:
		return fmt.Sprintf("%q is %s already, and S3 keeps one set of replication rules for each bucket; merge the replications, "+
			"with the destinations and rules of both", bucket, earlier.path)
	case !u.existing || !earlier.existing:
		return fmt.Sprintf("%q is %s already, and a bucket can be created only once; create it outside of this stack, "+
			"and adopt it in both replications: existing: true, and its kmsKeyArn if it has one", bucket, earlier.path)
	default:
		return ""
	}
}
