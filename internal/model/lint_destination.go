package model

import (
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// lintDestination finds what is to be known of a destination bucket.
func (l *linter) lintDestination(group *candidates) {
	if len(group.enabled) == 0 {
		return
	}
	source, destination, name := &l.Facts.Source, &group.facts, group.name()
	first := &group.enabled[0]
	regionUnknown, hint := unknownRegion(destination.Region)
	for _, each := range []struct {
		found bool
		id    string
		args  []any
	}{
		{regionUnknown, "region-unknown", []any{name, destination.Region, hint}},
		{destination.Versioning.missing(), "destination-unversioned", []any{name, destination.Versioning}},
		{source.ObjectLock == Yes && destination.ObjectLock == No, "object-lock-source-only", []any{name}},
		{source.ObjectLock == No && destination.ObjectLock == Yes, "object-lock-destination-only", []any{name}},
		{source.Region != "" && source.Region == destination.Region, "same-region", []any{name}},
		{accountsDiffer(source.Account, destination.Account) == No, "same-account", []any{name}},
		{destination.DefaultEncryption == DSSEKMS && destination.BucketKey == Yes, "dsse-bucket-key", []any{name}},
		{l.foreign(group, first) && destination.RequesterPays == Yes, "requester-pays", []any{name}},
	} {
		if each.found {
			l.about(first, each.id, each.args...)
		}
	}
	l.lintMarkers(group)
}

// unknownRegion reports whether a region is named that is not known, and asks for
// the one that may have been meant.
func unknownRegion(region string) (unknown bool, hint string) {
	known, meant := replication.KnownRegion(region)
	if meant != "" {
		hint = "; did you mean " + meant + "?"
	}
	return region != "" && !known, hint
}

// lintMarkers finds deletions that are replicated, once for each destination.
func (l *linter) lintMarkers(group *candidates) {
	for i := range group.enabled {
		if each := &group.enabled[i]; len(each.tags) == 0 && each.rule.ReplicatesMarkers() {
			l.about(each, "delete-markers-to-copy", group.name())
			return
		}
	}
}

// foreign reports whether the destination is known to be of another account.
func (l *linter) foreign(group *candidates, c *candidate) bool {
	return accountsDiffer(l.Facts.Source.Account, group.facts.accountOr(c.rule.Destination.Account)) == Yes
}

// lintOwner finds rules that give replicas to the wrong account.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-change-owner.html
func (l *linter) lintOwner(group *candidates, c *candidate) {
	declared, known := c.rule.Destination.Account, group.facts.Account
	if declared != "" && known != "" && declared != known {
		l.about(c, "account-mismatch", group.name(), declared, known)
		return
	}
	overrides := c.rule.Destination.AccessControlTranslation != nil
	account := group.facts.accountOr(declared)
	switch accountsDiffer(l.Facts.Source.Account, account) {
	case No:
		if overrides {
			l.about(c, "owner-override-same-account")
		}
	case Yes:
		if !overrides && group.facts.Ownership != BucketOwnerEnforced {
			l.about(c, "owner-override-missing")
		}
	}
}

// lintEncryption finds rules that leave KMS out, and keys that cannot be used.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
func (l *linter) lintEncryption(group *candidates, c *candidate) {
	if !c.rule.SelectsKMS() {
		if l.Facts.Source.DefaultEncryption.usesKMS() {
			l.about(c, "kms-default-not-selected")
		} else {
			l.about(c, "kms-not-selected")
		}
		return
	}
	key := c.rule.ReplicaKey()
	if !namesKey(key) {
		l.about(c, "replica-key-invalid", key)
		return
	}
	if region := awsid.RegionOf(key); region != "" && group.facts.Region != "" && region != group.facts.Region {
		l.about(c, "replica-key-region", region, group.facts.Region)
	}
	switch {
	case isAWSManaged(key) && l.foreign(group, c):
		l.about(c, "replica-key-aws-managed")
	case isAlias(key):
		l.about(c, "replica-key-alias")
	}
	if state := group.facts.Keys[key].State; state != "" && state != KeyEnabled {
		l.about(c, "replica-key-unusable", key, state)
	}
}
