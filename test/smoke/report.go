package main

import (
	"crypto/md5" //nolint:gosec // what S3's ETags may be
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"
)

// answer to a question.
type answer struct {
	ID       string `json:"id"`
	Question string `json:"question"`
	Answer   string `json:"answer"`
	Evidence string `json:"evidence"`
}

// report is the report of a run. Once redacted it has no names of the account.
type report struct {
	Version           int      `json:"version"`
	Started           string   `json:"started"`
	Seconds           float64  `json:"seconds"`
	SourceRegion      string   `json:"sourceRegion"`
	DestinationRegion string   `json:"destinationRegion"`
	Answers           []answer `json:"answers"`
	// Failure is the error that ended the run early.
	Failure string `json:"failure,omitempty"`
	// Left are the resources that could not be removed.
	Left []string `json:"left"`
}

func (e *experiment) report(started time.Time, left []thing, failure error) report {
	r := report{
		Version: 1, Started: started.UTC().Format(time.RFC3339), Seconds: time.Since(started).Round(time.Second).Seconds(),
		SourceRegion: e.site.source.Region, DestinationRegion: e.site.destination.Region, Left: []string{},
	}
	if failure != nil {
		r.Failure = failure.Error()
	}
	for _, question := range questions {
		given, known := e.answers[question.id]
		if !known {
			given = answer{ID: question.id, Answer: unknown, Evidence: "it was not asked"}
		}
		given.Question = question.text
		r.Answers = append(r.Answers, given)
	}
	for _, each := range left {
		r.Left = append(r.Left, string(each.kind)+" "+each.where()+": "+each.problem)
	}
	return r
}

// unknown returns the questions without an answer.
func (r report) unknown() []string {
	var ids []string
	for _, each := range r.Answers {
		if each.Answer == unknown {
			ids = append(ids, each.ID)
		}
	}
	return ids
}

func (r report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Replication smoke test\n\nFrom %s to %s, started %s, %.0f seconds.\n\n| question | answer | evidence |\n| --- | --- | --- |\n",
		r.SourceRegion, r.DestinationRegion, r.Started, r.Seconds)
	for _, each := range r.Answers {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", each.Question, each.Answer, each.Evidence)
	}
	if r.Failure != "" {
		fmt.Fprintf(&b, "\nThe run ended early: %s\n", r.Failure)
	}
	if len(r.Left) == 0 {
		b.WriteString("\nEverything was removed; the deletion of the keys is scheduled.\n")
	}
	for _, each := range r.Left {
		fmt.Fprintf(&b, "\nLeft: %s\n", each)
	}
	return b.String()
}

// write writes the redacted report to a file.
func (r report) write(name string, redact redactor) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	for ending, text := range map[string]string{".json": string(data) + "\n", ".md": r.markdown()} {
		if err := os.WriteFile(name+ending, []byte(redact.text(text)), 0o600); err != nil {
			return fmt.Errorf("writing the report: %w", err)
		}
	}
	return nil
}

// redactor replaces everything that identifies an account, consistently by the same
// word.
type redactor struct{ known *strings.Replacer }

func (s *site) redactor() redactor {
	pairs := []string{
		s.roleARN, "ROLE-ARN", s.source.BucketARN, "SOURCE-BUCKET-ARN", s.destination.BucketARN, "REPLICA-BUCKET-ARN",
		bucketOf(s.source), "SOURCE-BUCKET", bucketOf(s.destination), "REPLICA-BUCKET", s.run, "RUN", s.account, "ACCOUNT",
	}
	for name, arn := range map[string]string{"SOURCE-KEY": s.source.KMSKeyARN, "REPLICA-KEY": s.destination.KMSKeyARN} {
		if arn != "" {
			pairs = append([]string{arn, name + "-ARN", arn[strings.LastIndex(arn, "/")+1:], name}, pairs...)
		}
	}
	return redactor{strings.NewReplacer(pairs...)}
}

// Identifying parts of AWS's errors other than known names: ARNs, names of runs,
// account ids, access keys, ids of keys and requests.
var telling = []struct {
	pattern *regexp.Regexp
	word    string
}{
	{regexp.MustCompile(`arn:[\w-]+:[\w-]*:[\w-]*:\w*:[^\s"',)]+`), "ARN"},
	{regexp.MustCompile(`crr-smoke-[0-9a-f]{16}(-source|-replica)?`), "EARLIER-RUN"},
	{regexp.MustCompile(`\b(AKIA|ASIA|AIDA|AROA)[A-Z0-9]{12,}\b`), "ACCESS-KEY"},
	{regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`), "ID"},
	{regexp.MustCompile(`(?i)((request|host) ?id: )[\w+/=-]+`), "${1}ID"},
	{regexp.MustCompile(`\b\d{12}\b`), "OTHER-ACCOUNT"},
}

func (r redactor) text(text string) string {
	text = r.known.Replace(text)
	for _, each := range telling {
		text = each.pattern.ReplaceAllString(text, each.word)
	}
	return text
}

// md5Of returns the MD5 of a text in the form of an ETag.
func md5Of(text string) string {
	sum := md5.Sum([]byte(text)) //nolint:gosec // what S3's ETags may be
	return `"` + hex.EncodeToString(sum[:]) + `"`
}
