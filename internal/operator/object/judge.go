package object

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/compare"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/verify"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// usual is the time within which S3 replicates most objects. S3 has no status for
// pending delete markers.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html
const usual = s3config.ReplicationTimeMinutes * time.Minute

// byDesign are the reasons why the rules do not select an object. Any other reason
// means that a selected object is missing.
var byDesign = []string{
	"no-rule-matches", "rule-disabled", "is-replica", "delete-markers-off", "delete-marker-needs-untagged-rule", "destination-is-source",
}

// leftOut reports whether the rules do not select an object.
func leftOut(decision model.Decision) bool {
	return decision.Verdict == model.DoesNotReplicate && slices.ContainsFunc(decision.Reasons, func(r model.Reason) bool {
		return slices.Contains(byDesign, r.ID)
	})
}

// ends are both versions of an object and their link.
type ends struct {
	link      verify.Link
	key       string
	here      sighting // the version, in the source
	isCurrent bool
	there     sighting // the same version, in the destination
	current   sighting // the current version there
	now       time.Time
}

// judge returns the state of an object at a destination.
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
		answer.Notes = append(answer.Notes, "also deleted there, by a delete marker with another version id")
	default:
		e.missing(&answer, object, decision)
	}
	return answer
}

// withoutSource judges a destination if the source does not have the version, or could
// not be read.
func (e ends) withoutSource(answer Link) Link {
	switch {
	case e.here.err != nil:
		answer.Verdict = Unknown
		answer.Notes = append(answer.Notes, "the source could not be read, so it is unknown which objects should be here")
	case e.there.err != nil:
		answer.Verdict = Unknown
	case e.there.Found || e.current.Found:
		answer.Verdict = Extra
		answer.Notes = append(answer.Notes, "the source does not have this version: it was deleted by its version id or by a lifecycle rule, which S3 does not replicate, or never existed")
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
		answer.Notes = append(answer.Notes, "the same version id and size; S3 returns nothing else for SSE-C objects")
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
		answer.Notes = append(answer.Notes, "the same version id and size; the content could not be compared, since the ETags are not digests and there is no checksum on both sides")
	}
	if !e.here.tagged || !e.there.tagged {
		answer.Notes = append(answer.Notes, "the tags were not compared, since they could not be read on both sides")
	}
}

// missing returns the reason why the destination does not have the version.
func (e ends) missing(answer *Link, object model.Object, decision model.Decision) {
	deployed := e.link.DecideAsDeployed(object)
	if leftOut(decision) && (leftOut(deployed) || e.tagsDecide()) {
		answer.Verdict, answer.Reasons = NotSelected, decision.Reasons
		switch {
		case e.tagsDecide():
			answer.Verdict, answer.Reasons = Unknown, nil
			answer.Notes = append(answer.Notes, "a rule selects objects by tags, and the tags of this one could not be read")
		case !e.link.RulesRead:
			answer.Verdict, answer.Reasons = Unknown, nil
			answer.Notes = append(answer.Notes, "the deployed rules do not select it; the live ones could not be read")
		case e.here.Marker && e.isCurrent && e.current.Found && !e.current.Marker:
			answer.Notes = append(answer.Notes, "deleted at the source and still readable here, because the rule does not replicate delete markers")
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
		answer.Notes = append(answer.Notes, "or the destination was added after the object was written: S3 does not replicate a COMPLETED object again")
	case answer.Verdict == Missing && e.here.Status == "" && !e.here.Marker && !e.here.opaque && !untried(decision):
		object.Existing = true // objects selected by a rule when they are written have a status
		answer.Reasons = e.link.Decide(object).Reasons
	case decision.Verdict != model.Replicates:
		answer.Reasons = decision.Reasons
	case answer.Verdict == Missing && e.here.Marker:
		answer.Reasons = append(answer.Reasons, fromCompare("delete-marker-missing"))
	case answer.Verdict == Failed:
		answer.Notes = append(answer.Notes, "all readable settings allow its replication: the cause was repaired since, is at another destination, or was not judged")
	case answer.Verdict == Missing:
		answer.Notes = append(answer.Notes, "S3 does not return the status of this object, and all readable settings allow its replication")
	}
	if answer.Verdict == Pending {
		answer.Notes = append(answer.Notes, e.waiting())
	}
	e.repair(answer)
}

// untried reports whether S3 does not try to replicate an object.
func untried(decision model.Decision) bool {
	return decision.Verdict == model.DoesNotReplicate && slices.ContainsFunc(decision.Reasons, func(r model.Reason) bool { return r.Failure == "" })
}

// verdict returns the verdict for a missing version, by its status at the source.
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
	text := "most objects replicate within 15 minutes, large ones within hours"
	if !e.here.Modified.IsZero() {
		text = "written " + words.Seconds(e.age().Seconds()) + " ago; " + text
	}
	return text
}

// tagsDecide reports whether the result depends on unknown tags.
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

// rulesChanged is the reason if the deployed rules select an object and the live ones
// don't.
func rulesChanged(link verify.Link) model.Reason {
	return model.Reason{
		ID: "rules-changed", See: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html",
		Sentence: "The deployed rules select the object, but the live ones do not: " + strings.Join(link.Changes(), "; ") + ".",
		Fix:      "`pulumi up --refresh` restores the rules; or add the change to the stack's configuration. Objects written meanwhile need S3 Batch Replication.",
	}
}

// reported explains a failure reason of S3.
func reported(failure string) model.Reason {
	known, err := model.FailureByID(failure)
	if err != nil {
		return model.Reason{ID: failure, Sentence: "S3 returned this reason, which crr does not know.", Failure: failure}
	}
	return model.Reason{ID: known.ID, Sentence: known.Cause, Fix: known.Fix, Failure: known.ID, See: known.See}
}

// fromCompare returns a reason of package compare.
func fromCompare(id compare.Reason) model.Reason {
	return model.Reason{ID: string(id), Sentence: id.Sentence(), Fix: id.Do()}
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
