package operator

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/object"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
)

// statusShown explains S3's replication statuses.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-status.html
var statusShown = map[string]string{
	"PENDING":   "PENDING: at least one destination is pending",
	"COMPLETED": "COMPLETED: S3 has replicated it to all destinations",
	"FAILED":    "FAILED: at least one destination failed; S3 does not retry",
	"REPLICA":   "REPLICA: the object is a replica",
	"":          "no status: S3 has never tried to replicate it",
}

// WriteObject writes the replication state of an object as a table.
func WriteObject(w io.Writer, answer object.Answer, now time.Time) error {
	p := &page{w: w}
	t := terminal.Of(w)
	p.line("s3://" + answer.Bucket + "/" + answer.Key)
	p.row("  here", answerColumn, copyText(answer.Here, now))
	if answer.Here.State == object.Present && answer.Here.Encryption == "SSE-C" && answer.Here.Status == "" {
		p.row("  S3 status", answerColumn, "unknown: for SSE-C objects, S3 returns it only with the customer key")
	} else if answer.Here.State == object.Present || answer.Here.Status != "" {
		p.row("  S3 status", answerColumn, statusShown[answer.Here.Status])
	}
	for _, note := range answer.Notes {
		p.row("  note", answerColumn, note)
	}
	for i := range answer.Links {
		p.line("")
		p.objectLink(t, &answer.Links[i], now)
	}
	p.line("")
	label := "not judged"
	for _, each := range answer.NotJudged {
		p.row(label, answerColumn, each)
		label = ""
	}
	return p.err
}

func (p *page) objectLink(t terminal.Terminal, link *object.Link, now time.Time) {
	other := link.Name + "  s3://" + link.Bucket + "  " + link.Region
	if link.Incoming {
		other = "from " + other
	}
	p.colouredHeading(other, strings.ToUpper(string(link.Verdict)), verdictColour(t, link.Verdict))
	p.row("  there", answerColumn, copyText(link.Version, now))
	if link.Current != nil {
		p.row("  current", answerColumn, "another version is current: "+copyText(*link.Current, now))
	}
	for _, each := range link.Differences {
		p.row("  differs", answerColumn, fmt.Sprintf("%s: %s at the source, %s at the destination", each.Attribute, each.Source, each.Destination))
	}
	if link.Rule != nil {
		p.row("  rule", answerColumn, fmt.Sprintf("%s, priority %d", link.Rule, link.Rule.Priority))
	}
	if link.Reported != "" {
		p.row("  S3 reported", answerColumn, link.Reported)
	}
	for _, reason := range link.Reasons {
		p.reason("  because", reason)
	}
	for _, note := range link.Notes {
		p.row("  note", answerColumn, note)
	}
	label := "  fix"
	for _, command := range link.Fix {
		p.line(label + strings.Repeat(" ", answerColumn-len(label)) + command) // not wrapped, for copying
		label = ""
	}
}

func verdictColour(t terminal.Terminal, verdict object.Verdict) func(string) string {
	switch verdict {
	case object.Replicated, object.NotSelected:
		return t.Good
	case object.Unknown, object.Pending:
		return t.Doubtful
	default:
		return t.Bad
	}
}

// copyText describes a version in a bucket.
func copyText(c object.Copy, now time.Time) string {
	switch c.State {
	case object.NotKnown:
		return "unknown: " + c.Problem
	case object.Absent:
		return "no such version"
	}
	parts := []string{"a delete marker"}
	if c.State == object.Present {
		parts = []string{words.Bytes(float64(c.Size)), c.StorageClass}
	}
	for _, part := range []struct {
		has  bool
		text string
	}{
		{c.VersionID != "", "version " + c.VersionID},
		{c.Encryption != "", "encryption " + c.Encryption},
		{c.KMSKey != "", "key " + c.KMSKey},
		{len(c.Tags) > 0, "tagged " + tags(c.Tags)},
		{c.Lock != "", "locked: " + c.Lock},
	} {
		if part.has {
			parts = append(parts, part.text)
		}
	}
	if c.Modified != nil {
		parts = append(parts, "written "+words.Moment(*c.Modified)+", "+words.Seconds(now.Sub(*c.Modified).Seconds())+" ago")
	}
	return strings.Join(parts, ", ")
}
