package model

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Grant is the policy that a deployment needs on one resource. Roles, buckets and keys that the
// deployment created have it already; for others, hand it to their owners.
type Grant struct {
	// Resource whose policy it is: the ARN of a role, a bucket or a key.
	Resource string `json:"resource"`
	// Note says what to do with the statements, for people to read.
	Note string `json:"note"`
	// Document with the statements to add to the resource's policy. It is not all
	// of that policy: the owner's own statements stay.
	Document policy.Document `json:"document"`
}

// Grants returns the grants of several deployments. Each resource occurs once, with
// the statements that all of them need, because putting a policy replaces it as a whole.
func Grants(deployments ...replication.Descriptor) []Grant {
	var all []need
	for _, d := range deployments {
		for _, needed := range needsOf(d) {
			i := slices.IndexFunc(all, func(n need) bool { return n.resource == needed.resource })
			if i < 0 {
				all = append(all, needed)
				continue
			}
			all[i].uncertain = all[i].uncertain && needed.uncertain
			all[i].statements = merge(all[i].statements, needed.statements)
		}
	}
	grants := []Grant{}
	for _, n := range all {
		grants = append(grants, Grant{n.resource, n.note(), policy.New(n.statements...)})
	}
	return grants
}

// need is what one resource must grant.
type need struct {
	resource   string
	kind       resourceKind
	statements []policy.Statement
	// perhaps says that it is not known whether there are two accounts at all.
	uncertain bool
}

type resourceKind int

const (
	roleKind resourceKind = iota
	bucketKind
	keyKind
)

// grantNotes say what becomes of the policy that is there.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
// https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
var grantNotes = map[resourceKind]string{
	roleKind: "Add these statements to the role's existing policies.",
	bucketKind: "Add these statements to the existing policy of this bucket: " +
		"put-bucket-policy replaces the whole policy.",
	keyKind: "Add these statements to the existing policy of this key: " +
		"put-key-policy replaces the whole policy, and KMS rejects a policy that locks out its owner.",
}

// perhapsElsewhere is what may be in another account.
var maybeOtherAccount = map[resourceKind]string{bucketKind: "bucket", keyKind: "key"}

func (n need) note() string {
	if err := InlinePolicyLimit.Check(policy.New(n.statements...).JSON()); n.kind == roleKind && err != nil {
		return fmt.Sprintf("%s They exceed the IAM limit of %d characters for inline policies: split them into managed policies of up to %d characters each.",
			grantNotes[n.kind], InlinePolicyLimit.Max, ManagedPolicyLimit.Max)
	}
	if n.uncertain {
		return grantNotes[n.kind] + " They are needed only if the " + maybeOtherAccount[n.kind] + " and the role are in different accounts."
	}
	return grantNotes[n.kind]
}

// needs are those of one deployment. A resource may be there twice, such as the
// key of two destinations.
func needsOf(d replication.Descriptor) []need {
	var needs []need
	sources := d.Sources()
	targetsOf := map[string][]replication.DeployedBucket{}
	for _, place := range d.Buckets() {
		for _, from := range sources[place.Name] {
			targetsOf[from.Name] = append(targetsOf[from.Name], place)
		}
	}
	for _, from := range d.Buckets() {
		targets := targetsOf[from.Name]
		if len(targets) == 0 {
			continue
		}
		ends := make([]BucketRef, len(targets))
		for i, target := range targets {
			ends[i] = refOf(target)
		}
		role := d.RoleOf(from)
		needs = append(needs, need{resource: role, kind: roleKind, statements: RolePolicy(refOf(from), ends).Statement})
		for _, key := range refOf(from).keys() {
			differ := accountsDiffer(awsid.AccountOf(role), awsid.AccountOf(key))
			// The bucket's own key and the role are of one account, unless it is certain
			// that they are not.
			if differ == Yes || differ == Unknown && key != from.KMSKeyARN {
				needs = append(needs, need{key, keyKind, SourceKeyStatements(refOf(from), role), differ == Unknown})
			}
		}
	}
	for _, to := range d.Buckets() {
		needs = append(needs, needsAt(d, to, sources[to.Name])...)
	}
	return needs
}

