package model

import (
	"slices"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
)

// The assumptions that an answer can rest on.
var (
	assumeStandIns             = Assumption{"stand-ins", "the policies have no statements about names that the deployment will generate: they were checked with placeholders"}
	assumeSourceVersioned      = Assumption{"source-versioned", "the source bucket is versioned, as S3 requires when the rules are put"}
	assumeDestinationVersioned = Assumption{"destination-versioned", "the destination bucket is still versioned, as S3 requires when the rules are put"}
	assumeRegions              = Assumption{"regions", "both regions exist, although this version does not know one of them"}
	assumeUnchanged            = Assumption{"unchanged", "the buckets have not changed since they were deployed"}
	assumePermitted            = Assumption{"permitted", "the role has all required permissions and no policy denies them"}
	assumeOneAccount           = Assumption{"accounts", "both buckets belong to one account"}
	assumeLocks                = Assumption{"object-lock", "the destination bucket has Object Lock if the source bucket has it"}
	assumeOwnership            = Assumption{"owner", "the owner of the source bucket owns the object or can read it"}
	assumeKeysUsable           = Assumption{"keys-usable", "the KMS keys on both sides exist and are enabled"}
	assumeKeyRegion            = Assumption{"replica-key-region", "the key for the replica is in the destination's region"}
	assumeSSEC                 = Assumption{"ssec-allowed", "the destination bucket does not block SSE-C"}
	assumeSyncedBack           = Assumption{"replica-sync", "the other bucket has a rule with replica modification sync to this bucket"}
	assumeReplicaEncryption    = Assumption{"replica-encryption", "the replica gets the default encryption of the destination bucket"}
	assumeSSES3                = Assumption{"source-sse-s3", "the source bucket encrypts with SSE-S3 by default, because it was adopted without a key"}
	assumeSourceEncryption     = Assumption{"source-encryption", "the rule selects the object's encryption, and the replica is encrypted in the same way"}
)

// assume lists what is not known about a destination and bears on any object.
func (e *Explainer) assume(destination *BucketFacts) []Assumption {
	source := &e.facts.Source
	sourceRegionUnknown, _ := unknownRegion(source.Region)
	regionUnknown, _ := unknownRegion(destination.Region)
	var assumptions []Assumption
	for _, each := range []struct {
		unknown bool
		Assumption
	}{
		{e.facts.AsDeployed, assumeUnchanged},
		{sourceRegionUnknown || regionUnknown, assumeRegions},
		{source.Versioning == "", assumeSourceVersioned},
		{destination.Versioning == "", assumeDestinationVersioned},
		{e.facts.Role.Policies == nil, assumePermitted},
		{slices.ContainsFunc(e.groups, (*candidates).judgesPlan), assumeStandIns},
		{source.ObjectLock != No && destination.ObjectLock == Unknown, assumeLocks},
	} {
		if each.unknown {
			assumptions = append(assumptions, each.Assumption)
		}
	}
	if accountsDiffer(source.Account, destination.Account) == Unknown {
		assumptions = append(assumptions, assumeAccounts(source.Account, destination)...)
	}
	return assumptions
}

// judgesPlan reports whether policies were judged with stand-ins.
func (g *candidates) judgesPlan() bool { return g.judge != nil && g.judge.planned }

// assumeAccounts is about two accounts that are not both known.
func assumeAccounts(source string, destination *BucketFacts) []Assumption {
	for _, account := range []string{source, destination.Account} {
		if awsid.IsAccount(account) {
			return []Assumption{{assumeOneAccount.ID, "both buckets belong to the account " + account +
				", or the destination's owner allows the replication role: `crr policy` prints the statements"}}
		}
	}
	if accountsMatter(destination) {
		return []Assumption{assumeOneAccount}
	}
	return nil
}

// accountsMatter reports whether anything depends on the accounts of the buckets:
// the replica's owner, and Requester Pays.
func accountsMatter(destination *BucketFacts) bool {
	return destination.Ownership != BucketOwnerEnforced || destination.RequesterPays != No
}

// assumeKeys lists what is not known about the keys.
func assumeKeys(source, destination *BucketFacts) []Assumption {
	var assumptions []Assumption
	if len(source.Keys) == 0 || len(destination.Keys) == 0 {
		assumptions = append(assumptions, assumeKeysUsable)
	}
	if destination.Region == "" {
		assumptions = append(assumptions, assumeKeyRegion)
	}
	return assumptions
}

// assumptions are those that the answer about one object rests on. The common
// ones are shared by all answers.
func (e *Explainer) assumptions(group *candidates, object *Object) []Assumption {
	if object.Event.deletes() {
		return group.assumptions
	}
	encryption, _ := e.encryptionOf(object)
	list := group.assumptions
	if encryption.usesKMS() {
		list = group.kms
	}
	list = list[:len(list):len(list)]
	if source := &e.facts.Source; object.Encryption == "" && source.DefaultEncryption == SSES3 && source.HadObjects == Yes {
		list = append(list, assumeSSES3)
	}
	if object.Owner == "" && e.facts.Source.Ownership == "" {
		list = append(list, assumeOwnership)
	}
	if object.Replica && group.facts.SyncsReplicas == Unknown {
		list = append(list, assumeSyncedBack)
	}
	return append(list, assumeAboutEncryption(encryption, &group.facts)...)
}

func assumeAboutEncryption(encryption ObjectEncryption, destination *BucketFacts) []Assumption {
	switch {
	case encryption == "":
		return []Assumption{assumeSourceEncryption}
	case encryption == SSEC && destination.BlocksSSEC == Unknown:
		return []Assumption{assumeSSEC}
	case encryption == Unencrypted && destination.DefaultEncryption == "":
		return []Assumption{assumeReplicaEncryption}
	default:
		return nil
	}
}
