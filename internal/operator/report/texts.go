package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
)

// Texts shared by Markdown and HTML.

const title = "S3 Replication Time Control: compliance"

// Fact is a line about the report.
type Fact struct{ Name, Text string }

// Facts returns the subject, time, period and author of the report.
func (r Report) Facts() []Fact {
	return []Fact{
		{"Target", "objects replicate within 15 minutes (S3 Replication Time Control)"},
		{"Window", fmt.Sprintf("%s to %s (%s)", words.Moment(r.Window.Start), words.Moment(r.Window.End), metrics.FormatLength(r.Window.Length()))},
		{"Period", fmt.Sprintf("data points of %s", words.Seconds(float64(r.PeriodSeconds)))},
		{"Sources", "CloudWatch metrics AWS/S3 and alarm history; S3 event notifications, if a queue receives them; state of CloudTrail trails"},
		{"Generated", fmt.Sprintf("%s by %s in account %s", words.Moment(r.Generated), r.By, r.Account)},
	}
}

// Sentence returns the verdict as the rest of a sentence: "met by 2 of 2 rules".
func (r Report) Sentence() string {
	var lacking []string
	for _, each := range r.lacking() {
		if what := fmt.Sprintf("%s (%s)", each.Kind, each.State); !slices.Contains(lacking, what) {
			lacking = append(lacking, what)
		}
	}
	if len(lacking) == 0 {
		return r.promise()
	}
	return r.promise() + "; other evidence is missing: " + strings.Join(lacking, ", ")
}

func (r Report) promise() string {
	counts, rules := map[Verdict]int{}, 0
	for _, deployment := range r.Deployments {
		for _, rule := range deployment.Rules {
			counts[rule.Verdict]++
			rules++
		}
	}
	of := fmt.Sprintf(" of %s", words.Plural(float64(rules), "rule"))
	switch r.Verdict {
	case Broken:
		text := fmt.Sprintf("missed by %d%s", counts[Broken], of)
		if unknown := counts[NotShown]; unknown > 0 {
			text += fmt.Sprintf(", and not proven for %d", unknown)
		}
		return text
	case NotShown:
		return fmt.Sprintf("not proven for %d%s: data is missing", counts[NotShown], of)
	case Off:
		return "not applicable: every rule is disabled"
	default:
		return fmt.Sprintf("met by %d%s", counts[Kept], of)
	}
}

// ShareText returns the share, rounded down.
func (r Rule) ShareText() string {
	switch {
	case !r.OperationsKnown:
		return "unknown"
	case r.Operations == 0:
		return "no operations"
	}
	percent := math.Floor(r.inTime()/r.Operations*100_000+1e-6) / 1000
	if r.inTime() == r.Operations {
		return "100 %"
	}
	return fmt.Sprintf("at least %g %%", min(percent, 99.999))
}

// Count formats a number of operations, or returns "unknown".
func (r Rule) Count(operations float64) string {
	if !r.OperationsKnown {
		return "unknown"
	}
	return words.Count(operations)
}

// Done returns the numbers of all and of failed operations.
func (r Rule) Done() string {
	if r.Operations == 0 {
		return r.ShareText()
	}
	return fmt.Sprintf("%s, %s failed", words.Count(r.Operations), words.Count(r.Failed))
}

// PeriodsText returns the numbers of late periods and of periods without data.
func (r Rule) PeriodsText() string {
	return fmt.Sprintf("%s of %s late, %s without data", words.Count(float64(r.Late)), words.Count(float64(r.Measured)), words.Count(float64(r.Periods-r.Measured)))
}

// WorstText returns the highest latency.
func (r Rule) WorstText() string {
	if r.WorstSeconds == nil {
		return "no data"
	}
	return words.Seconds(*r.WorstSeconds)
}

func (r Rule) worst() string {
	if r.WorstSeconds == nil {
		return r.WorstText()
	}
	return "worst " + r.WorstText()
}

// TimeControlText reports whether replication time control is enabled.
func (r Rule) TimeControlText() string {
	if r.TimeControl {
		return "yes"
	}
	return "no"
}

// What describes the exception.
func (e Exception) What() string {
	if e.Failed > 0 {
		return words.Plural(e.Failed, "operation") + " failed"
	}
	return "replicas up to " + words.Seconds(e.WorstSeconds) + " behind"
}

// When returns the time of the exception.
func (e Exception) When() string { return spanText(e.Start, e.End) }

func spanText(start, end time.Time) string {
	return fmt.Sprintf("%s for %s", words.Moment(start), metrics.FormatLength(end.Sub(start)))
}

func gapText(gap metrics.Span) string { return spanText(gap.Start, gap.End) }

func changeText(change alarms.Change) string {
	verb := "is"
	if change.State == alarms.Created || change.State == alarms.Deleted || change.State == alarms.Changed {
		verb = "was"
	}
	return fmt.Sprintf("%s: %s in %s %s %s", words.Moment(change.Time), change.Alarm, change.Region, verb, change.State)
}

func alarmGapText(gap alarms.Gap) string {
	what := gap.Metric
	if gap.Rule != "" {
		what += " of " + gap.Rule
	}
	return fmt.Sprintf("%s: no alarm (%s) in %s", spanText(gap.Start, gap.End), what, gap.Region)
}

func evidenceText(e Evidence) string { return fmt.Sprintf("%s, %s: %s", e.Kind, e.State, e.Text) }

func eventText(event failures.Event) string {
	what := map[string]string{
		failures.OperationFailed: "failed", failures.MissedThreshold: "was late", failures.ReplicatedAfterThreshold: "replicated late",
		failures.NotTracked: "is no longer tracked by S3's metrics",
	}[event.Name]
	text := fmt.Sprintf("%s: %s to %s %s", words.Moment(event.Time), words.Safe(event.Key), words.Safe(event.Destination), what)
	if event.Reason != "" {
		text += ", " + words.Safe(event.Reason)
	}
	return text
}
