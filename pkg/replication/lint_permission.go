package replication

import (
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// sampleKey stands for the rest of a key after a rule's prefix.
const sampleKey = "any-object"

// lintPermissions finds what the known policies keep the role from, or may keep
// it from: Deny statements of the buckets' policies that hit it, and permissions
// that it lacks.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html
func (l *linter) lintPermissions(group *candidates) {
	reported := map[refusedAction]bool{}
	l.eachRefused(group, func(c *candidate, refused []refusal) { l.lintRefused(group, c, refused, reported) })
}

// refusedAction is an action that a finding names, and the cause.
type refusedAction struct{ id, cause, action string }

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
	judge.decided = map[callKey]policy.Decision{}
	judged, anywhere := map[string]bool{}, map[string][]refusal{}
	all := judge.patterns()
	patterns := policy.NewPatterns(all)
	errand := l.errand(judge.roleARN, group)
	var calls []needed
	refusals := func(of *candidate, key string) []refusal {
		errand.key = key
		calls = callsUnder(of, errand, calls[:0])
		return judge.refusals(calls)
	}
	for i := range group.enabled {
		each := &group.enabled[i]
		errand.under(each.rule)
		outcome := each.rule.outcome()
		sort := outcome
		apart := errand.mayBeIn(patterns, each.prefix)
		if apart || errand.mayBeIn(patterns, sampleKey) {
			sort += "\x00" + each.prefix
		}
		if judged[sort] {
			continue
		}
		judged[sort] = true
		key := each.prefix + sampleKey
		if len(all) == 0 {
			key = sampleKey
		}
		whole := refusals(each, key)
		if len(whole) > 0 && each.prefix != "" {
			if _, known := anywhere[outcome]; !known {
				anywhere[outcome] = refusals(each, sampleKey)
			}
			errand.narrow(whole, anywhere[outcome], each.prefix)
		}
		found(each, whole)
		if !apart {
			continue
		}
		for _, part := range errand.partsOf(patterns, each.prefix) {
			found(each, part.besides(whole, refusals(each, part.key)))
		}
	}
}

// callsUnder adds the calls under a rule.
func callsUnder(c *candidate, errand *errand, calls []needed) []needed {
	calls = errand.copying(calls)
	if errand.kms { // the rule is for other objects too
		plain := *errand
		plain.encryption, plain.kms = SSES3, false
		calls = append(calls, plain.atDestination(replicateObject, "DstPutObjectNotPermitted", false))
	}
	if len(c.tags) == 0 && c.rule.replicatesMarkers() {
		calls = append(calls, errand.deletingReplica())
	}
	return calls
}

func (l *linter) errand(role string, group *candidates) *errand {
	source := &l.Facts.Source
	errand := &errand{
		role: role, source: source, destination: &group.facts, contexts: &sharedContexts{}, locked: source.ObjectLock == Yes,
	}
	if source.DefaultEncryption.usesKMS() {
		errand.sourceKey = source.DefaultKey
	}
	return errand
}

// under sets the rule whose objects are replicated.
func (e *errand) under(rule *ConfigurationRule) {
	e.about(rule)
	e.kms, e.encryption = rule.selectsKMS(), SSES3
	switch {
	case !e.kms:
	case e.source.DefaultEncryption == DSSEKMS:
		e.encryption = DSSEKMS
	default:
		e.encryption = SSEKMS
	}
}

// lintRefused makes one finding of refusals that have the same cause.
func (l *linter) lintRefused(group *candidates, c *candidate, refused []refusal, reported map[refusedAction]bool) {
	if len(refused) == 0 {
		return
	}
	var causes []string
	actions := map[string][]string{}
	ids := map[string]string{}
	for _, each := range refused {
		if each.covered {
			continue
		}
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
		id := ids[cause]
		told := slices.DeleteFunc(actions[cause], func(action string) bool {
			key := refusedAction{id, cause, action}
			known := reported[key]
			reported[key] = true
			return known
		})
		if len(told) > 0 {
			l.about(c, id, group.name(), strings.Join(told, ", ")+": "+cause)
		}
	}
}
