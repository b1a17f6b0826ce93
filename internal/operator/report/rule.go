package report

import (
	"cmp"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ruleOf returns the report on a rule.
func ruleOf(r metrics.Reading) Rule {
	rule := Rule{
		ID: r.Rule.ID, Source: placeOf(r.From), Destination: placeOf(r.To), TimeControl: r.Rule.ReplicationTimeControl,
		Periods: r.Latency.Steps(), Measured: r.Latency.Measured(), Gaps: r.Latency.Gaps(), Exceptions: exceptions(r),
		Problems: []string{}, OperationsKnown: r.SourceErr == nil, reading: r,
	}
	if worst, found := r.Latency.Max(); found {
		rule.WorstSeconds = &worst
	}
	for step := range rule.Periods {
		rule.count(r, step)
	}
	if rule.Operations > 0 {
		share := rule.inTime() / rule.Operations
		rule.Share = &share
	}
	for _, err := range []error{r.SourceErr, r.DestinationErr} {
		if err != nil {
			rule.Problems = append(rule.Problems, err.Error())
		}
	}
	rule.Verdict = rule.judge()
	if rule.Verdict == Off {
		rule.Gaps = []metrics.Span{} // S3 publishes nothing for a disabled rule
	}
	return rule
}

func placeOf(place replication.DeployedBucket) Place {
	return Place{Bucket: place.Bucket, Region: place.Region, Account: place.AccountID}
}

// count adds one period. An operation counts once: as failed, else as late, else as
// not measured.
func (r *Rule) count(reading metrics.Reading, step int) {
	latency, measured := reading.Latency.Value(step)
	operations, _ := reading.Operations.Value(step)
	failed, _ := reading.Failed.Value(step)
	late := measured && latency > limitSeconds
	r.Operations += operations
	r.Failed += failed
	switch {
	case late:
		r.Late++
		r.InLate += operations - failed
	case !measured:
		r.InGaps += operations - failed
	}
}

// inTime returns the number of operations proven to have replicated within the
// limit: they did not fail, and the worst latency of their period was within it.
func (r *Rule) inTime() float64 { return r.Operations - r.Failed - r.InLate - r.InGaps }

// judge returns the verdict. Known failures take precedence over missing data.
func (r *Rule) judge() Verdict {
	switch {
	case r.reading.Rule.Status == replication.Disabled && r.Measured == 0 && r.Operations == 0:
		return Off
	case len(r.Exceptions) > 0:
		return Broken
	case len(r.Gaps) > 0 || len(r.Problems) > 0:
		return NotShown
	default:
		return Kept
	}
}

// exceptions returns the times with a latency above the limit or failed operations,
// oldest first.
func exceptions(r metrics.Reading) []Exception {
	found := []Exception{}
	for _, span := range r.Latency.Above(limitSeconds) {
		found = append(found, Exception{Start: span.Start, End: span.End, WorstSeconds: span.Worst})
	}
	for _, span := range r.Failed.Above(0) {
		failed := 0.0
		for step := range r.Failed.Steps() {
			value, some := r.Failed.Value(step)
			if at := r.Failed.Time(step); some && !at.Before(span.Start) && at.Before(span.End) {
				failed += value
			}
		}
		found = append(found, Exception{Start: span.Start, End: span.End, Failed: failed})
	}
	slices.SortStableFunc(found, func(a, b Exception) int { return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End)) })
	return found
}
