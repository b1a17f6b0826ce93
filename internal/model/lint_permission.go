package model

import (
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// sampleKey stands for the rest of a key after a rule's prefix where people read it.
const sampleKey = "any-object"

// lintPermissions reports missing permissions of the role, and Deny statements that apply to it or
// may apply.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html
func (l *linter) lintPermissions(group *candidates) {
	reported := map[deniedAction]bool{}
	l.eachDenied(group, func(c *candidate, denied []deniedCall) { l.lintDenied(group, c, denied, reported) })
}

// deniedAction identifies an action and a cause that a finding names.
type deniedAction struct{ id, cause, action string }

// eachDenied judges the calls of every enabled rule: for any of its objects, and for the parts that
// a policy names. Rules with the same settings that no policy distinguishes are judged together.
func (l *linter) eachDenied(group *candidates, found func(*candidate, []deniedCall)) {
	judge := newJudge(l.Configuration.Role, &l.Facts.Role, &l.Facts.Source, &group.facts)
	if judge == nil {
		return
	}
	if judge.planned {
		l.once("judged-with-stand-ins")
	}
	if l.Facts.Source.Bucket == "" && l.Facts.Role.Policies != nil {
		l.once("source-not-judged")
	}
	judged, anywhere := map[string]bool{}, map[string][]deniedCall{}
	builder := l.newCallBuilder(judge.roleARN, group)
	all, contexts := judge.patternsOfSome()
	patterns := policy.NewPatterns(all, builder.sampleRequests()...)
	judge.decided = map[callKey]policy.Decision{}
	if !slices.ContainsFunc(all, func(pattern string) bool { return strings.Contains(pattern, "${") }) {
		judge.alike = &likeness{patterns: patterns, numbers: map[string]int{}, contexts: contexts}
	}
	sample := patterns.Unnamed()
	var calls []requiredCall
	deniedIn := func(of *candidate, key string) []deniedCall {
		builder.key = key
		calls = callsUnder(of, builder, calls[:0])
		return judge.deniedCalls(calls)
	}
	for i := range group.enabled {
		each := &group.enabled[i]
		builder.setRuleAndEncryption(each.rule)
		outcome := each.rule.Outcome()
		sort := outcome
		apart := builder.mayBeIn(patterns, each.prefix)
		if apart || builder.mayBeIn(patterns, sample) {
			sort += "\x00" + each.prefix
		}
		if judged[sort] {
			continue
		}
		judged[sort] = true
		key := each.prefix + sample
		if len(all) == 0 {
			key = sample
		}
		whole := deniedIn(each, key)
		if len(whole) > 0 && each.prefix != "" {
			if _, known := anywhere[outcome]; !known {
				anywhere[outcome] = deniedIn(each, sample)
			}
			builder.narrow(whole, anywhere[outcome], each.prefix)
		}
		for i := range whole {
			whole[i].encryptionContext = strings.Replace(whole[i].encryptionContext, sample, sampleKey, 1)
		}
		found(each, whole)
		if !apart {
			continue
		}
		for _, part := range builder.partsOf(patterns, each.prefix) {
			found(each, part.besides(whole, deniedIn(each, part.key)))
		}
	}
}

// callsUnder adds the calls under a rule.
func callsUnder(c *candidate, builder *callBuilder, calls []requiredCall) []requiredCall {
	calls = builder.copyCalls(calls)
	if builder.kms { // the rule is for other objects too
		plain := *builder
		plain.encryption, plain.kms = SSES3, false
		calls = append(calls, plain.atDestination(replicateObject, "DstPutObjectNotPermitted", false))
		for _, key := range builder.otherKeys {
			calls = builder.decryptCalls(calls, key, true)
		}
	}
	if len(c.tags) == 0 && c.rule.ReplicatesMarkers() {
		calls = append(calls, builder.deleteCall())
	}
	return calls
}

func (l *linter) newCallBuilder(role string, group *candidates) *callBuilder {
	source := &l.Facts.Source
	builder := &callBuilder{
		role: role, source: source, destination: &group.facts, contexts: &sharedContexts{}, locked: source.ObjectLock == Yes,
	}
	if source.DefaultEncryption.usesKMS() {
		builder.sourceKey = source.DefaultKey
	}
	for _, key := range l.Facts.Role.Decrypts {
		if key != builder.sourceKey {
			builder.otherKeys = append(builder.otherKeys, key)
		}
	}
	return builder
}

// sampleRequests returns a request to each bucket, of the kind whose condition keys
// policies have as variables.
func (e *callBuilder) sampleRequests() []policy.Request {
	var requests []policy.Request
	for _, bucket := range [...]*BucketFacts{e.source, e.destination} {
		object := "arn:aws:s3:::" + bucket.Bucket + "/" + sampleKey
		requests = append(requests, ofRole(e.role, getObjectVersion, object, orStandIn(bucket.Account), ofReplication))
	}
	return requests
}

// setRuleAndEncryption sets the rule and the encryption of the objects that it replicates.
func (e *callBuilder) setRuleAndEncryption(rule *s3config.Rule) {
	e.setRule(rule)
	e.kms, e.encryption = rule.SelectsKMS(), SSES3
	switch {
	case !e.kms:
	case e.source.DefaultEncryption == DSSEKMS:
		e.encryption = DSSEKMS
	default:
		e.encryption = SSEKMS
	}
}

// lintDenied adds one finding for the denied calls that have the same cause.
func (l *linter) lintDenied(group *candidates, c *candidate, denied []deniedCall, reported map[deniedAction]bool) {
	if len(denied) == 0 {
		return
	}
	var causes []string
	actions := map[string][]string{}
	ids := map[string]string{}
	for _, each := range denied {
		if each.covered {
			continue
		}
		cause := each.cause()
		if _, known := actions[cause]; !known {
			causes, ids[cause] = append(causes, cause), "maybe-not-permitted"
		}
		switch {
		case each.unknown():
			ids[cause] = "permission-undecided"
		case !each.optional:
			ids[cause] = "not-permitted"
		}
		if !contains(actions[cause], each.request.Action) {
			actions[cause] = append(actions[cause], each.request.Action)
		}
	}
	for _, cause := range causes {
		id := ids[cause]
		added := slices.DeleteFunc(actions[cause], func(action string) bool {
			key := deniedAction{id, cause, action}
			known := reported[key]
			reported[key] = true
			return known
		})
		if len(added) > 0 {
			l.about(c, id, group.name(), strings.Join(added, ", ")+": "+cause)
		}
	}
}
