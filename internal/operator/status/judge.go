package status

import (
	"fmt"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// State of a rule.
type State string

// The states.
const (
	Replicating State = "replicating"
	Late        State = "late"
	Failing     State = "failing"
	// Changed: the live rule differs from the deployed one.
	Changed  State = "changed"
	Disabled State = "disabled"
	Unknown  State = "unknown"
)

// Judgement is the state of a rule with its reason and advice.
type Judgement struct {
	State State `json:"state"`
	// Well reports whether the state is ok.
	Well   bool   `json:"well"`
	Reason string `json:"reason"`
	Advice string `json:"advice,omitempty"`
}

// stale is the maximum age of the last data point: S3 publishes every minute, on a
// best-effort basis.
const stale = 15 * time.Minute

// restore is the fix for a changed rule.
const restore = "`pulumi up --refresh` restores the rule; objects written meanwhile need S3 Batch Replication, status NONE"

// judge returns the state of a rule. It compares the live rule with the deployed one,
// then checks that AWS answers, and then evaluates the metrics. Failures take
// precedence over unknown results.
func judge(r *metrics.Reading, rule liveRule, kept []failures.Event, threshold float64, now time.Time) Judgement {
	switch {
	case rule.gone:
		return Judgement{State: Disabled, Reason: "s3://" + r.From.Bucket + " no longer has this rule", Advice: restore}
	case rule.err == nil && rule.status == replication.Disabled && r.Rule.Status != replication.Disabled:
		return Judgement{State: Disabled, Reason: "the rule was disabled after it was deployed", Advice: restore}
	case rule.err == nil && rule.status != r.Rule.Status:
		return Judgement{State: Changed, Reason: fmt.Sprintf("the rule is %s, was deployed as %s", rule.status, r.Rule.Status), Advice: "`pulumi up --refresh` restores the rule"}
	case len(rule.changes) > 0:
		return Judgement{
			State: Changed, Reason: "the rule was changed after it was deployed: " + strings.Join(rule.changes, "; "),
			Advice: restore + "; or add the change to the stack's configuration",
		}
	case rule.err == nil && rule.status == replication.Disabled:
		return Judgement{State: Disabled, Well: true, Reason: "as deployed"}
	case !r.Rule.Metrics && !r.Rule.ReplicationTimeControl:
		return Judgement{
			State: Unknown, Reason: "metrics are disabled for this rule",
			Advice: "set metrics: true in the rule; until then use `crr verify` to check whether it works",
		}
	}
	judgement := judgeNumbers(r, failuresOf(r, kept), threshold, now)
	if rule.err != nil && judgement.Well {
		return Judgement{State: Unknown, Reason: rule.err.Error()}
	}
	return judgement
}

// newest returns the end of the last latency step.
func newest(r *metrics.Reading) (at time.Time, measured bool) {
	at, _, measured = r.Latency.Last()
	return at.Add(r.Latency.Period), measured
}

// failed are the failures of a rule in the window: those counted by S3's metrics, and
// later ones that are only in the failure queue. S3 may deliver metrics late or never.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
type failed struct {
	counted, uncounted float64
	// last is the time of the last failure: the start of a period of the metrics, or the
	// time of an event.
	last time.Time
	// lastCounted is set if last is from the metrics.
	lastCounted bool
}

func failuresOf(r *metrics.Reading, kept []failures.Event) failed {
	var f failed
	if r.SourceErr == nil {
		f.counted, _ = r.Failed.Sum()
		f.last, f.lastCounted = r.Failed.LastAbove(0)
	}
	const spread = time.Minute // between the event of a failure and its count
	counted := f.last.Add(r.Failed.Period + spread)
	for _, event := range kept {
		if event.Rule != r.Rule.ID || event.Bucket != r.From.Bucket || event.Destination != r.To.Bucket || !event.Time.After(counted) {
			continue
		}
		f.uncounted++
		if event.Time.After(f.last) {
			f.last, f.lastCounted = event.Time, false
		}
	}
	return f
}

// sentence returns the number of failures and the time of the last one, or "".
func (f failed) sentence(operations float64, r *metrics.Reading, now time.Time) string {
	if f.counted+f.uncounted == 0 {
		return ""
	}
	last := "at " + words.Clock(f.last, now)
	if f.lastCounted && r.Failed.Period > time.Minute { // windows of months have periods of an hour
		last = "after " + words.Clock(f.last, now)
	}
	counted := fmt.Sprintf("%s of %s failed", words.Count(f.counted), words.Plural(operations, "operation"))
	more := words.Plural(f.uncounted, "failure") + " in the failure queue that S3's metrics do not count"
	switch {
	case f.uncounted == 0:
		return counted + ", the last " + last
	case f.counted == 0:
		return more + ", the last " + last
	default:
		return counted + ", and " + more + ", the last " + last
	}
}

func judgeNumbers(r *metrics.Reading, failed failed, threshold float64, now time.Time) Judgement {
	operations, replicated := r.Operations.Sum()
	_, latency, _ := r.Latency.Last()
	at, measured := newest(r)
	at = at.Add(-time.Minute) // the last minute of the step
	fresh := measured && now.Sub(at) < stale
	failures := failed.sentence(operations, r, now)
	switch {
	case r.DestinationErr != nil:
		return outage(r.DestinationErr.Error(), failures)
	case r.SourceErr != nil && fresh && latency > threshold:
		return Judgement{State: Late, Reason: behind(latency, threshold) + "; failures are unknown: " + r.SourceErr.Error()}
	case r.SourceErr != nil:
		return outage(r.SourceErr.Error(), failures)
	case !measured:
		return silent(fmt.Sprintf("S3 has published nothing in %s for %s", r.To.Region, metrics.FormatLength(r.Latency.Length())), failures, r)
	case !fresh:
		return silent("S3 has published nothing since "+words.Clock(at, now), failures, r)
	case failures != "":
		if since, recovered := recovery(r, failed.last, now); recovered && latency <= threshold {
			return Judgement{
				State: Replicating, Well: true,
				Reason: fmt.Sprintf("recovered: %s; %s since, none failed", failures, words.Plural(since, "operation")),
				Advice: "failed objects stay FAILED until they are replicated again: `crr compare` lists them with the commands",
			}
		}
		return Judgement{
			State: Failing, Reason: failures,
			Advice: "S3 will not retry them: run `crr verify` to find the cause, then `crr compare` lists the failed objects with the commands that replicate them",
		}
	case latency > threshold:
		return Judgement{
			State: Late, Reason: behind(latency, threshold),
			Advice: "large objects and bursts take longer; if pending operations keep growing, run `crr verify` to find the cause",
		}
	case !replicated:
		return Judgement{State: Replicating, Well: true, Reason: "no operations"}
	default:
		return Judgement{State: Replicating, Well: true, Reason: words.Plural(operations, "operation") + ", none failed"}
	}
}

func behind(latency, threshold float64) string {
	return fmt.Sprintf("replicas are %s behind; the limit is %s", words.Seconds(latency), words.Seconds(threshold))
}

// outage returns the judgement if a region does not answer. Earlier failures are
// less urgent: a batch job would fail as well.
func outage(reason, failures string) Judgement {
	j := Judgement{State: Unknown, Reason: reason, Advice: "wait until the region answers before you replicate anything manually"}
	if failures != "" {
		j.Reason += "; before that, " + failures
	}
	return j
}

// silent returns the judgement if the destination's metrics have stopped.
func silent(reason, failures string, r *metrics.Reading) Judgement {
	j := Judgement{
		State: Unknown, Reason: reason,
		Advice: "S3 publishes the first data 15 minutes after a rule was created; later, missing data means that the destination bucket s3://" + r.To.Bucket +
			" was deleted or its region is impaired: run `crr verify` before you replicate anything again",
	}
	if failures != "" {
		j.State, j.Reason = Failing, reason+"; "+failures
	}
	return j
}

// recovery reports whether operations have succeeded since the last failure,
// and how many. Failures of the last minutes may not be published yet.
func recovery(r *metrics.Reading, last, now time.Time) (since float64, recovered bool) {
	since = r.Operations.SumAfter(last)
	return since, since > 0 && now.Sub(last.Add(r.Failed.Period)) >= metrics.Settling
}
