package model

import (
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// lintRule finds what is odd about a rule by itself.
func (l *linter) lintRule(c candidate) {
	if c.rule.ID == "" {
		l.about(&c, "rule-without-id")
	}
	if c.rule.FirstSchema() {
		l.about(&c, "schema-v1")
	}
	l.lintPrefix(&c)
	if c.rule.Status != replication.Enabled {
		l.about(&c, "rule-disabled")
		return
	}
	if c.rule.Destination.ReplicationTime != nil && c.rule.Destination.ReplicationTime.Status == replication.Enabled {
		l.about(&c, "rtc-cost")
	}
	if source := l.Facts.Source.Bucket; source != "" && bucketOfARN(c.rule.Destination.Bucket) == source {
		l.about(&c, "destination-is-source")
	}
}

// lintPrefix finds prefixes that no key begins with, or too many.
func (l *linter) lintPrefix(c *candidate) {
	source := l.Facts.Source.Bucket
	switch {
	case c.prefix == "":
	case strings.HasPrefix(c.prefix, "s3://") || source != "" && strings.HasPrefix(c.prefix, source+"/"):
		l.about(c, "prefix-names-bucket", c.prefix)
	case strings.HasPrefix(c.prefix, "/"):
		l.about(c, "prefix-leading-slash", c.prefix)
	case strings.ContainsAny(c.prefix, "*?"):
		l.about(c, "prefix-wildcard", c.prefix)
	case !strings.ContainsAny(c.prefix[len(c.prefix)-1:], "/-_.=|#"):
		l.about(c, "prefix-without-delimiter", c.prefix, c.prefix+"-old/file")
	}
}

// lintSource finds what is to be known of the source, and of the order of the
// rules.
func (l *linter) lintSource() {
	source := &l.Facts.Source
	if unknown, hint := unknownRegion(source.Region); unknown {
		l.overall("region-unknown", "source", "the source", source.Region, hint)
	}
	if source.Versioning.missing() {
		l.overall("source-unversioned", "source", source.Versioning)
	}
	if source.HadObjects == Yes {
		l.overall("existing-objects", "source")
	}
	if source.DefaultEncryption == DSSEKMS && source.BucketKey == Yes {
		l.overall("dsse-bucket-key", "source", "source")
	}
	if source.DefaultKey != "" {
		if state := source.Keys[source.DefaultKey].State; state != "" && state != KeyEnabled {
			l.overall("source-key-unusable", "source", source.DefaultKey, state)
		}
	}
	if !inOrder(l.Configuration.Rules) {
		l.overall("priority-order", l.rulesPath())
	}
}

// inOrder reports whether priorities only fall, or only rise, down the list.
func inOrder(rules []s3config.Rule) bool {
	var priorities []int
	for i := range rules {
		if rules[i].Priority != nil {
			priorities = append(priorities, *rules[i].Priority)
		}
	}
	if slices.IsSorted(priorities) {
		return true
	}
	slices.Reverse(priorities)
	return slices.IsSorted(priorities)
}
