package model

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// RuleRef names a rule of a configuration.
type RuleRef struct {
	// Index among the rules of the configuration.
	Index int `json:"index"`
	// ID of the rule; S3 makes one up where its author gave none.
	ID string `json:"id"`
	// Priority of the rule; 0 for one of the first version of the schema.
	Priority int `json:"priority"`
	// FirstSchema says that the rule is of the first version of the schema, and has no priority.
	FirstSchema bool `json:"firstSchema,omitempty"`
}

// String is the id, or the place of a rule that has none.
func (r RuleRef) String() string {
	if r.ID == "" {
		return "number " + strconv.Itoa(r.Index+1)
	}
	return r.ID
}

// candidate is a rule made ready for matching.
type candidate struct {
	prefix string
	tags   []s3config.Tag
	rule   *s3config.Rule
	ref    RuleRef
}

// candidates of one destination bucket, and what is known of it.
type candidates struct {
	bucket      string
	facts       BucketFacts
	enabled     []candidate // the highest priority first
	disabled    []candidate
	judge       *judge       // nil: no policies are known
	assumptions []Assumption // whatever the object
	kms         []Assumption // the same, and those about keys
}

// newCandidate reads the filter of a rule, whichever form it has.
func newCandidate(index int, rule *s3config.Rule) candidate {
	c := candidate{rule: rule, ref: RuleRef{Index: index, ID: rule.ID, FirstSchema: rule.FirstSchema()}}
	c.prefix, c.tags = rule.Selection()
	if rule.Priority != nil {
		c.ref.Priority = *rule.Priority
	}
	return c
}

// byDestination groups the rules by destination bucket, in the order in which
// the configuration first names them.
func byDestination(rules []s3config.Rule) []*candidates {
	var groups []*candidates
	index := map[string]*candidates{}
	for i := range rules {
		bucket := bucketOfARN(rules[i].Destination.Bucket)
		group, known := index[bucket]
		if !known {
			group = &candidates{bucket: bucket}
			index[bucket] = group
			groups = append(groups, group)
		}
		if each := newCandidate(i, &rules[i]); rules[i].Status == replication.Enabled {
			group.enabled = append(group.enabled, each)
		} else {
			group.disabled = append(group.disabled, each)
		}
	}
	for _, group := range groups {
		slices.SortStableFunc(group.enabled, byPriority)
		slices.SortStableFunc(group.disabled, byPriority)
	}
	return groups
}

// byPriority puts the rule that S3 prefers first: the one with the higher
// number.
func byPriority(a, b candidate) int { return cmp.Compare(b.ref.Priority, a.ref.Priority) }

// bucketOfARN is the name in the ARN of a bucket, and any other text itself.
func bucketOfARN(text string) string {
	if parsed, ok := awsid.ParseARN(text); ok {
		return parsed.Resource
	}
	return text
}

// matches reports whether the rule is for an object with the key and the tags.
func (c *candidate) matches(key string, tags map[string]string) bool {
	return strings.HasPrefix(key, c.prefix) && c.tagsIn(tags)
}

func (c *candidate) tagsIn(tags map[string]string) bool {
	for i := range c.tags {
		value, has := tags[c.tags[i].Key]
		if !has || value != c.tags[i].Value {
			return false
		}
	}
	return true
}

// winner is the rule that decides about the object, or nil: of those for one
// destination bucket, the one with the highest priority. A delete marker has no
// tags, so a rule that wants any is not for it.
func (g *candidates) winner(object *Object) *candidate {
	return firstMatch(g.enabled, object.Key, object.matchedTags())
}

func firstMatch(among []candidate, key string, tags map[string]string) *candidate {
	for i := range among {
		if among[i].matches(key, tags) {
			return &among[i]
		}
	}
	return nil
}
