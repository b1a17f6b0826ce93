package status

import (
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// SafeUntil is the time up to which everything that a rule replicates is at the
// destination. It is never later than the truth, as far as metrics show it.
type SafeUntil struct {
	// Time is nil where it is not known.
	Time *time.Time `json:"time"`
	// UncertaintySeconds is how much later the truth may be.
	UncertaintySeconds float64 `json:"uncertaintySeconds,omitempty"`
	// Reason is what the time rests on, or why it is not known.
	Reason string `json:"reason"`
}

// safeUntil reads the destination's metrics. ReplicationLatency is how far the
// destination is behind the source, and a step's value is the highest of the step:
// what was written before the step began, less the latency, has arrived.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
func safeUntil(r *metrics.Reading, rule liveRule, now time.Time) SafeUntil {
	unknown := func(reason string) SafeUntil { return SafeUntil{Reason: reason} }
	failed, _ := r.Failed.Sum()
	at, latency, measured := r.Latency.Last()
	pending, counted := r.PendingOperations.At(at)
	switch {
	case rule.err != nil:
		return unknown("the bucket's rules could not be read")
	case rule.gone || len(rule.changes) > 0 || rule.status != replication.Enabled || r.Rule.Status != replication.Enabled:
		return unknown("the rule is not in force as it was deployed")
	case r.DestinationErr != nil:
		return unknown("the destination's metrics could not be read")
	case r.SourceErr != nil:
		return unknown("failures could not be read")
	case failed > 0:
		return unknown("operations failed in the window, and metrics don't show whether they were replicated again: `crr compare` does")
	case !measured:
		return unknown("S3 published no latency in the window")
	case !counted:
		return unknown("S3 published no pending operations beside the latency")
	}
	safe := at.Add(-time.Duration(latency * float64(time.Second)))
	if pending > 0 && latency < r.Latency.Period.Seconds() {
		safe = safe.Add(-r.Latency.Period) // what waits is not in the latency yet
	}
	reason := "by latency and pending operations of the destination"
	if r.Canary {
		beat, age, found := r.HeartbeatAge.Last()
		if !found {
			return unknown("the canary published no heartbeat in the window, and S3's metrics disagree with that")
		}
		reason += ", and the newest heartbeat there"
		if written := beat.Add(-time.Duration(age * float64(time.Second))); written.Before(safe) {
			safe = written
		}
	}
	safe = safe.UTC()
	return SafeUntil{Time: &safe, UncertaintySeconds: now.Sub(safe).Seconds(), Reason: reason + "; what failed before the window is not in it"}
}

// text writes it for people.
func (s SafeUntil) text(now time.Time) string {
	if s.Time == nil {
		return "not known: " + s.Reason
	}
	return words.Clock(*s.Time, now) + " at least, " + words.Seconds(now.Sub(*s.Time).Round(time.Second).Seconds()) + " ago"
}

// Age is how old the newest numbers of a rule are.
type Age struct {
	// Until is when the newest step ends, nil where there is no number.
	Until   *time.Time `json:"until"`
	Seconds *float64   `json:"ageSeconds"`
}

func ageOf(r *metrics.Reading, now time.Time) Age {
	at, measured := newest(r)
	if !measured {
		return Age{}
	}
	if at.After(now) {
		at = now // the step is not over yet
	}
	at = at.UTC()
	seconds := now.Sub(at).Seconds()
	return Age{&at, &seconds}
}

// text writes it for people.
func (a Age) text() string {
	if a.Seconds == nil {
		return "no data"
	}
	return words.Seconds(*a.Seconds) + " old"
}
