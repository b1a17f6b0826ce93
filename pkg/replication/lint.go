package replication

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Severity says how bad a finding is.
type Severity string

// The severities. An error keeps objects from being replicated, or somebody
// from being told; a warning is likely a mistake; information is what one
// should know and may well want.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityInfo    Severity = "info"
)

func (s Severity) rank() int {
	return slices.Index([]Severity{SeverityError, SeverityWarning, SeverityInfo}, s)
}

// Finding is something about a replication that is legal, and unwise.
type Finding struct {
	// ID is stable: scripts may rely on it.
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	// Replication is the name of the subject. Empty where that has none.
	Replication string `json:"replication,omitempty"`
	// Rule is the id of the rule. Empty where the finding is not about one.
	Rule string `json:"rule,omitempty"`
	// Path of what to change: "replications[0].rules[1]".
	Path string `json:"path"`
	// Message says what was found, and why it matters.
	Message string `json:"message"`
	// Fix says what to do.
	Fix string `json:"fix"`
	// See is the page of the AWS documentation.
	See string `json:"see"`

	subject, rule int
}

// Findings of [Lint]: the worst first, then in the order of the subjects and
// of their rules.
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

// Well tells whether there is nothing worse than information.
func (f Findings) OK() bool { return f.Count(SeverityError)+f.Count(SeverityWarning) == 0 }

// Lint finds what S3 accepts and people regret. It judges only what is known:
// where a fact is missing, what would follow from it is not found. Subjects are
// judged one by one, and together, for chains from bucket to bucket.
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

// FindingIDs are the ids of all findings of [Lint], sorted.
func FindingIDs() []string { return slices.Sorted(maps.Keys(lintCatalogue)) }

// linter judges one subject.
type linter struct {
	*Subject
	index    int
	groups   []*candidates
	findings []Finding
	noted    map[string]bool
}

// once is a finding on the whole subject that several destinations may give.
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

// about is a finding on a rule; args fill the catalogue's message in.
func (l *linter) about(c *candidate, id string, args ...any) {
	finding := newFinding(id, args...)
	finding.Replication, finding.subject = l.Name, l.index
	finding.Rule, finding.rule = c.ref.ID, c.ref.Index
	finding.Path = l.rulePath(c.ref.Index)
	l.findings = append(l.findings, finding)
}

// overall is a finding that is not about a rule.
func (l *linter) overall(id, path string, args ...any) {
	finding := newFinding(id, args...)
	finding.Replication, finding.subject, finding.rule = l.Name, l.index, -1
	finding.Path = joinPath(l.Path, path)
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

// lintRefusals finds what S3 would not even take.
func (l *linter) lintConfiguration() {
	if l.Valid {
		return
	}
	for _, fault := range l.Configuration.Check() {
		if fault.InPutOnly {
			l.overall("existing-object-replication", fault.Path)
			continue
		}
		l.overall("s3-refuses", fault.Path, fault.Code, fault.text())
	}
}

// lintCoverage finds objects that no rule is for.
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

// rulesPath is the list of rules in the file that they come from.
func (l *linter) rulesPath() string {
	if l.RulePaths != nil {
		return "rules"
	}
	return "Rules"
}

// name that people know the destination by.
func (g *candidates) name() string {
	if g.facts.Name != "" {
		return g.facts.Name
	}
	return g.bucket
}
