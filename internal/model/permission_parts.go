package model

import (
	"regexp"
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

// patternsOfSome are the resource patterns of the known policies that may cover some
// objects of a bucket and not others. Where there are none, the answer is the same
// for every object key. It also returns whether the policies test the encryption
// context of calls to KMS.
func (j *judge) patternsOfSome() (patterns []string, contexts bool) {
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
	for _, document := range documents {
		for i := range document.Statement {
			statement := &document.Statement[i]
			patterns = append(append(patterns, statement.Resource...), statement.NotResource...)
			for _, keys := range statement.Condition {
				for key, values := range keys {
					if strings.EqualFold(key, EncryptionContextConditionKey) {
						contexts, patterns = true, append(patterns, values...)
					}
				}
			}
		}
	}
	return slices.DeleteFunc(patterns, func(pattern string) bool { return !coversSomeObjects(pattern) }), contexts
}

// coversSomeObjects reports whether a pattern may cover some objects of a bucket and
// not others.
func coversSomeObjects(pattern string) bool {
	if ofWholeBuckets.MatchString(pattern) {
		return false
	}
	begin := pattern
	if end := strings.IndexAny(pattern, "*?$"); end >= 0 {
		begin = pattern[:end]
	}
	components := strings.Split(begin, ":")
	return len(components) < 4 || components[2] == "s3"
}

// ofWholeBuckets matches the patterns that cover all objects of a bucket or none, such
// as "arn:aws:s3:::data/*", "arn:aws:s3:::data*", "arn:aws:s3:::*/*" and "*".
var ofWholeBuckets = regexp.MustCompile(`^[^*?$/]*(/|\*?/?\*)?$`)

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
