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

// State of a rule, in a word.
type State string

// The states.
const (
	Replicating State = "replicating"
	Late        State = "late"
	Failing     State = "failing"
	// Changed: the rule is not the one that was deployed.
	Changed  State = "changed"
	Disabled State = "disabled"
	Unknown  State = "unknown"
)

// Judgement is the state of a rule, why, and what to do.
type Judgement struct {
	State State `json:"state"`
	// Well tells whether that is how it should be.
	Well   bool   `json:"well"`
	Reason string `json:"reason"`
	Advice string `json:"advice,omitempty"`
}

// stale is how old the last number may be: S3 publishes every minute, as well
// as it can.
const stale = 15 * time.Minute

// restore is how to get the deployed rule back.
const restore = "`pulumi up --refresh` restores the rule; what was written meanwhile needs S3 Batch Replication, status NONE"

// judge says how a rule replicates: first whether it is the rule that was
// deployed, then whether AWS answers, and then what the numbers say. What is known to be
// bad goes before what is not known, and both before what is good.
func judge(r *metrics.Reading, rule liveRule, kept []failures.Event, threshold float64, now time.Time) Judgement {
	switch {
	case rule.gone:
		return Judgement{State: Disabled, Reason: "s3://" + r.From.Bucket + " has no such rule any more", Advice: restore}
	case rule.err == nil && rule.status == replication.Disabled && r.Rule.Status != replication.Disabled:
		return Judgement{State: Disabled, Reason: "the rule was disabled after it was deployed", Advice: restore}
	case rule.err == nil && rule.status != r.Rule.Status:
		return Judgement{State: Changed, Reason: fmt.Sprintf("the rule is %s, was deployed as %s", rule.status, r.Rule.Status), Advice: "`pulumi up --refresh` restores the rule"}
	case len(rule.changes) > 0:
		return Judgement{
			State: Changed, Reason: "the rule was changed after it was deployed: " + strings.Join(rule.changes, "; "),
			Advice: restore + "; or write the change into the stack's configuration",
		}
	case rule.err == nil && rule.status == replication.Disabled:
		return Judgement{State: Disabled, Well: true, Reason: "as it was deployed"}
	case !r.Rule.Metrics && !r.Rule.ReplicationTimeControl:
		return Judgement{
			State: Unknown, Reason: "the rule has no metrics, so S3 publishes nothing about it",
			Advice: "set metrics: true in the rule; until then `crr verify` finds out whether it works",
		}
	}
	judgement := judgeNumbers(r, failuresOf(r, kept), threshold, now)
	if rule.err != nil && judgement.Well {
		return Judgement{State: Unknown, Reason: rule.err.Error()}
	}
	return judgement
}

// newest is when the last step of the latency ends.
func newest(r *metrics.Reading) (at time.Time, measured bool) {
	at, _, measured = r.Latency.Last()
	return at.Add(r.Latency.Period), measured
}

// failed are the failures of a rule in the window: those that S3's metrics count, and later
// ones in the failure queue, which they don't. S3 may deliver metrics late or never.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
type failed struct {
	counted, uncounted float64
	// last is when the last of them failed, as far as it is known: the begin of a period
	// of the metrics, or the time of an event.
	last time.Time
	// lastCounted says that the metrics say when the last one failed.
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

// sentence says how many failed and when the last did, or "".
func (f failed) sentence(operations float64, r *metrics.Reading, now time.Time) string {
	if f.counted+f.uncounted == 0 {
		return ""
	}
	last := "at " + words.Clock(f.last, now)
	if f.lastCounted && r.Failed.Period > time.Minute { // it is known to the hour in windows of months
		last = "after " + words.Clock(f.last, now)
	}
	counted := fmt.Sprintf("%s of %s failed", words.Count(f.counted), words.Plural(operations, "operation"))
	more := words.Plural(f.uncounted, "failure") + " in the failure queue that S3's metrics don't count"
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
		return Judgement{State: Late, Reason: behind(latency, threshold) + "; failures are not known: " + r.SourceErr.Error()}
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
				Advice: "what failed before stays FAILED until it is replicated again: `crr compare` lists it and prints the command",
			}
		}
		return Judgement{
			State: Failing, Reason: failures,
			Advice: "S3 does not retry them: find the cause with `crr verify`, then `crr compare` lists what failed and prints the command that replicates it",
		}
	case latency > threshold:
		return Judgement{
			State: Late, Reason: behind(latency, threshold),
			Advice: "large objects take longer, and so do bursts; where pending operations keep growing, `crr verify` looks for the cause",
		}
	case !replicated:
		return Judgement{State: Replicating, Well: true, Reason: "nothing was written that the rule replicates"}
	default:
		return Judgement{State: Replicating, Well: true, Reason: words.Plural(operations, "operation") + ", none failed"}
	}
}

func behind(latency, threshold float64) string {
	return fmt.Sprintf("replicas are %s behind, and late after %s", words.Seconds(latency), words.Seconds(threshold))
}

// outage is the judgement where a region does not answer. What failed before is
// no longer what to do something about first: a batch job would fail as well.
func outage(reason, failures string) Judgement {
	j := Judgement{State: Unknown, Reason: reason, Advice: "wait until the region answers again; replicate nothing by hand before"}
	if failures != "" {
		j.Reason += "; before that, " + failures
	}
	return j
}

// silent is the judgement where the destination's metrics have ended.
func silent(reason, failures string, r *metrics.Reading) Judgement {
	j := Judgement{
		State: Unknown, Reason: reason,
		Advice: "the first numbers come 15 minutes after a rule was made; after that, none come where the destination bucket s3://" + r.To.Bucket +
			" is gone or its region has trouble: `crr verify` finds out, before anything is replicated again",
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
