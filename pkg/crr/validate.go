package crr

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	seeOneConfiguration = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html"
	seeAdopt            = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html"
	seeNamespaces       = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html"
	seeKeyDeletion      = "https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html"
	seeAcceleration     = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html"
	seeTransitions      = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html"
	seeExternalID       = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html"
	seeTags             = "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"

	minDeletionWindow = 7
	maxDeletionWindow = 30
)

// Validate finds everything about the arguments that cannot work, as far as it
// can be known before anything is deployed. The error is a
// [replication.Problems]; its paths are those of the stack configuration.
func (a *ReplicatedBucketArgs) Validate() error {
	if a == nil {
		return replication.Problems{{Path: "args", Message: "are missing; a replicated bucket needs a source and a destination"}}
	}
	problems := a.Topology().Validate()
	problems = append(problems, a.Source.validate().Under("source")...)
	for i, destination := range a.Destinations {
		problems = append(problems, destination.Bucket.validate().Under(fmt.Sprintf("destinations[%d]", i))...)
	}
	problems = append(problems, a.validateFormerNames()...)
	problems = append(problems, a.validateAdopted()...)
	if len(a.Topology().Validate()) == 0 {
		problems = append(problems, a.validateKeys()...)
	}
	problems = append(problems, a.validateRole().Under("role")...)
	problems = append(problems, a.validateLimits()...)
	problems = append(problems, validateIAMSettle(a.IAMSettleSeconds)...)
	problems = append(problems, a.Monitoring.validate(a.regions()).Under("monitoring")...)
	problems = append(problems, a.validateMetricsAccount().Under("monitoring.account")...)
	problems = append(problems, a.validateNotifications()...)
	if a.Canary != nil {
		problems = append(problems, a.Canary.problems().Under("canary")...)
	}
	problems = append(problems, validateTags(a.Tags).Under("tags")...)
	if len(problems) == 0 {
		problems = slices.Concat(a.prove(), a.validateDashboard(), a.validateCanary())
	}
	return problems.Err()
}

// validateFormerNames refuses names that something else has now: the engine could
// not tell what is renamed from what is new.
func (a *ReplicatedBucketArgs) validateFormerNames() replication.Problems {
	var problems replication.Problems
	for i, former := range a.FormerNames {
		if err := replication.CheckName(former); err != nil {
			problems.Add(fmt.Sprintf("formerNames[%d]", i), "%s", err)
		}
	}
	for i, destination := range a.Destinations {
		for j, former := range destination.FormerNames {
			path := fmt.Sprintf("destinations[%d].formerNames[%d]", i, j)
			if err := replication.CheckName(former); err != nil {
				problems.Add(path, "%s", err)
			}
			for k, other := range a.Destinations {
				if other.Name == former {
					problems.Add(path, "%q is the name of destinations[%d]", former, k)
				} else if k < i && slices.Contains(other.FormerNames, former) {
					problems.Add(path, "%q is a former name of destinations[%d]", former, k)
				}
			}
		}
	}
	return problems
}

// validateAdopted keeps rules that somebody else made from being replaced
// without a word.
func (a *ReplicatedBucketArgs) validateAdopted() replication.Problems {
	var problems replication.Problems
	check := func(path string, bucket BucketArgs, replicates bool) {
		if bucket.Existing && replicates && !bucket.ReplaceRules {
			name := bucket.nameOr("<bucket>")
			problems.AddSee(seeOneConfiguration, path+".replaceRules", "is needed: S3 keeps one set of replication rules for each bucket, and those that %q has now would be "+
				"replaced. Look at them with `aws s3api get-bucket-replication --bucket %s`, take over what must stay, and set replaceRules: true", name, name)
		}
		if bucket.ReplaceRules && (!bucket.Existing || !replicates) {
			problems.Add(path+".replaceRules", "is only for an existing bucket that replicates")
		}
	}
	check("source", a.Source, true)
	for i, destination := range a.Destinations {
		check(fmt.Sprintf("destinations[%d]", i), destination.Bucket, a.Direction == replication.TwoWay)
	}
	return problems
}

