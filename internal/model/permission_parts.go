package model

import (
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// part is what a policy says something of its own about: some of the objects that
// a rule replicates.
type part struct {
	// pattern of the policy, such as "arn:aws:s3:::data/finance/*".
	pattern string
	// key of an object of this part.
	key string
}

// partsOf what an builder's rule replicates: those that the patterns name, in the
// order of the patterns.
func (e *callBuilder) partsOf(patterns policy.Patterns, prefix string) []part {
	var parts []part
	for _, bucket := range [...]string{e.sourceARN, e.destinationARN} {
		objects := bucket + "/"
		for pattern, text := range patterns.Within(objects + prefix) {
			if !strings.HasSuffix(bucket, ":") {
				parts = append(parts, part{pattern: pattern, key: strings.TrimPrefix(text, objects)})
			}
		}
	}
	slices.SortStableFunc(parts, func(a, b part) int { return strings.Compare(a.pattern, b.pattern) })
	return parts
}

// mayBeIn reports whether a pattern may name some of the objects with a prefix. It
// looks at how the pattern begins only: whether there is such a part, is for
// partsOf to say, and takes longer.
func (e *callBuilder) mayBeIn(patterns policy.Patterns, prefix string) bool {
	return patterns.MayCover(e.sourceARN+"/"+prefix) || patterns.MayCover(e.destinationARN+"/"+prefix)
}

// narrow notes of the refusals of a rule with a prefix that they are about that
// part, where what is denied for any object of the buckets does not show them.
func (e *callBuilder) narrow(denied, anywhere []deniedCall, prefix string) {
	for i := range denied {
		each := &denied[i]
		if slices.ContainsFunc(anywhere, each.sameCause) {
			continue
		}
		bucket := e.sourceARN
		if each.target == onDestination || each.target == onReplicaKey {
			bucket = e.destinationARN
		}
		each.part = bucket + "/" + prefix + "*"
	}
}

// patterns are those by which the known policies name parts of buckets. Where
// there are none, the answer is the same for every object key.
func (j *judge) patterns() []string {
	documents := slices.Concat(append([]policy.Level{j.identity, j.role.ResourceControl}, j.role.ServiceControl...)...)
	for _, each := range []*policy.Document{j.role.Boundary, j.source, j.destination} {
		if each != nil {
			documents = append(documents, *each)
		}
	}
	for _, keys := range j.keys {
		for _, key := range keys {
			if key.Policy != nil {
				documents = append(documents, *key.Policy)
			}
		}
	}
	var patterns []string
	for _, document := range documents {
		for i := range document.Statement {
			patterns = append(patterns, patternsOf(&document.Statement[i])...)
		}
	}
	return patterns
}

func patternsOf(statement *policy.Statement) []string {
	all := slices.Concat(statement.Resource, statement.NotResource)
	for _, keys := range statement.Condition {
		all = append(all, keys[EncryptionContextConditionKey]...)
	}
	return slices.DeleteFunc(all, func(pattern string) bool {
		_, key, inBucket := strings.Cut(pattern, "/")
		return !inBucket || key == "*" || !strings.Contains(pattern, ":s3:")
	})
}

// besides are the refusals of a part that all that the rule replicates does not
// share.
func (p part) besides(whole, denied []deniedCall) []deniedCall {
	own := slices.DeleteFunc(denied, func(each deniedCall) bool { return slices.ContainsFunc(whole, each.sameCause) })
	for i := range own {
		own[i].part = p.pattern
	}
	return own
}

func (r *deniedCall) sameCause(other deniedCall) bool {
	return r.target == other.target && r.request.Action == other.request.Action && r.decision.String() == other.decision.String()
}
