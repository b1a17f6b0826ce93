package model

import (
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// UnusedRule is a rule for the same destination bucket that does not apply to an object, and why.
type UnusedRule struct {
	Rule RuleRef      `json:"rule"`
	Why  UnusedReason `json:"why"`
	// Detail says more for people: the prefix that the key lacks, say.
	Detail string `json:"detail"`
}

// UnusedReason is why a rule does not apply.
type UnusedReason string

// The reasons, in the order in which they are checked.
const (
	UnusedDisabled UnusedReason = "disabled"
	UnusedPrefix   UnusedReason = "prefix"
	UnusedTags     UnusedReason = "tags"
	UnusedPriority UnusedReason = "lower priority"
)

// UnusedRules returns the rules for the destination that do not apply to the object: enabled rules
// first, and higher priorities first within each group. They are computed on demand because there
// may be hundreds.
func (x *Explanation) UnusedRules(d *Decision) []UnusedRule {
	var losses []UnusedRule
	for _, among := range [][]candidate{d.group.enabled, d.group.disabled} {
		for i := range among {
			if each := &among[i]; each != d.winner {
				losses = append(losses, each.unused(&x.Object, d.winner))
			}
		}
	}
	return losses
}

func (c *candidate) unused(object *Object, winner *candidate) UnusedRule {
	loss := UnusedRule{Rule: c.ref}
	switch {
	case c.rule.Status != replication.Enabled:
		loss.Why, loss.Detail = UnusedDisabled, "the rule is disabled"
	case !strings.HasPrefix(object.Key, c.prefix):
		loss.Why, loss.Detail = UnusedPrefix, "the key does not begin with "+c.prefix
	case winner == nil || !c.tagsIn(object.matchedTags()):
		loss.Why, loss.Detail = UnusedTags, c.missingTags(object)
	case c.ref.FirstSchema:
		loss.Why, loss.Detail = UnusedPriority, "the rule "+winner.ref.String()+" comes first; schema V1 rules have no priorities"
	default:
		loss.Why, loss.Detail = UnusedPriority, "the rule "+winner.ref.String()+" has a higher priority for this bucket"
	}
	return loss
}

// matchedTags returns the tags that S3 compares with the rules.
func (o *Object) matchedTags() map[string]string {
	if o.Event.deletes() {
		return nil
	}
	return o.Tags
}

// missingTags names the tags that the rule requires and the object does not have.
func (c *candidate) missingTags(object *Object) string {
	if object.Event.deletes() {
		return "delete markers have no tags, and the rule requires " + tagText(c.tags)
	}
	var missing, late []s3config.Tag
	for _, tag := range c.tags {
		if value, has := object.Tags[tag.Key]; has && value == tag.Value {
			continue
		}
		if value, has := object.TagsAddedLater[tag.Key]; has && value == tag.Value {
			late = append(late, tag)
		} else {
			missing = append(missing, tag)
		}
	}
	if len(missing) == 0 {
		return "the object got " + tagText(late) + " after it was written"
	}
	return "the object is not tagged " + tagText(missing)
}

func tagText(tags []s3config.Tag) string {
	texts := make([]string, len(tags))
	for i, tag := range tags {
		texts[i] = tag.Key + "=" + tag.Value
	}
	return strings.Join(texts, ", ")
}
