package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/rules"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// checkRules compares the live rules with the deployed ones, and returns their
// checks by rule id.
func (l *checklist) checkRules(f *flow, bucket *Check) map[string]*Check {
	about := "rules"
	if f.from.Name != replication.SourceName {
		about = "rules of " + f.from.Name
	}
	configured := l.check(about, "configuration", []*Check{bucket}, f.judgeConfiguration)
	checks := map[string]*Check{}
	for i := range f.deployed.Rules {
		wanted := &f.deployed.Rules[i]
		checks[wanted.ID] = l.check(about, wanted.ID, []*Check{configured}, func() outcome { return f.judgeRule(wanted) })
	}
	for i := range f.live.Configuration.Rules {
		found := &f.live.Configuration.Rules[i]
		if checks[found.ID] == nil {
			l.check(about, found.ID, nil, func() outcome {
				return failsAlone(fmt.Sprintf("%s has a rule %q to %s that was not deployed", f.from.url(), found.ID, found.Destination.Bucket),
					"add it to the stack's configuration, or remove it with `pulumi up --refresh`")
			})
		}
	}
	return checks
}

func (f *flow) judgeConfiguration() outcome {
	switch answer := f.from.rules; {
	case answer.err != nil:
		return unanswered("reading the rules of "+f.from.url(), f.from.DeployedBucket, answer.err)
	case answer.value == nil:
		return fails(f.from.url()+" has no replication configuration", restore).withFailure("SrcBucketReplicationConfigMissing")
	case answer.value.Role != f.deployed.Role:
		return fails(fmt.Sprintf("S3 replicates %s with the role %s, was deployed with %s", f.from.url(), answer.value.Role, f.deployed.Role), restore)
	}
	return outcome{}
}

func (f *flow) judgeRule(wanted *s3config.Rule) outcome {
	at := slices.IndexFunc(f.live.Configuration.Rules, func(r s3config.Rule) bool { return r.ID == wanted.ID })
	if at < 0 {
		return fails(fmt.Sprintf("%s no longer has the rule %q", f.from.url(), wanted.ID), restore)
	}
	changes := rules.Differences(wanted, &f.live.Configuration.Rules[at])
	switch {
	case len(changes) == 0:
		return outcome{}
	case len(changes) == 1 && strings.HasPrefix(changes[0], "Status "):
		return fails(fmt.Sprintf("the rule %q is %s, was deployed %s", wanted.ID, f.live.Configuration.Rules[at].Status, wanted.Status),
			restore+"; objects written meanwhile need S3 Batch Replication")
	}
	return fails(fmt.Sprintf("the rule %q was changed outside of the deployment: %s", wanted.ID, strings.Join(changes, "; ")),
		restore+"; or add the change to the stack's configuration")
}
