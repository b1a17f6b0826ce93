package plan

import (
	"slices"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ResourcePrefix returns the prefix of the resource names of a replicating bucket.
func ResourcePrefix(name, bucket string) string {
	if bucket == replication.SourceName {
		return name
	}
	return name + "-" + bucket
}

// RulesFrom returns the rules of a bucket.
func RulesFrom(rules []replication.Rule, bucket string) []replication.Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(rule replication.Rule) bool { return rule.From() != bucket })
}

// Linked returns the names at the far end of the rules whose near end is a bucket,
// without duplicates.
func Linked(rules []replication.Rule, bucket string, near, far func(replication.Rule) string) []string {
	var names []string
	for _, rule := range rules {
		if near(rule) == bucket && !slices.Contains(names, far(rule)) {
			names = append(names, far(rule))
		}
	}
	return names
}

// DestinationOf returns the name of the destination of a rule.
func DestinationOf(rule replication.Rule) string { return rule.Destination }
