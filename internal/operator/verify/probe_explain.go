package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// askEvents is the fix if no readable setting explains the failure.
const askEvents = "the event s3:Replication:OperationFailedReplication has the reason (`crr explain --failure REASON`); " +
	"check what verify cannot read: policies of the organization and of VPC endpoints, and KMS grants"

// explain returns the reason why a probe did not arrive: all settings are read and
// judged again, since they may have changed, and the model explains this object.
func (p *probe) explain(ctx context.Context, t *target, object model.Object, what, otherwise string) outcome {
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

// cause returns the first failed check that blocks all replication, or nil.
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

// ask returns the model's reason for an object that did not arrive.
func (f *flow) ask(object model.Object, bucket, what, otherwise string) outcome {
	for _, decision := range model.NewExplainer(f.live.Configuration, f.live.Facts).Explain(object).Decisions {
		if decision.Bucket != bucket || decision.Verdict != model.DoesNotReplicate {
			continue
		}
		reason := decision.Reasons[0]
		o := fails(what+": "+reason.Sentence, reason.Fix)
		o.see = reason.See
		if reason.Failure != "" {
			o = o.withFailure(reason.Failure)
		}
		return o
	}
	what += ", and all readable settings allow it"
	if f.from.role.err == nil {
		if keys := model.TrustDependsOn(f.from.DeployedBucket, f.from.roleARN, f.from.role.value.trust); len(keys) > 0 {
			return fails(fmt.Sprintf("%s, except the trust policy of %s: it allows S3 only if S3 sends %s, which AWS does not document", what, f.from.roleARN, strings.Join(keys, " and ")),
				"change the condition to StringEqualsIfExists or ArnEqualsIfExists, as `pulumi up` does for roles of the stack; otherwise "+otherwise).withFailure("AssumeRoleNotPermitted")
		}
	}
	return fails(what, otherwise)
}
