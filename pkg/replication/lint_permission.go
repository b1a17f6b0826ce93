package replication

import (
	"slices"
	"strings"
)

// sampleKey stands for the rest of a key after a rule's prefix.
const sampleKey = "any-object"

// lintPermissions finds what the known policies keep the role from, or may keep
// it from: Deny statements of the buckets' policies that hit it, and permissions
// that it lacks.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html
func (l *linter) lintPermissions(group *candidates) {
	reported := map[string]bool{}
	l.eachRefused(group, func(c *candidate, refused []refusal) { l.lintRefused(group, c, refused, reported) })
}

// eachRefused judges the calls of every enabled rule, the same ones once: for any
// of its objects, and for those that a policy says something of its own about.
// Rules that do the same, and that no policy tells apart, are judged together.
func (l *linter) eachRefused(group *candidates, found func(*candidate, []refusal)) {
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
	judged, called := map[string]bool{}, map[callKey]bool{}
	patterns := judge.patterns()
	for i := range group.enabled {
		each := &group.enabled[i]
		errand := l.errand(judge.roleARN, group, each)
		if len(patterns) == 0 {
			errand.key = sampleKey
		}
		sort := each.rule.outcome()
		apart := errand.mayBeIn(patterns, each.prefix)
		if apart || errand.mayBeIn(patterns, sampleKey) {
			sort += "\x00" + each.prefix
		}
		if judged[sort] {
			continue
		}
		judged[sort] = true
		whole := judge.refusals(unknown(callsUnder(each, errand), called))
		if len(whole) > 0 && each.prefix != "" {
			errand.key = sampleKey
			errand.narrow(whole, judge.refusals(callsUnder(each, errand)), each.prefix)
		}
		found(each, whole)
		if !apart {
			continue
		}
		for _, part := range errand.partsOf(patterns, each.prefix) {
			errand.key = part.key
			found(each, part.besides(whole, judge.refusals(unknown(callsUnder(each, errand), called))))
		}
	}
}

// callsUnder a rule.
func callsUnder(c *candidate, errand *errand) []needed {
	calls := errand.copying()
	if errand.kms { // the rule is for other objects too
		plain := *errand
		plain.encryption, plain.kms = SSES3, false
		calls = append(calls, plain.atDestination("s3:ReplicateObject", "DstPutObjectNotPermitted", false))
	}
	if len(c.tags) == 0 && c.rule.replicatesMarkers() {
		calls = append(calls, errand.deleting()...)
	}
	return calls
}

// unknown are the calls that were not called before.
func unknown(calls []needed, called map[callKey]bool) []needed {
	return slices.DeleteFunc(calls, func(call needed) bool {
		key := call.identity()
		known := called[key]
		called[key] = true
		return known
	})
}

// callKey tells calls apart: what is asked of whom, with which encryption.
type callKey struct{ action, resource, encryption, context string }

func (n *needed) identity() callKey {
	first := func(key string) string {
		if values := n.request.Context[key]; len(values) > 0 {
			return values[0]
		}
		return ""
	}
	return callKey{n.request.Action, n.request.Resource, first(SSEConditionKey), first(EncryptionContextConditionKey)}
}

func (l *linter) errand(role string, group *candidates, c *candidate) *errand {
	source := &l.Facts.Source
	errand := &errand{
		role: role, source: source, destination: &group.facts, rule: c.rule,
		key: c.prefix + sampleKey, kms: c.rule.selectsKMS(), encryption: SSES3, locked: source.ObjectLock == Yes,
	}
	if errand.kms {
		errand.encryption = SSEKMS
		if source.DefaultEncryption == DSSEKMS {
			errand.encryption = DSSEKMS
		}
	}
	if source.DefaultEncryption.usesKMS() {
		errand.sourceKey = source.DefaultKey
	}
	return errand
}

// lintRefused makes one finding of refusals that have the same cause.
func (l *linter) lintRefused(group *candidates, c *candidate, refused []refusal, reported map[string]bool) {
	var causes []string
	actions := map[string][]string{}
	ids := map[string]string{}
	for _, each := range refused {
		cause := each.cause()
		if _, known := actions[cause]; !known {
			causes, ids[cause] = append(causes, cause), "maybe-not-permitted"
		}
		switch {
		case each.undecided():
			ids[cause] = "permission-undecided"
		case !each.optional:
			ids[cause] = "not-permitted"
		}
		if !contains(actions[cause], each.request.Action) {
			actions[cause] = append(actions[cause], each.request.Action)
		}
	}
	for _, cause := range causes {
		text := strings.Join(actions[cause], ", ") + ": " + cause
		if key := ids[cause] + text; !reported[key] {
			reported[key] = true
			l.about(c, ids[cause], group.name(), text)
		}
	}
}
