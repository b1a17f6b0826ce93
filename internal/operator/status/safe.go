package status

import (
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// SafeUntil is the time up to which everything that a rule selects is at the
// destination. The true time may be later, but is never earlier than the metrics show.
type SafeUntil struct {
	// Time is nil if it is unknown.
	Time *time.Time `json:"time"`
	// UncertaintySeconds is how much later the true time may be.
	UncertaintySeconds float64 `json:"uncertaintySeconds,omitempty"`
	// Reason is the source of the time, or why it is unknown.
	Reason string `json:"reason"`
}

// safeUntil computes the time from the destination's metrics. ReplicationLatency is
// the time that the destination is behind the source, and a step's value is its
// maximum: objects written before the start of the step minus the latency have arrived.
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
		return unknown("the rule is not active as deployed")
	case r.DestinationErr != nil:
		return unknown("the destination's metrics could not be read")
	case r.SourceErr != nil:
		return unknown("failures could not be read")
	case failed > 0:
		return unknown("operations failed in the window, and metrics don't show whether they were replicated again: use `crr compare`")
	case !measured:
		return unknown("S3 published no latency in the window")
	case !counted:
		return unknown("S3 published latency without pending operations")
	}
	safe := at.Add(-time.Duration(latency * float64(time.Second)))
	if pending > 0 && latency < r.Latency.Period.Seconds() {
		safe = safe.Add(-r.Latency.Period) // pending operations are not in the latency yet
	}
	reason := "by latency and pending operations of the destination"
	if r.Canary {
		heartbeat, age, found := r.HeartbeatAge.Last()
		if !found {
			return unknown("the canary published no heartbeat in the window, which contradicts S3's metrics")
		}
		reason += ", and its newest heartbeat"
		if written := heartbeat.Add(-time.Duration(age * float64(time.Second))); written.Before(safe) {
			safe = written
		}
	}
	safe = safe.UTC()
	return SafeUntil{Time: &safe, UncertaintySeconds: now.Sub(safe).Seconds(), Reason: reason + "; failures before the window are not considered"}
}

// text formats the time.
func (s SafeUntil) text(now time.Time) string {
	if s.Time == nil {
		return "unknown: " + s.Reason
	}
	return words.Clock(*s.Time, now) + " or later, " + words.Seconds(now.Sub(*s.Time).Round(time.Second).Seconds()) + " ago"
}

// Age is the age of the newest data of a rule.
type Age struct {
	// Until is the end of the newest step, nil if there is no data.
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

// text formats the age.
func (a Age) text() string {
	if a.Seconds == nil {
		return "no data"
	}
	return words.Seconds(*a.Seconds) + " old"
}
