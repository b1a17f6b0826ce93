package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// askEvents is what to do where nothing that can be read is in the way.
const askEvents = "the event s3:Replication:OperationFailedReplication names the cause (`crr explain --failure REASON`); " +
	"look at what verify cannot read: policies of the organisation and of VPC endpoints, and grants of the keys"

// explain says why a probe did not arrive: everything is read once more and
// judged as before, since it has changed or was not known then, and the model is
// asked about this very object.
func (p *probe) explain(ctx context.Context, t *target, object replication.Object, what, otherwise string) outcome {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callPatience)
	defer cancel()
	f := &flow{from: p.flow.from.fork(), deployed: p.flow.deployed, rules: p.flow.rules, to: []*place{t.to.fork()}}
	var reading sync.WaitGroup
	reading.Go(func() { f.from.read(ctx) })
	reading.Go(func() { f.to[0].read(ctx) })
	reading.Wait()
	f.live = liveSubject(p.flow.live, f)
	if cause := f.cause(); cause != nil {
		return outcome{reason: what + ": " + cause.Reason, fix: cause.Fix, failure: cause.Failure, see: cause.See}
	}
	return f.ask(object, t.to.Bucket, what, otherwise)
}

// cause is the first check that fails now and keeps everything from being
// replicated.
func (f *flow) cause() *Check {
	list := &checklist{}
	to := f.to[0]
	standings := []standing{list.checkPlace(f.from, nil), list.checkPlace(to, f.from)}
	list.checkPermissions(f, to, append(list.checkRole(f, nil), standings[0].bucket, standings[1].bucket))
	list.checkRules(f, standings[0].bucket)
	at := slices.IndexFunc(list.checks, func(c *Check) bool { return c.blocks && c.Status == Fail })
	if at < 0 {
		return nil
	}
	return list.checks[at]
}

// ask is what the model says of an object that did not arrive.
func (f *flow) ask(object replication.Object, bucket, what, otherwise string) outcome {
	for _, decision := range replication.NewExplainer(f.live.Configuration, f.live.Facts).Explain(object).Decisions {
		if decision.Bucket != bucket || decision.Verdict != replication.DoesNotReplicate {
			continue
		}
		reason := decision.Reasons[0]
		o := wrong(what+": "+reason.Sentence, reason.Fix)
		o.see = reason.See
		if reason.Failure != "" {
			o = o.withFailure(reason.Failure)
		}
		return o
	}
	what += ", and everything that can be read allows it"
	if f.from.role.err == nil {
		if keys := f.from.TrustDependsOn(f.from.roleARN, f.from.role.value.trust); len(keys) > 0 {
			return wrong(fmt.Sprintf("%s, but for the trust policy of %s: it allows S3 only if S3 sends %s, which AWS does not document", what, f.from.roleARN, strings.Join(keys, " and ")),
				"make the condition StringEqualsIfExists or ArnEqualsIfExists, as `pulumi up` does for roles that it made; otherwise "+otherwise).withFailure("AssumeRoleNotPermitted")
		}
	}
	return wrong(what, otherwise)
}