// needsAt are those of roles of other accounts at a place. Its key may be in
// another account than its bucket.
func needsAt(d replication.Descriptor, to replication.DeployedBucket, sources []replication.DeployedBucket) []need {
	var ofBucket, ofKey []string
	perhaps, perhapsKey := true, true
	for _, from := range sources {
		differ, keyDiffers := accountsDiffer(from.AccountID, to.AccountID), accountsDiffer(from.AccountID, awsid.AccountOf(to.KMSKeyARN))
		if differ != No {
			ofBucket = append(ofBucket, d.RoleOf(from))
			perhaps = perhaps && differ == Unknown
		}
		if differ != No || keyDiffers == Yes {
			ofKey = append(ofKey, d.RoleOf(from))
			perhapsKey = perhapsKey && differ == Unknown
		}
	}
	needs := needsOfCanaries(d, to)
	if statements := DestinationStatements(refOf(to), ofBucket...); len(statements) > 0 {
		needs = append(needs, need{to.ARN, bucketKind, statements, perhaps})
	}
	at := refOf(to)
	at.Account = "" // all of these roles may be foreign to the key
	if statements := DestinationKeyStatements(at, ofKey...); to.KMSKeyARN != "" && len(statements) > 0 {
		needs = append(needs, need{to.KMSKeyARN, keyKind, statements, perhapsKey})
	}
	return needs
}

// needsOfCanaries are those of canaries that look for heartbeats at a place of
// another account.
func needsOfCanaries(d replication.Descriptor, to replication.DeployedBucket) []need {
	var needs []need
	if d.Canary == nil {
		return nil
	}
	for _, reader := range d.Canary.Readers {
		from, known := d.Bucket(reader.From)
		differ := accountsDiffer(from.AccountID, to.AccountID)
		if !known || reader.At != to.Name || differ == No {
			continue
		}
		statements := HeartbeatStatements("", to.ARN, from.Bucket)
		for i := range statements {
			statements[i].Principal = policy.AWS(reader.RoleARN)
		}
		needs = append(needs, need{to.ARN, bucketKind, statements, differ == Unknown})
	}
	return needs
}

// merge adds statements to others: those that differ in their principals only
// become one, and of a Sid that is taken there is a second.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
func merge(statements, more []policy.Statement) []policy.Statement {
	for _, added := range more {
		i := slices.IndexFunc(statements, func(s policy.Statement) bool { return sameButPrincipal(s, added) })
		if i >= 0 {
			statements[i].Principal = joined(statements[i].Principal, added.Principal)
			continue
		}
		added.Sid = freeSid(statements, added.Sid)
		statements = append(statements, added)
	}
	return statements
}

func sameButPrincipal(a, b policy.Statement) bool {
	a.Sid, a.Principal, b.Sid, b.Principal = "", nil, "", nil
	return reflect.DeepEqual(a, b)
}

// joined are two principals as one: both of roles, or both nil as in the policy
// of a role.
func joined(a, b *policy.Principal) *policy.Principal {
	if a == nil || b == nil {
		return a
	}
	roles := slices.Clone(a.AWS)
	for _, role := range b.AWS {
		if !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	return policy.AWS(roles...)
}

func freeSid(statements []policy.Statement, wanted string) string {
	taken := func(sid string) bool {
		return slices.ContainsFunc(statements, func(s policy.Statement) bool { return s.Sid == sid })
	}
	sid := wanted
	for n := 2; taken(sid); n++ {
		sid = fmt.Sprintf("%s%d", wanted, n)
	}
	return sid
}

func refOf(p replication.DeployedBucket) BucketRef {
	return BucketRef{
		Region: p.Region, Account: p.AccountID, BucketARN: p.ARN, KMSKeyARN: p.KMSKeyARN, DecryptKeyARNs: p.DecryptKeyARNs,
		ObjectLock: p.ObjectLock, KeyChanges: p.KeyChanges,
	}
}
