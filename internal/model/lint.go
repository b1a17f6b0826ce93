package model

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/internal/fieldpath"
)

// Severity is the severity of a finding.
type Severity string

// The severities. An error prevents replication or notifications, a warning is probably a
// mistake, and info is worth knowing but may be intended.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityInfo    Severity = "info"
)

func (s Severity) rank() int {
	return slices.Index([]Severity{SeverityError, SeverityWarning, SeverityInfo}, s)
}

// Finding is a valid but risky setting of a replication.
type Finding struct {
	// ID is stable: scripts may rely on it.
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	// Replication is the name of the subject, if it has one.
	Replication string `json:"replication,omitempty"`
	// Rule is the id of the rule, if the finding is about one.
	Rule string `json:"rule,omitempty"`
	// Path locates what to change: "replications[0].rules[1]".
	Path string `json:"path"`
	// Message is what was found and why it matters.
	Message string `json:"message"`
	// Fix is what to do.
	Fix string `json:"fix"`
	// See is the page of the AWS documentation.
	See string `json:"see"`

	subject, rule int
}

// Findings are the results of [Lint]: by severity, then in the order of the subjects and their
// rules.
type Findings []Finding

// Count returns how many findings are of a severity.
func (f Findings) Count(severity Severity) int {
	count := 0
	for i := range f {
		if f[i].Severity == severity {
			count++
		}
	}
	return count
}

// OK reports whether there are no errors and no warnings.
func (f Findings) OK() bool { return f.Count(SeverityError)+f.Count(SeverityWarning) == 0 }

// Lint reports configurations that S3 accepts but that are probably mistakes. It judges only known
// facts: where a fact is missing, its findings are missing too. Subjects are judged one by one, and
// together for chains from bucket to bucket.
func Lint(subjects ...Subject) Findings {
	findings := Findings{}
	for i := range subjects {
		subject := subjects[i]
		subject.Facts = subject.Facts.indexed()
		l := &linter{Subject: &subject, index: i, groups: byDestination(subject.Configuration.Rules)}
		for _, group := range l.groups {
			group.facts = subject.Facts.destination(group.bucket)
		}
		l.run()
		findings = append(findings, l.findings...)
	}
	findings = append(findings, lintChains(subjects)...)
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.Severity.rank(), b.Severity.rank()), cmp.Compare(a.subject, b.subject),
			cmp.Compare(a.ID, b.ID), cmp.Compare(a.rule, b.rule), cmp.Compare(a.Message, b.Message))
	})
	return findings
}

// FindingIDs returns the ids of all findings of [Lint], sorted.
func FindingIDs() []string { return slices.Sorted(maps.Keys(lintCatalogue)) }

// linter judges one subject.
type linter struct {
	*Subject
	index    int
	groups   []*candidates
	findings []Finding
	noted    map[string]bool
}

// once adds a finding about the whole subject that several destinations may cause.
func (l *linter) once(id string) {
	if l.noted[id] {
		return
	}
	if l.noted == nil {
		l.noted = map[string]bool{}
	}
	l.noted[id] = true
	l.overall(id, l.rulesPath())
}

func (l *linter) run() {
	if l.Facts.NoConfiguration != "" {
		l.overall("no-configuration", "ReplicationConfiguration", l.Facts.NoConfiguration)
		return
	}
	l.lintConfiguration()
	l.lintCoverage()
	l.lintSource()
	for i := range l.Configuration.Rules {
		l.lintRule(newCandidate(i, &l.Configuration.Rules[i]))
	}
	for _, group := range l.groups {
		l.lintFilters(group)
		l.lintDestination(group)
		l.lintPermissions(group)
		if len(group.enabled) == 0 {
			continue
		}
		for i := range group.enabled {
			l.lintEncryption(group, &group.enabled[i])
			l.lintClass(group, &group.enabled[i])
			l.lintOwner(group, &group.enabled[i])
			l.lintMetrics(&group.enabled[i])
		}
	}
	l.lintAlarms()
	for _, finding := range l.Advice {
		finding.Replication, finding.subject, finding.rule = l.Name, l.index, -1
		l.findings = append(l.findings, finding)
	}
}

// about adds a finding about a rule; args fill in the catalogue's message.
func (l *linter) about(c *candidate, id string, args ...any) {
	finding := newFinding(id, args...)
	finding.Replication, finding.subject = l.Name, l.index
	finding.Rule, finding.rule = c.ref.ID, c.ref.Index
	finding.Path = l.rulePath(c.ref.Index)
	l.findings = append(l.findings, finding)
}

// overall adds a finding that is not about a rule.
func (l *linter) overall(id, path string, args ...any) {
	finding := newFinding(id, args...)
	finding.Replication, finding.subject, finding.rule = l.Name, l.index, -1
	finding.Path = fieldpath.Join(l.Path, path)
	l.findings = append(l.findings, finding)
}

func newFinding(id string, args ...any) Finding {
	advice, known := lintCatalogue[id]
	if !known {
		panic("replication: no lint " + id)
	}
	message := advice.message
	if len(args) > 0 {
		message = fmt.Sprintf(message, args...)
	}
	return Finding{ID: id, Severity: advice.severity, Message: message, Fix: advice.fix, See: advice.see}
}

// lintConfiguration reports what S3 rejects.
func (l *linter) lintConfiguration() {
	if l.Valid {
		return
	}
	for _, fault := range l.Configuration.Check() {
		if fault.InPutOnly {
			l.overall("existing-object-replication", fault.Path)
			continue
		}
		l.overall("s3-refuses", fault.Path, fault.Code, fault.Text())
	}
}

// lintCoverage reports objects that no rule matches.
func (l *linter) lintCoverage() {
	enabled := 0
	for _, group := range l.groups {
		enabled += len(group.enabled)
	}
	if enabled == 0 {
		l.overall("nothing-replicates", l.rulesPath())
		return
	}
	for _, group := range l.groups {
		covered := slices.ContainsFunc(group.enabled, func(c candidate) bool { return c.prefix == "" && len(c.tags) == 0 })
		if !covered {
			l.overall("partly-covered", l.rulesPath(), group.name())
		}
	}
}

// rulesPath returns the path of the list of rules in the input file.
func (l *linter) rulesPath() string {
	if l.RulePaths != nil {
		return "rules"
	}
	return "Rules"
}

// name returns the destination's name in the deployment, or else its bucket.
func (g *candidates) name() string {
	if g.facts.Name != "" {
		return g.facts.Name
	}
	return g.bucket
}