// validateRole refuses settings that an existing role could not get. Its path and
// boundary may still be those of a canary's roles.
func (a *ReplicatedBucketArgs) validateRole() replication.Problems {
	role := a.Role
	if role.ARN == nil {
		return a.validateTrust()
	}
	var problems replication.Problems
	if arn, plain := role.ARN.(pulumi.String); plain {
		if err := replication.CheckRoleARN(string(arn)); err != nil {
			problems.Add("arn", "%s", err)
		}
	}
	limited := a.Canary == nil && (role.Path != "" || role.PermissionsBoundary != nil)
	if role.Name != "" || limited || role.trust() != replication.TrustAccount {
		problems.Add("arn", "names an existing role, which is left as it is; leave the other settings of the role out")
	}
	if a.Direction == replication.TwoWay {
		problems.Add("arn", "names one role, and each direction needs its own; leave it out")
	}
	return problems
}

// validateTrust refuses a trust policy that names a bucket before it has a name.
func (a *ReplicatedBucketArgs) validateTrust() replication.Problems {
	var problems replication.Problems
	if a.Role.TrustAnyAccount && a.Role.TrustSourceBucket {
		problems.Add("trustSourceBucket", "excludes trustAnyAccount; leave one out")
	}
	if !a.Role.TrustSourceBucket {
		return problems
	}
	rules := a.Topology().ReplicationRules()
	for _, bucket := range a.namedBuckets() {
		if bucket.args.Bucket == "" && len(rulesFrom(rules, bucket.name)) > 0 {
			problems.Add("trustSourceBucket", "needs the name of the bucket %s, which the role's trust policy states; set %s.bucket", bucket.name, a.pathOf(bucket.name))
		}
	}
	return problems
}

// validateExisting refuses what would change an existing bucket.
func (a BucketArgs) validateExisting() replication.Problems {
	var problems replication.Problems
	if a.Bucket == "" && a.BucketName == nil {
		problems.Add("bucket", "is missing; name the existing bucket")
	}
	if a.Bucket != "" && a.BucketName != nil && !a.made {
		problems.Add("bucket", "%q is given, and a name that another resource produces too; leave one out", a.Bucket)
	}
	if a.AccountID != "" && !accountID.MatchString(a.AccountID) {
		problems.Add("accountId", "%q is not the id of an AWS account, which has 12 digits", a.AccountID)
	}
	for _, setting := range []struct {
		name string
		set  bool
	}{
		{"lifecycle", a.Lifecycle.isSet()},
		{"intelligentTiering", a.IntelligentTiering != IntelligentTieringArgs{}},
		{"objectLock.mode", a.ObjectLock != nil && a.ObjectLock.Mode != ""},
		{"acceleration", a.Acceleration},
		{"statements", len(a.Statements) > 0},
		{"guard", a.Guard != nil},
		{"allowKeyChanges", a.AllowKeyChanges},
	} {
		if setting.set {
			problems.Add(setting.name, "is not for an existing bucket, which is left as it is")
		}
	}
	return problems
}

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// validateNotExisting refuses what is for existing buckets only.
func (a BucketArgs) validateNotExisting() replication.Problems {
	var problems replication.Problems
	if a.BucketName != nil {
		problems.Add("bucketName", "is for an existing bucket; give the name of a bucket to be made as bucket, or set existing: true")
	}
	return problems
}

// nameOr is the bucket's name, or another text where it is not known yet.
func (a BucketArgs) nameOr(text string) string { return cmp.Or(a.Bucket, known(a.BucketName), text) }

// keyless reports whether the bucket is one that encrypts with SSE-S3.
func (a BucketArgs) keyless() bool { return a.Existing && a.KMSKeyARN == nil }

