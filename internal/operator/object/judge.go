package object

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/compare"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/verify"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// usual is how long most objects take to be replicated at most. S3 does not tell of a
// delete marker whether it is still on its way.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html
const usual = replication.ReplicationTimeMinutes * time.Minute

// byDesign are reasons for which an object is not to be at a destination: it is the
// rules that say so. All others keep away what should be there.
var byDesign = []string{
	"no-rule-matches", "rule-disabled", "is-replica", "delete-markers-off", "delete-marker-needs-untagged-rule", "destination-is-source",
}

// leftOut reports whether rules say that an object is not to be at a destination.
func leftOut(decision replication.Decision) bool {
	return decision.Verdict == replication.DoesNotReplicate && slices.ContainsFunc(decision.Reasons, func(r replication.Reason) bool {
		return slices.Contains(byDesign, r.ID)
	})
}

// ends are what is judged of a link.
type ends struct {
	link      verify.Link
	key       string
	here      sighting // the version, in the source
	isCurrent bool
	there     sighting // the same version, in the destination
	current   sighting // what readers get there
	now       time.Time
}

// judge says how an object stands at a destination.
func (e ends) judge() Link {
	answer := Link{
		Replication: e.link.Live.Name, Name: e.link.To.Name, Bucket: e.link.To.Bucket, Region: e.link.To.Region, Version: e.there.copy(),
	}
	if e.current.err == nil && e.current.Found && e.current.Version != e.there.Version {
		answer.Current = pointer(e.current.copy())
	}
	if !e.here.Found {
		return e.withoutSource(answer)
	}
	object := e.here.object(e.key)
	decision := e.link.Decide(object)
	answer.Rule = decision.Rule
	switch {
	case e.there.err != nil && e.link.Failure == "":
		answer.Verdict = Unknown
	case e.there.Found && e.there.Marker == e.here.Marker:
		e.compare(&answer)
	case e.here.Marker && e.current.Found && e.current.Marker:
		answer.Verdict = Replicated
		answer.Notes = append(answer.Notes, "deleted there too, by a delete marker of another version id")
	default:
		e.missing(&answer, object, decision)
	}
	return answer
}

// withoutSource judges a destination of which the source has no such version, or did
// not say whether it has.
func (e ends) withoutSource(answer Link) Link {
	switch {
	case e.here.err != nil:
		answer.Verdict = Unknown
		answer.Notes = append(answer.Notes, "the source did not say what it has, so nothing is known of what should be here")
	case e.there.err != nil:
		answer.Verdict = Unknown
	case e.there.Found || e.current.Found:
		answer.Verdict = Extra
		answer.Notes = append(answer.Notes, "the source has no such version: it was deleted there by its version id or by a lifecycle rule, which S3 does not replicate, or never was there")
	default:
		answer.Verdict = Missing
		answer.Notes = append(answer.Notes, "neither bucket has it")
	}
	return answer
}

// compare judges a version that both buckets have.
func (e ends) compare(answer *Link) {
	answer.Verdict = Replicated
	if e.here.Marker {
		return
	}
	if e.here.opaque || e.there.opaque {
		answer.Notes = append(answer.Notes, "the same version id and size; S3 tells no more of an object that is encrypted with a key of the client (SSE-C)")
		if e.here.Size != e.there.Size {
			answer.Verdict = Different
			answer.Differences = []compare.Difference{{Attribute: "size", Source: fmt.Sprint(e.here.Size), Destination: fmt.Sprint(e.there.Size)}}
		}
		return
	}
	proven := false
	answer.Differences, proven = compare.Differences(e.here.Attributes, e.there.Attributes)
	if e.here.tagged && e.there.tagged && !maps.Equal(e.here.tags, e.there.tags) {
		answer.Differences = append(answer.Differences, compare.Difference{Attribute: "tags", Source: tagText(e.here.tags), Destination: tagText(e.there.tags)})
	}
	if len(answer.Differences) > 0 {
		answer.Verdict = Different
		switch e.here.Status {
		case statusPending:
			answer.Verdict = Pending
		case statusFailed:
			answer.Verdict = Failed
		}
		return
	}
	if !proven {
		answer.Notes = append(answer.Notes, "the same version id and size; nothing else says that the content is the same, since an ETag is no digest here and no checksum is on both sides")
	}
	if !e.here.tagged || !e.there.tagged {
		answer.Notes = append(answer.Notes, "the tags of the two were not compared: they could not be read on both sides")
	}
}

