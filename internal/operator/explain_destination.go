package operator

import (
	"fmt"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// destination writes what becomes of an object at one destination.
func (p *page) destination(d *DestinationAnswer) {
	place := "s3://" + d.Bucket
	if d.Bucket == "" {
		place = "anywhere"
	}
	if d.Destination != "" {
		place = d.Destination + "  " + place
	}
	if d.Region != "" {
		place += "  " + d.Region
	}
	p.heading(place, strings.ToUpper(string(d.Verdict)))
	if d.Rule != nil {
		order := fmt.Sprintf("priority %d", d.Rule.Priority)
		if d.Rule.FirstSchema {
			order = "of the first version of the schema, which has no priorities"
		}
		p.row("  rule", answerColumn, fmt.Sprintf("%s, %s", d.Rule, order))
	}
	if d.Replica != nil {
		p.row("  replica", answerColumn, replica(d.Replica))
	}
	if d.Verdict != model.DoesNotReplicate {
		p.row("  metrics", answerColumn, metrics(d))
	}
	for _, reason := range d.Reasons {
		p.reason("  because", reason)
	}
	for _, note := range d.Notes {
		p.reason("  note", note)
	}
	p.losers(d.Losers)
	p.assumptions(d.Assumptions)
}

func replica(r *model.Replica) string {
	encryption := string(r.Encryption)
	switch {
	case encryption == "":
		encryption = "encrypted as the source object"
	case r.KMSKey != "":
		encryption += " with " + r.KMSKey
	}
	owner := "owned by the " + string(r.Owner)
	if r.OwnerAccount != "" {
		owner += " " + r.OwnerAccount
	}
	return strings.Join([]string{string(r.StorageClass), encryption, owner}, ", ")
}

func metrics(d *DestinationAnswer) string {
	switch {
	case d.ReplicationTimeControl:
		return "yes, and replication time control: within 15 minutes"
	case d.Metrics:
		return "yes (no time guarantee without Replication Time Control)"
	default:
		return "no; failures are not visible"
	}
}

func (p *page) reason(label string, reason model.Reason) {
	text := reason.ID + ": " + reason.Sentence
	if reason.Failure != "" {
		text += " S3 reports " + reason.Failure + "."
	}
	p.row(label, answerColumn, text)
	p.row("    do", answerColumn, reason.Fix)
	p.row("    see", answerColumn, reason.See)
}

// losers lists the rules that lost, those that came closest first, and counts
// the rest.
func (p *page) losers(losses []model.UnusedRule) {
	label := "  other rules"
	shown := 0
	rest := map[model.UnusedReason]int{}
	for _, why := range lossOrder {
		for _, loss := range losses {
			switch {
			case loss.Why != why:
			case shown < losersShown:
				p.row(label, answerColumn, fmt.Sprintf("%s: %s", loss.Rule, loss.Detail))
				label, shown = "", shown+1
			default:
				rest[why]++
			}
		}
	}
	var counts []string
	for _, why := range lossOrder {
		if rest[why] > 0 {
			counts = append(counts, fmt.Sprintf("%d by %s", rest[why], why))
		}
	}
	if len(counts) > 0 {
		p.row("", answerColumn, "and others: "+strings.Join(counts, ", ")+"; --output json has all")
	}
}

// lossOrder has the rules first that came closest.
var lossOrder = []model.UnusedReason{
	model.UnusedPriority, model.UnusedTags, model.UnusedDisabled, model.UnusedPrefix,
}

func (p *page) assumptions(assumptions []model.Assumption) {
	label := "  assumed"
	for _, each := range assumptions {
		p.row(label, answerColumn, each.Sentence)
		label = ""
	}
}