// validateKeys checks the further keys of a bucket, and that replicas of what is
// encrypted with KMS get a key: S3 takes no rule for such objects without one.
func (a *ReplicatedBucketArgs) validateKeys() replication.Problems {
	var problems replication.Problems
	rules := a.Topology().ReplicationRules()
	for _, bucket := range a.namedBuckets() {
		path := a.pathOf(bucket.name)
		targets := linked(rules, bucket.name, replication.Rule.From, destinationOf)
		problems = append(problems, bucket.args.validateDecryptKeys(len(targets) > 0).Under(path)...)
		if bucket.args.keyless() && len(bucket.args.DecryptKeyARNs) == 0 {
			continue
		}
		for _, target := range a.namedBuckets() {
			if slices.Contains(targets, target.name) && target.args.keyless() {
				problems.AddSee(seeAdopt, a.pathOf(target.name)+".kmsKeyArn", "is missing: objects of %s are encrypted with KMS, and S3 replicates those only with a key "+
					"for their replicas. Name a customer managed key of %s; the bucket itself may go on with SSE-S3", path, target.args.Region)
			}
		}
	}
	return problems
}

func (a BucketArgs) validateDecryptKeys(replicates bool) replication.Problems {
	var problems replication.Problems
	if len(a.DecryptKeyARNs) > 0 && !replicates {
		problems.Add("decryptKeyArns", "is only for a bucket that replicates: replicas are encrypted with kmsKeyArn, and nothing is decrypted there")
	}
	for i, input := range a.DecryptKeyARNs {
		path := fmt.Sprintf("decryptKeyArns[%d]", i)
		arn, plain := input.(pulumi.String)
		if !plain {
			continue
		}
		if err := replication.CheckKMSKeyARN(string(arn), a.Region); err != nil {
			problems.AddSee(seeAdopt, path, "%s", err)
		}
		if string(arn) == known(a.KMSKeyARN) {
			problems.Add(path, "%q is the kmsKeyArn of the bucket, which the role may decrypt with anyway; leave it out here", arn)
		}
		if first := slices.IndexFunc(a.DecryptKeyARNs, func(other pulumi.StringInput) bool { return known(other) == string(arn) }); first < i {
			problems.Add(path, "%q is decryptKeyArns[%d] already", arn, first)
		}
	}
	return problems
}

// checkedDecryptKeys are the further keys. Those that were not known before fail the
// deployment where they cannot be those of objects in the bucket.
func (a BucketArgs) checkedDecryptKeys() []pulumi.StringInput {
	var keys []pulumi.StringInput
	for _, key := range a.DecryptKeyARNs {
		keys = append(keys, checkedKey(key, a.Region))
	}
	return keys
}

func (a BucketArgs) validate() replication.Problems {
	problems := a.validateNotExisting()
	if a.Existing {
		problems = a.validateExisting()
	}
	if !a.Existing && replication.InAccountNamespace(a.Bucket) {
		problems.AddSee(seeNamespaces, "bucket", "%q is a name of an account regional namespace, in which pulumi-aws 6 can't make buckets; "+
			"make it elsewhere and adopt it (existing: true), or choose another name", a.Bucket)
	}
	if err := CheckDeletionWindow(a.DeletionWindowInDays); err != nil {
		problems.AddSee(seeKeyDeletion, "deletionWindowInDays", "%s", err)
	}
	problems = append(problems, a.Lifecycle.validate().Under("lifecycle")...)
	problems = append(problems, a.IntelligentTiering.validate().Under("intelligentTiering")...)
	if a.Acceleration && strings.Contains(a.Bucket, ".") {
		problems.AddSee(seeAcceleration, "acceleration", "needs a bucket name without dots, and %q has them", a.Bucket)
	}
	if a.AssumeRoleARN != "" && a.Provider != nil {
		problems.Add("assumeRoleArn", "is given, and a provider too, which has credentials of its own; leave one out")
	}
	problems = append(problems, a.validateAccount()...)
	if _, ok := replication.PartitionOf(a.Region); ok && !a.AllowUnknownRegion {
		if err := replication.CheckRegion(a.Region); err != nil {
			problems.Add("region", "%s", err)
		}
	}
	if a.Guard != nil {
		for i, arn := range a.Guard.Except {
			if !strings.HasPrefix(arn, "arn:") {
				problems.Add(fmt.Sprintf("guard.except[%d]", i), "%q is not the ARN of a role or user; it looks like arn:aws:iam::<account>:role/<name>", arn)
			}
		}
	}
	return slices.Concat(problems, a.validateStatements(), a.validateKeyStatements())
}