// missing says why the destination does not have the version.
func (e ends) missing(answer *Link, object replication.Object, decision replication.Decision) {
	deployed := e.link.DecideAsDeployed(object)
	if leftOut(decision) && (leftOut(deployed) || e.tagsDecide()) {
		answer.Verdict, answer.Reasons = NotSelected, decision.Reasons
		switch {
		case e.tagsDecide():
			answer.Verdict, answer.Reasons = Unknown, nil
			answer.Notes = append(answer.Notes, "a rule picks objects by their tags, and the tags of this one could not be read")
		case !e.link.RulesRead:
			answer.Verdict, answer.Reasons = Unknown, nil
			answer.Notes = append(answer.Notes, "the deployed rules do not replicate it; the live ones could not be read")
		case e.here.Marker && e.isCurrent && e.current.Found && !e.current.Marker:
			answer.Notes = append(answer.Notes, "deleted at the source, and readable here, by rule")
		}
		return
	}
	answer.Verdict = e.verdict()
	switch {
	case e.link.Failure != "":
		answer.Reasons = append(answer.Reasons, reported(e.link.Failure))
	case leftOut(decision):
		answer.Reasons = append(answer.Reasons, rulesChanged(e.link))
	case answer.Verdict == Missing && e.here.Status == statusCompleted:
		answer.Reasons = append(answer.Reasons, fromCompare("deleted-there"))
		answer.Notes = append(answer.Notes, "or the destination is younger than the object: S3 does not replicate again what was COMPLETED before")
	case answer.Verdict == Missing && e.here.Status == "" && !e.here.Marker && !e.here.opaque && !untried(decision):
		object.Existing = true // S3 gives every object a status that a rule replicates when it is written
		answer.Reasons = e.link.Decide(object).Reasons
	case decision.Verdict != replication.Replicates:
		answer.Reasons = decision.Reasons
	case answer.Verdict == Missing && e.here.Marker:
		answer.Reasons = append(answer.Reasons, fromCompare("delete-marker-missing"))
	case answer.Verdict == Failed:
		answer.Notes = append(answer.Notes, "nothing that could be read keeps it from being replicated now: the cause was repaired since, it is at another destination, or it is among what was not judged")
	case answer.Verdict == Missing:
		answer.Notes = append(answer.Notes, "S3 does not tell the status of this object, and nothing that could be read keeps it from being replicated")
	}
	if answer.Verdict == Pending {
		answer.Notes = append(answer.Notes, e.waiting())
	}
	e.repair(answer)
}

// untried reports whether S3 does not even try to replicate an object.
func untried(decision replication.Decision) bool {
	return decision.Verdict == replication.DoesNotReplicate && slices.ContainsFunc(decision.Reasons, func(r replication.Reason) bool { return r.Failure == "" })
}

// verdict of a version that is not there, by what S3 says of it.
func (e ends) verdict() Verdict {
	switch {
	case e.here.Status == statusPending:
		return Pending
	case e.here.Status == statusFailed:
		return Failed
	case (e.here.Marker || e.here.opaque) && e.here.Status == "" && e.age() < usual:
		return Pending
	default:
		return Missing
	}
}

func (e ends) age() time.Duration {
	if e.here.Modified.IsZero() {
		return usual
	}
	return e.now.Sub(e.here.Modified)
}

func (e ends) waiting() string {
	text := "most objects take less than 15 minutes, large ones hours"
	if !e.here.Modified.IsZero() {
		text = "written " + words.Seconds(e.age().Seconds()) + " ago; " + text
	}
	return text
}

// tagsDecide reports whether the tags of an object decide and are not known.
func (e ends) tagsDecide() bool {
	if e.here.tagged || e.here.Marker || e.here.Status == statusReplica {
		return false
	}
	for _, rule := range slices.Concat(e.link.Live.Configuration.Rules, e.link.Deployed.Configuration.Rules) {
		tagged := rule.Filter != nil && (rule.Filter.Tag != nil || rule.Filter.And != nil && len(rule.Filter.And.Tags) > 0)
		prefix := ""
		if rule.Filter != nil && rule.Filter.And != nil && rule.Filter.And.Prefix != nil {
			prefix = *rule.Filter.And.Prefix
		}
		if tagged && rule.Destination.Bucket == e.link.To.ARN && rule.Status == replication.Enabled && strings.HasPrefix(e.key, prefix) {
			return true
		}
	}
	return false
}

// rulesChanged is the reason where the deployed rules replicate an object and the live
// ones don't.
func rulesChanged(link verify.Link) replication.Reason {
	return replication.Reason{
		ID: "rules-changed", See: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html",
		Sentence: "The deployed rules replicate the object, and the live ones do not: " + strings.Join(link.Changes(), "; ") + ".",
		Fix:      "`pulumi up --refresh` restores the rules; or write the change into the stack's configuration. What was written meanwhile needs S3 Batch Replication.",
	}
}

// reported is the meaning of a reason that S3 gives.
func reported(failure string) replication.Reason {
	known, err := replication.FailureByID(failure)
	if err != nil {
		return replication.Reason{ID: failure, Sentence: "S3 gave this reason, which is not known here.", Failure: failure}
	}
	return replication.Reason{ID: known.ID, Sentence: known.Cause, Fix: known.Fix, Failure: known.ID, See: known.See}
}

// fromCompare is a reason that compare gives too.
func fromCompare(id compare.Reason) replication.Reason {
	return replication.Reason{ID: string(id), Sentence: id.Sentence(), Fix: id.Do()}
}

func tagText(tags map[string]string) string {
	if len(tags) == 0 {
		return "none"
	}
	var texts []string
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		texts = append(texts, key+"="+tags[key])
	}
	return strings.Join(texts, " ")
}

func pointer[T any](value T) *T { return &value }
