package operator

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

// Answer is what becomes of an object, with all that was asked.
type Answer struct {
	Replication string       `json:"replication,omitempty"`
	Object      model.Object `json:"object"`
	// Status that the source object is going to have.
	Status       string              `json:"status"`
	Destinations []DestinationAnswer `json:"destinations"`
}

// DestinationAnswer is what becomes of it at one destination.
type DestinationAnswer struct {
	model.Decision
	// Losers are the rules for the destination that do not decide, and why.
	Losers []model.UnusedRule `json:"losers,omitempty"`
}

// Explain answers what becomes of an object: at the destination of a name, or
// at all of them. All subjects that are known say where it stops.
func Explain(subject model.Subject, all []model.Subject, object model.Object, destination string) (Answer, error) {
	if !subject.Valid && subject.Facts.NoConfiguration == "" {
		faults := subject.Configuration.Check()
		faults = slices.DeleteFunc(faults, func(f s3config.Error) bool { return f.InPutOnly })
		if len(faults) > 0 {
			return Answer{}, refused(faults)
		}
	}
	explanation := model.NewExplainer(subject.Configuration, subject.Facts).Explain(object)
	explanation.NoteChains(subject.Facts.Source.Bucket, all)
	answer := Answer{Replication: subject.Name, Object: object, Status: explanation.Status}
	var names []string
	for i := range explanation.Decisions {
		decision := &explanation.Decisions[i]
		names = append(names, label(decision))
		if destination == "" || decision.Bucket == "" || destination == decision.Destination || destination == decision.Bucket {
			answer.Destinations = append(answer.Destinations, DestinationAnswer{*decision, explanation.UnusedRules(decision)})
		}
	}
	if len(answer.Destinations) == 0 {
		return Answer{}, fmt.Errorf("there is no destination %q; there is %s", destination, strings.Join(names, ", "))
	}
	return answer, nil
}

func refused(faults []s3config.Error) error {
	lines := make([]string, len(faults))
	for i, fault := range faults {
		lines[i] = "\n  " + fault.String()
	}
	return fmt.Errorf("S3 refuses such a replication configuration, so it replicates nothing; correct it first:%s", strings.Join(lines, ""))
}

// Verdict of the answer: replicates when it does to all destinations, does not
// when it does not to any one of them, and unknown else.
func (a Answer) Verdict() model.Verdict {
	verdict := model.Replicates
	for _, each := range a.Destinations {
		switch each.Verdict {
		case model.DoesNotReplicate:
			return model.DoesNotReplicate
		case model.VerdictUnknown:
			verdict = model.VerdictUnknown
		}
	}
	return verdict
}

const (
	// answerColumn is where the texts of an answer start.
	answerColumn = 15
	// losersShown is how many rules that lost are listed one by one.
	losersShown = 5
)

// WriteAnswer writes an answer for people.
func WriteAnswer(w io.Writer, answer Answer) error {
	p := &page{w: w}
	p.row("", 0, describeObject(answer.Object))
	for i := range answer.Destinations {
		p.line("")
		p.destination(&answer.Destinations[i])
	}
	if answer.Status != "" {
		p.line("")
		p.row("status", answerColumn, answer.Status+statusMeaning[answer.Status])
	}
	return p.err
}

var statusMeaning = map[string]string{
	"COMPLETED": " on the source object once all destinations have it, PENDING until then",
	"FAILED":    " on the source object, because one destination fails; S3 does not retry",
	"REPLICA":   " on the object, as on every replica",
}

// describeObject says in a line what was asked about.
func describeObject(o model.Object) string {
	parts := []string{o.Key, "written"}
	if o.Event != "" {
		parts[1] = eventText[o.Event]
	}
	for _, part := range []struct {
		has  bool
		text string
	}{
		{o.Size > 0, fmt.Sprintf("%d bytes", o.Size)},
		{o.StorageClass != "", string(o.StorageClass)},
		{o.ArchiveTier != "", string(o.ArchiveTier)},
		{o.Encryption != "", "encryption " + string(o.Encryption)},
		{o.KMSKey != "", "key " + o.KMSKey},
		{len(o.Tags) > 0, "tagged " + tags(o.Tags)},
		{len(o.TagsAddedLater) > 0, "later tagged " + tags(o.TagsAddedLater)},
		{o.Replica, "a replica"},
		{o.Existing, "from before the rules"},
		{o.AlreadyReplicated, "replicated elsewhere before"},
		{o.Locked, "locked"},
		{o.Owner != "", "owned by " + o.Owner},
	} {
		if part.has {
			parts = append(parts, part.text)
		}
	}
	return strings.Join(parts, ", ")
}

var eventText = map[model.Event]string{
	model.Written:             "written",
	model.DeleteMarkerMade:    "delete marker of a user",
	model.DeleteMarkerExpired: "delete marker of a lifecycle rule",
	model.VersionDeleted:      "deletion of a version",
	model.TagsChanged:         "change of tags",
	model.ACLChanged:          "change of the ACL",
	model.LockChanged:         "change of the lock",
	model.RestoredFromArchive: "restore from an archive",
	model.Transitioned:        "transition by a lifecycle rule",
}

func tags(tags map[string]string) string {
	var texts []string
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		texts = append(texts, key+"="+tags[key])
	}
	return strings.Join(texts, " ")
}

func label(d *model.Decision) string {
	if d.Destination != "" {
		return d.Destination
	}
	return d.Bucket
}
