package model

import (
	"fmt"
	"strings"
)

// The conditions of replication, in the order of the sections of
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
// and https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html

// sourceReasons are those that stand against replication to anywhere, and
// whether they settle the matter whatever the rules say.
func (e *Explainer) sourceReasons(object *Object) (reasons []Reason, final bool) {
	if state := e.facts.Source.Versioning; state.missing() {
		reasons = append(reasons, because("source-unversioned", state))
	}
	switch object.Event {
	case VersionDeleted:
		return append(reasons, because("version-delete")), true
	case Transitioned:
		return append(reasons, because("lifecycle-action")), true
	case RestoredFromArchive:
		return append(reasons, because("restore-stays")), true
	}
	if object.Existing && !object.Event.deletes() {
		reasons = append(reasons, because("written-before-rule"))
	}
	if object.Replica && !object.Event.changesMetadata() && !object.Event.deletes() {
		reasons = append(reasons, because("is-replica"))
	}
	if object.AlreadyReplicated && !object.Event.changesMetadata() && !object.Event.deletes() {
		reasons = append(reasons, because("already-replicated"))
	}
	if object.Event.deletes() {
		return reasons, false
	}
	if encryption, _ := e.encryptionOf(object); encryption == SSEC && e.facts.Source.BlocksSSEC == Yes {
		reasons = append(reasons, because("ssec-blocked-at-source"))
	}
	if object.archived() {
		reasons = append(reasons, because("archived", archiveName(object)))
	}
	return append(reasons, e.ownerReasons(object)...), false
}

func archiveName(object *Object) string {
	if object.ArchiveTier != "" {
		return string(object.ArchiveTier)
	}
	return string(object.StorageClass)
}

// ownerReasons are about objects that another account has written. Where the
// bucket's owner owns everything, there are none.
func (e *Explainer) ownerReasons(object *Object) []Reason {
	source := &e.facts.Source
	if object.Owner == "" || object.Owner == source.Account || source.Ownership == BucketOwnerEnforced {
		return nil
	}
	switch object.OwnerGrants {
	case Yes:
		return nil
	case No:
		return []Reason{because("owner-cannot-read", object.Owner)}
	default:
		return []Reason{because("owner-grants-unknown", object.Owner)}
	}
}

// whyNoRule says why no enabled rule for the destination is for the object:
// what came closest.
func (g *candidates) whyNoRule(object *Object) Reason {
	if object.Event.deletes() {
		for i := range g.enabled {
			if tagged := &g.enabled[i]; len(tagged.tags) > 0 && tagged.matches(object.Key, object.Tags) {
				return because("delete-marker-needs-untagged-rule")
			}
		}
	} else if late := firstMatch(g.enabled, object.Key, object.laterTags()); late != nil {
		return because("tagged-later", late.ref)
	}
	if disabled := firstMatch(g.disabled, object.Key, object.Tags); disabled != nil {
		return because("rule-disabled", disabled.ref)
	}
	reason := because("no-rule-matches")
	for i := range g.enabled {
		each := &g.enabled[i]
		if !strings.HasPrefix(object.Key, strings.TrimLeft(strings.TrimRight(each.prefix, "*?"), "/")) {
			continue // looked at first, since it takes less than the problems of a long prefix
		}
		if problem := prefixProblem(each.prefix); problem != "" {
			reason.Fix = fmt.Sprintf("Check the rule %s: %s.", each.ref, problem)
			break
		}
	}
	return reason
}

// prefixProblem says what is wrong with a prefix that hardly any key begins with.
func prefixProblem(prefix string) string {
	switch {
	case strings.HasPrefix(prefix, "/"):
		return fmt.Sprintf("its prefix %q begins with a slash; object keys normally don't", prefix)
	case strings.ContainsAny(prefix, "*?"):
		return fmt.Sprintf("its prefix %q contains a wildcard, which S3 treats as an ordinary character", prefix)
	default:
		return ""
	}
}

// laterTags are those that the object has by now.
func (o *Object) laterTags() map[string]string {
	if len(o.TagsAddedLater) == 0 {
		return nil
	}
	all := make(map[string]string, len(o.Tags)+len(o.TagsAddedLater))
	for key, value := range o.Tags {
		all[key] = value
	}
	for key, value := range o.TagsAddedLater {
		all[key] = value
	}
	return all
}

// markerReasons are about delete markers. Rules of the first schema replicate
// those that users make.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-marker-replication.html
func markerReasons(winner *candidate, object *Object) []Reason {
	if object.Event == DeleteMarkerExpired {
		return []Reason{because("delete-marker-by-lifecycle")}
	}
	if !winner.rule.ReplicatesMarkers() {
		return []Reason{because("delete-markers-off", winner.ref)}
	}
	return nil
}

// metadataReasons are about changes of tags, ACLs and locks.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-for-metadata-changes.html
func (e *Explainer) metadataReasons(group *candidates, winner *candidate, object *Object) []Reason {
	var reasons []Reason
	if object.Replica {
		switch {
		case !winner.rule.SyncsReplicas():
			reasons = append(reasons, because("replica-modifications-off", winner.ref))
		case group.facts.SyncsReplicas == No:
			reasons = append(reasons, because("replica-modifications-one-sided"))
		}
	}
	if object.Event == ACLChanged && e.replicaOwner(group, winner) == OwnedByDestination {
		reasons = append(reasons, because("acl-not-replicated"))
	}
	return reasons
}

// placeReasons are about the destination bucket and its permissions.
func (e *Explainer) destinationReasons(decision *Decision, object *Object) []Reason {
	group, winner := decision.group, decision.winner
	var reasons []Reason
	locked := e.facts.Source.ObjectLock == Yes || object.Locked || object.Event == LockChanged
	if locked && group.facts.ObjectLock == No {
		reasons = append(reasons, because("object-lock-missing"))
	}
	account := group.facts.accountOr(winner.rule.Destination.Account)
	if group.facts.RequesterPays == Yes && accountsDiffer(e.facts.Source.Account, account) == Yes {
		reasons = append(reasons, because("requester-pays"))
	}
	return append(reasons, e.permissionReasons(decision, object)...)
}
