package status

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/rules"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// patience is the timeout for reading the rules of a bucket.
const patience = 30 * time.Second

// liveRule is a live rule of a bucket.
type liveRule struct {
	status replication.Status
	gone   bool
	// changes since the deployment, without the status.
	changes []string
	// err is the error of reading the bucket's rules.
	err error
}

// liveRules are the live and the deployed rules of a bucket.
type liveRules struct {
	deployed s3config.Configuration
	found    *s3config.Configuration // nil: the bucket has none
	err      error
}

// rule returns the live rule with an id.
func (l liveRules) rule(id string) liveRule {
	if l.err != nil {
		return liveRule{err: l.err}
	}
	if l.found == nil {
		return liveRule{gone: true}
	}
	named := func(rule s3config.Rule) bool { return rule.ID == id }
	at, was := slices.IndexFunc(l.found.Rules, named), slices.IndexFunc(l.deployed.Rules, named)
	if at < 0 {
		return liveRule{gone: true}
	}
	found := l.found.Rules[at]
	live := liveRule{status: found.Status}
	if was >= 0 {
		for _, change := range rules.Differences(&l.deployed.Rules[was], &found) {
			if !strings.HasPrefix(change, "Status ") {
				live.changes = append(live.changes, change)
			}
		}
	}
	if l.found.Role != l.deployed.Role {
		live.changes = append(live.changes, fmt.Sprintf("S3 uses the role %s, was deployed as %s", l.found.Role, l.deployed.Role))
	}
	for _, other := range l.found.Rules {
		added := !slices.ContainsFunc(l.deployed.Rules, func(rule s3config.Rule) bool { return rule.ID == other.ID })
		if added && other.Destination.Bucket == found.Destination.Bucket && other.Status == replication.Enabled {
			live.changes = append(live.changes, fmt.Sprintf("the rule %q to the same bucket was added", other.ID))
		}
	}
	return live
}

// readRules reads the rules of a bucket.
func readRules(ctx context.Context, sessions *live.Sessions, place replication.DeployedBucket, deployed s3config.Configuration) liveRules {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found, err := rules.Read(ctx, live.S3(sessions.At(place), place.AccountID), place)
	return liveRules{deployed, found, live.Failed("reading the rules of s3://"+place.Bucket, place, err)}
}
