package operator

import (
	"fmt"
	"io"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// Report is what lint found.
type Report struct {
	Errors   int            `json:"errors"`
	Warnings int            `json:"warnings"`
	Notes    int            `json:"notes"`
	Findings model.Findings `json:"findings"`
}

// Lint judges replications, by themselves and together. Findings below the
// given severity are left out.
func Lint(subjects []model.Subject, from model.Severity) Report {
	report := Report{Findings: model.Findings{}}
	for _, finding := range model.Lint(subjects...) {
		report.count(finding.Severity)
		if worthy(finding.Severity, from) {
			report.Findings = append(report.Findings, finding)
		}
	}
	return report
}

func (r *Report) count(severity model.Severity) {
	switch severity {
	case model.SeverityError:
		r.Errors++
	case model.SeverityWarning:
		r.Warnings++
	default:
		r.Notes++
	}
}

func worthy(severity, from model.Severity) bool {
	switch from {
	case model.SeverityError:
		return severity == model.SeverityError
	case model.SeverityWarning:
		return severity != model.SeverityInfo
	default:
		return true
	}
}

// OK reports whether there are no errors and no warnings.
func (r Report) OK() bool { return r.Errors+r.Warnings == 0 }

// findingColumn is where the texts of findings start.
const findingColumn = 9

// WriteReport writes a report for people.
func WriteReport(w io.Writer, report Report) error {
	p := &page{w: w}
	for _, finding := range report.Findings {
		place := finding.Path
		if finding.Rule != "" {
			place += " (" + finding.Rule + ")"
		}
		if finding.Replication != "" {
			place = finding.Replication + ": " + place
		}
		severity := string(finding.Severity)
		p.heading(severity+strings.Repeat(" ", findingColumn-len(severity))+place, finding.ID)
		p.row("", findingColumn, finding.Message)
		p.row("    do", findingColumn, finding.Fix)
		p.row("    see", findingColumn, finding.See)
		p.line("")
	}
	p.line(summary(report))
	return p.err
}

func summary(r Report) string {
	return fmt.Sprintf("%s, %s, %s", counted(r.Errors, "error"), counted(r.Warnings, "warning"), counted(r.Notes, "note"))
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
