package status

import (
	"fmt"
	"time"

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
	Disabled    State = "disabled"
	Unknown     State = "unknown"
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

// judge says how a rule replicates. What is known to be bad goes before what is
// not known, and both before what is good.
func judge(r *metrics.Reading, rule liveRule, threshold float64, now time.Time) Judgement {
	switch {
	case rule.gone:
		return Judgement{
			State: Disabled, Reason: "s3://" + r.From.Bucket + " has no such rule any more",
			Advice: "`pulumi refresh` and `pulumi up` restore it; what was written meanwhile needs S3 Batch Replication",
		}
	case rule.status == replication.Disabled && r.Rule.Status == replication.Disabled:
		return Judgement{State: Disabled, Well: true, Reason: "as it was deployed"}
	case rule.status == replication.Disabled:
		return Judgement{
			State: Disabled, Reason: "somebody has disabled the rule since it was deployed",
			Advice: "`pulumi refresh` and `pulumi up` enable it; what was written meanwhile needs S3 Batch Replication",
		}
	case !r.Rule.Metrics && !r.Rule.ReplicationTimeControl:
		return Judgement{
			State: Unknown, Reason: "the rule has no metrics, so S3 tells nothing about it",
			Advice: "set metrics: true in the rule; until then `crr verify` tells whether it works",
		}
	}
	return judgeNumbers(r, threshold, now)
}

func judgeNumbers(r *metrics.Reading, threshold float64, now time.Time) Judgement {
	failed, _ := r.Failed.Sum()
	operations, replicated := r.Operations.Sum()
	at, latency, measured := r.Latency.Last()
	at = at.Add(r.Latency.Period - time.Minute) // the last minute of the step
	switch {
	case r.SourceErr == nil && failed > 0:
		return Judgement{
			State: Failing, Reason: fmt.Sprintf("%s of %s failed, the last %s", words.Count(failed), words.Plural(operations, "operation"), lastFailure(r.Failed, now)),
			Advice: "S3 does not try them again: find the cause with `crr verify`, then replicate them with S3 Batch Replication, status FAILED",
		}
	case r.DestinationErr == nil && measured && latency > threshold && now.Sub(at) < stale:
		return Judgement{
			State: Late, Reason: fmt.Sprintf("replicas are %s behind, and late after %s", words.Seconds(latency), words.Seconds(threshold)),
			Advice: "large objects take longer, and so do bursts; where pending operations keep growing, `crr verify` looks for the cause",
		}
	case r.DestinationErr != nil:
		return Judgement{State: Unknown, Reason: r.DestinationErr.Error()}
	case r.SourceErr != nil:
		return Judgement{State: Unknown, Reason: r.SourceErr.Error()}
	case !measured:
		return Judgement{
			State: Unknown, Reason: fmt.Sprintf("S3 has published nothing in %s for %s", r.To.Region, metrics.FormatLength(r.Latency.Length())),
			Advice: "the first numbers come 15 minutes after a rule was made; after that, none come when the destination bucket is gone: `crr verify` tells",
		}
	case now.Sub(at) >= stale:
		return Judgement{
			State: Unknown, Reason: "S3 has published nothing since " + words.Clock(at, now),
			Advice: "is s3://" + r.To.Bucket + " still there? `crr verify` tells",
		}
	case !replicated:
		return Judgement{State: Replicating, Well: true, Reason: "nothing was written that the rule replicates"}
	default:
		return Judgement{State: Replicating, Well: true, Reason: words.Plural(operations, "operation") + ", none failed"}
	}
}

// lastFailure is known to the minute in windows of days, and to the hour in those
// of months.
func lastFailure(failed metrics.Series, now time.Time) string {
	begin, _ := failed.LastAbove(0)
	if failed.Period > time.Minute {
		return "after " + words.Clock(begin, now)
	}
	return "at " + words.Clock(begin, now)
}