// externalID is what STS takes.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
var externalID = regexp.MustCompile(`^[\w+=,.@:/-]{2,}$`)

const maxExternalID = 1224

func (a BucketArgs) validateAccount() replication.Problems {
	var problems replication.Problems
	switch {
	case a.ExternalID == "":
	case a.AssumeRoleARN == "":
		problems.Add("externalId", "is given, and no assumeRoleArn that it is for; give both")
	case !externalID.MatchString(a.ExternalID) || len(a.ExternalID) > maxExternalID:
		problems.AddSee(seeExternalID, "externalId", "%q is not an external ID, which has 2 to 1224 letters, digits and _+=,.@:/-", a.ExternalID)
	}
	if a.AccountID == "" {
		return problems
	}
	if err := replication.CheckAccountID(a.AccountID); err != nil {
		problems.Add("accountId", "%s", err)
	} else if account := replication.AccountOf(a.AssumeRoleARN); account != "" && account != a.AccountID {
		problems.Add("accountId", "is %s, and assumeRoleArn is a role of account %s; they must be the same account", a.AccountID, account)
	}
	return problems
}

func (a LifecycleArgs) isSet() bool {
	return a.NoncurrentDays != 0 || len(a.Transitions) > 0 || len(a.NoncurrentTransitions) > 0
}

func (a LifecycleArgs) validate() replication.Problems {
	var problems replication.Problems
	if days := a.NoncurrentDays; days < 0 {
		problems.Add("noncurrentDays", "%d is not a number of days; give 1 or more, or leave it out to keep every version", days)
	}
	problems = append(problems, validateTransitions("transitions", a.Transitions)...)
	problems = append(problems, validateTransitions("noncurrentTransitions", a.NoncurrentTransitions)...)
	for i, transition := range a.NoncurrentTransitions {
		if a.NoncurrentDays > 0 && transition.Days >= a.NoncurrentDays {
			problems.AddSee(seeTransitions, fmt.Sprintf("noncurrentTransitions[%d].days", i), "%d is not before noncurrentDays (%d), after which the versions are deleted", transition.Days, a.NoncurrentDays)
		}
	}
	return problems
}

// minimumIADays is how long S3 keeps objects in STANDARD_IA or ONEZONE_IA before it
// moves them on, and in STANDARD before it moves them there.
const minimumIADays = 30

// waterfall is the order in which S3 moves objects through the classes.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
var waterfall = []replication.StorageClass{"STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"}

// validateTransitions checks each transition by itself, and their order: what S3
// would refuse once the bucket is there.
func validateTransitions(field string, transitions []TransitionArgs) replication.Problems {
	var problems replication.Problems
	for i, transition := range transitions {
		path := fmt.Sprintf("%s[%d]", field, i)
		if transition.Days < 0 {
			problems.Add(path+".days", "%d is not a number of days", transition.Days)
		}
		if !transition.StorageClass.Valid() || transition.StorageClass == "STANDARD" {
			problems.Add(path+".storageClass", "%q is not a class to move objects to", transition.StorageClass)
		}
		if days := transition.Days; days < minimumIADays && isIA(transition.StorageClass) {
			problems.AddSee(seeTransitions, path+".days", "%d is too early for %s; S3 moves objects there after %d days at the earliest", days, transition.StorageClass, minimumIADays)
		}
		for _, other := range transitions {
			problems = append(problems, validateOrder(path, other, transition)...)
		}
		if slices.ContainsFunc(transitions[:i], func(t TransitionArgs) bool { return t.StorageClass == transition.StorageClass }) {
			problems.AddSee(seeTransitions, path+".storageClass", "%s is named twice", transition.StorageClass)
		}
	}
	return problems
}

func isIA(class replication.StorageClass) bool { return strings.HasSuffix(string(class), "_IA") }

// validateOrder checks a transition against one to a class that is before its own in
// the waterfall.
func validateOrder(path string, before, after TransitionArgs) replication.Problems {
	var problems replication.Problems
	from, to := slices.Index(waterfall, before.StorageClass), slices.Index(waterfall, after.StorageClass)
	if from < 0 || from >= to {
		return nil
	}
	earliest, why := before.Days+1, "S3 moves objects from warmer to colder classes only"
	if isIA(before.StorageClass) {
		earliest, why = before.Days+minimumIADays, fmt.Sprintf("S3 keeps objects in %s for %d days", before.StorageClass, minimumIADays)
	}
	if after.Days < earliest {
		problems.AddSee(seeTransitions, path+".days", "%d is too early for %s, since objects move to %s after %d; give %d or more: %s",
			after.Days, after.StorageClass, before.StorageClass, before.Days, earliest, why)
	}
	return problems
}

// CheckDeletionWindow says why KMS would refuse a deletion window of so many
// days. Zero stands for the default.
func CheckDeletionWindow(days int) error {
	if days != 0 && (days < minDeletionWindow || days > maxDeletionWindow) {
		return fmt.Errorf("%d is not possible; KMS takes %d to %d days", days, minDeletionWindow, maxDeletionWindow)
	}
	return nil
}

// CheckTags says which tags of a resource AWS would refuse. The error is a
// [replication.Problems] with the keys as paths.
func CheckTags(tags map[string]string) error {
	return validateTags(tags).Err()
}

func validateTags(tags map[string]string) replication.Problems {
	var problems replication.Problems
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		switch {
		case key == "" || len([]rune(key)) > 128:
			problems.AddSee(seeTags, key, "the key of a tag has 1 to 128 characters")
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			problems.AddSee(seeTags, key, "AWS keeps tags that begin with aws: for itself")
		case len([]rune(tags[key])) > 256:
			problems.AddSee(seeTags, key, "the value of a tag has at most 256 characters")
		}
	}
	return problems
}

// Topology is the model's view of the arguments.
func (a *ReplicatedBucketArgs) Topology() replication.Topology {
	topology := replication.Topology{Direction: a.Direction, Source: a.Source.topologyBucket(replication.SourceName), Rules: a.Rules}
	for _, destination := range a.Destinations {
		place := destination.Bucket.topologyBucket(destination.Name)
		place.StorageClass = destination.StorageClass
		topology.Destinations = append(topology.Destinations, place)
	}
	return topology
}

func (a BucketArgs) topologyBucket(name string) replication.BucketSpec {
	return replication.BucketSpec{
		Name: name, Region: a.Region, Bucket: a.Bucket, KMSKeyARN: known(a.KMSKeyARN),
		AssumeRoleARN: a.AssumeRoleARN, ObjectLock: a.ObjectLock,
	}
}

// regions are those of all places, each once, in order.
func (a *ReplicatedBucketArgs) regions() []string {
	regions := []string{a.Source.Region}
	for _, destination := range a.Destinations {
		if !slices.Contains(regions, destination.Bucket.Region) {
			regions = append(regions, destination.Bucket.Region)
		}
	}
	return regions
}

// known returns the text of an input that was given as plain text, and ""
// where another resource has yet to produce it.
func known(input pulumi.StringInput) string {
	text, _ := input.(pulumi.String)
	return string(text)
}
