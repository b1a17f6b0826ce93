package crr

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	minDeletionWindow = 7
	maxDeletionWindow = 30
)

// Validate checks the arguments as far as possible before deployment. The error is a
// [replication.Problems] with the paths of the stack configuration.
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

// validateFormerNames rejects former names that are current names of other
// destinations: the engine could not distinguish renamed from new ones.
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

// validateAdopted requires replaceRules for replacing the rules of an existing bucket.
func (a *ReplicatedBucketArgs) validateAdopted() replication.Problems {
	var problems replication.Problems
	check := func(path string, bucket BucketArgs, replicates bool) {
		if bucket.Existing && replicates && !bucket.ReplaceRules {
			name := bucket.nameOr("<bucket>")
			problems.AddSee(awsdocs.PutBucketReplication, path+".replaceRules", "is required: S3 keeps one set of replication rules for each bucket, and the current rules of %q would be "+
				"replaced. List them with `aws s3api get-bucket-replication --bucket %s`, copy the rules to keep into the configuration, and set replaceRules: true", name, name)
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

// validateRole rejects settings that would change an existing role. Path and boundary
// may still apply to a canary's roles.
func (a *ReplicatedBucketArgs) validateRole() replication.Problems {
	role := a.Role
	if role.ARN == nil {
		return a.validateTrust()
	}
	var problems replication.Problems
	if arn, plain := role.ARN.(pulumi.String); plain {
		if err := awsid.CheckRoleARN(string(arn)); err != nil {
			problems.Add("arn", "%s", err)
		}
	}
	limited := a.Canary == nil && (role.Path != "" || role.PermissionsBoundary != nil)
	if role.Name != "" || limited || role.trust() != model.TrustAccount {
		problems.Add("arn", "is an existing role, which is not changed; remove the other settings of the role")
	}
	if a.Direction == replication.TwoWay {
		problems.Add("arn", "is a single role, but each direction needs its own; remove it")
	}
	return problems
}

// validateTrust rejects a trust policy with a bucket whose name is generated.
func (a *ReplicatedBucketArgs) validateTrust() replication.Problems {
	var problems replication.Problems
	if a.Role.TrustAnyAccount && a.Role.TrustSourceBucket {
		problems.Add("trustSourceBucket", "and trustAnyAccount exclude each other; remove one of them")
	}
	if !a.Role.TrustSourceBucket {
		return problems
	}
	rules := a.Topology().ReplicationRules()
	for _, bucket := range a.namedBuckets() {
		if bucket.args.Bucket == "" && len(rulesFrom(rules, bucket.name)) > 0 {
			problems.Add("trustSourceBucket", "needs the name of the bucket %s for the role's trust policy; set %s.bucket", bucket.name, a.pathOf(bucket.name))
		}
	}
	return problems
}

// validateExisting rejects settings that would change an existing bucket.
func (a BucketArgs) validateExisting() replication.Problems {
	var problems replication.Problems
	if a.Bucket == "" && a.BucketName == nil {
		problems.Add("bucket", "is missing; set the name of the existing bucket")
	}
	if a.Bucket != "" && a.BucketName != nil && !a.made {
		problems.Add("bucket", "%q is set together with bucketName, an output of another resource; remove one of them", a.Bucket)
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
			problems.Add(setting.name, "can't be set for an existing bucket, which is not changed")
		}
	}
	return problems
}

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// validateNotExisting rejects settings for existing buckets only.
func (a BucketArgs) validateNotExisting() replication.Problems {
	var problems replication.Problems
	if a.BucketName != nil {
		problems.Add("bucketName", "is for an existing bucket; set the name of a new bucket as bucket, or set existing: true")
	}
	return problems
}

// nameOr returns the bucket's name, or another text if it is not known yet.
func (a BucketArgs) nameOr(text string) string { return cmp.Or(a.Bucket, known(a.BucketName), text) }

// keyless reports whether the bucket encrypts with SSE-S3.
func (a BucketArgs) keyless() bool { return a.Existing && a.KMSKeyARN == nil }

// validateKeys checks the further keys of a bucket, and that replicas of objects
// encrypted with KMS get a key: S3 requires one.
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
				problems.AddSee(awsdocs.ReplicationKMS, a.pathOf(target.name)+".kmsKeyArn", "is missing: objects of %s are encrypted with KMS, and S3 replicates them only with a key "+
					"for their replicas. Set a customer managed key of %s; the bucket's default encryption may stay SSE-S3", path, target.args.Region)
			}
		}
	}
	return problems
}

func (a BucketArgs) validateDecryptKeys(replicates bool) replication.Problems {
	var problems replication.Problems
	if len(a.DecryptKeyARNs) > 0 && !replicates {
		problems.Add("decryptKeyArns", "is only for a replicating bucket: replicas are encrypted with kmsKeyArn, and nothing is decrypted here")
	}
	for i, input := range a.DecryptKeyARNs {
		path := fmt.Sprintf("decryptKeyArns[%d]", i)
		arn, plain := input.(pulumi.String)
		if !plain {
			continue
		}
		if err := awsid.CheckKMSKeyARN(string(arn), a.Region); err != nil {
			problems.AddSee(awsdocs.ReplicationKMS, path, "%s", err)
		}
		if string(arn) == known(a.KMSKeyARN) {
			problems.Add(path, "%q is the kmsKeyArn of the bucket, which the role may decrypt with anyway; remove it here", arn)
		}
		if first := slices.IndexFunc(a.DecryptKeyARNs, func(other pulumi.StringInput) bool { return known(other) == string(arn) }); first < i {
			problems.Add(path, "%q is decryptKeyArns[%d] already", arn, first)
		}
	}
	return problems
}

// checkedDecryptKeys returns the further keys. Keys that were unknown during validation
// fail the deployment if they are invalid for the bucket.
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
	if !a.Existing && awsid.InAccountNamespace(a.Bucket) {
		problems.AddSee(awsdocs.BucketNamespaces, "bucket", "%q is in an account regional namespace, where pulumi-aws 6 can't create buckets; "+
			"create it by other means and adopt it (existing: true), or choose another name", a.Bucket)
	}
	if err := CheckDeletionWindow(a.DeletionWindowInDays); err != nil {
		problems.AddSee(awsdocs.KeyDeletion, "deletionWindowInDays", "%s", err)
	}
	problems = append(problems, a.Lifecycle.validate().Under("lifecycle")...)
	problems = append(problems, a.IntelligentTiering.validate().Under("intelligentTiering")...)
	if a.Acceleration && strings.Contains(a.Bucket, ".") {
		problems.AddSee(awsdocs.TransferAcceleration, "acceleration", "needs a bucket name without dots, and %q has them", a.Bucket)
	}
	if a.AssumeRoleARN != "" && a.Provider != nil {
		problems.Add("assumeRoleArn", "is set together with a provider, which has its own credentials; remove one of them")
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

// externalID matches the external IDs that STS accepts.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
var externalID = regexp.MustCompile(`^[\w+=,.@:/-]{2,}$`)

const maxExternalID = 1224

func (a BucketArgs) validateAccount() replication.Problems {
	var problems replication.Problems
	switch {
	case a.ExternalID == "":
	case a.AssumeRoleARN == "":
		problems.Add("externalId", "is set without assumeRoleArn; set both")
	case !externalID.MatchString(a.ExternalID) || len(a.ExternalID) > maxExternalID:
		problems.AddSee(awsdocs.ExternalID, "externalId", "%q is not an external ID, which has 2 to 1224 letters, digits and _+=,.@:/-", a.ExternalID)
	}
	if a.AccountID == "" {
		return problems
	}
	if err := awsid.CheckAccountID(a.AccountID); err != nil {
		problems.Add("accountId", "%s", err)
	} else if account := awsid.AccountOf(a.AssumeRoleARN); account != "" && account != a.AccountID {
		problems.Add("accountId", "is %s, but assumeRoleArn is a role of account %s; they must be the same account", a.AccountID, account)
	}
	return problems
}

func (a LifecycleArgs) isSet() bool {
	return a.NoncurrentDays != 0 || len(a.Transitions) > 0 || len(a.NoncurrentTransitions) > 0
}

func (a LifecycleArgs) validate() replication.Problems {
	var problems replication.Problems
	if days := a.NoncurrentDays; days < 0 {
		problems.Add("noncurrentDays", "%d is not a number of days; use 1 or more, or omit it to keep all versions", days)
	}
	problems = append(problems, validateTransitions("transitions", a.Transitions)...)
	problems = append(problems, validateTransitions("noncurrentTransitions", a.NoncurrentTransitions)...)
	for i, transition := range a.NoncurrentTransitions {
		if a.NoncurrentDays > 0 && transition.Days >= a.NoncurrentDays {
			problems.AddSee(awsdocs.LifecycleTransitions, fmt.Sprintf("noncurrentTransitions[%d].days", i), "%d is not before noncurrentDays (%d), when the versions are deleted", transition.Days, a.NoncurrentDays)
		}
	}
	return problems
}

// minimumIADays is the minimum number of days in STANDARD_IA or ONEZONE_IA before a
// further transition, and in STANDARD before a transition to these classes.
const minimumIADays = 30

// waterfall is the order in which S3 moves objects through the classes.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
var waterfall = []replication.StorageClass{"STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"}

// validateTransitions checks each transition and their order, as S3 would.
func validateTransitions(field string, transitions []TransitionArgs) replication.Problems {
	var problems replication.Problems
	for i, transition := range transitions {
		path := fmt.Sprintf("%s[%d]", field, i)
		if transition.Days < 0 {
			problems.Add(path+".days", "%d is not a number of days", transition.Days)
		}
		if !transition.StorageClass.Valid() || transition.StorageClass == "STANDARD" {
			problems.Add(path+".storageClass", "%q is not a storage class for transitions", transition.StorageClass)
		}
		if days := transition.Days; days < minimumIADays && isIA(transition.StorageClass) {
			problems.AddSee(awsdocs.LifecycleTransitions, path+".days", "%d is too early for %s; S3 moves objects there after %d days at the earliest", days, transition.StorageClass, minimumIADays)
		}
		for _, other := range transitions {
			problems = append(problems, validateOrder(path, other, transition)...)
		}
		if slices.ContainsFunc(transitions[:i], func(t TransitionArgs) bool { return t.StorageClass == transition.StorageClass }) {
			problems.AddSee(awsdocs.LifecycleTransitions, path+".storageClass", "%s is listed twice", transition.StorageClass)
		}
	}
	return problems
}

func isIA(class replication.StorageClass) bool { return strings.HasSuffix(string(class), "_IA") }

// validateOrder checks a transition against one to an earlier class in the waterfall.
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
		problems.AddSee(awsdocs.LifecycleTransitions, path+".days", "%d is too early for %s, because objects move to %s after %d; use %d or more: %s",
			after.Days, after.StorageClass, before.StorageClass, before.Days, earliest, why)
	}
	return problems
}

// CheckDeletionWindow returns an error if KMS would reject a deletion window of that
// many days. Zero stands for the default.
func CheckDeletionWindow(days int) error {
	if days != 0 && (days < minDeletionWindow || days > maxDeletionWindow) {
		return fmt.Errorf("%d is out of range; KMS accepts %d to %d days", days, minDeletionWindow, maxDeletionWindow)
	}
	return nil
}

// CheckTags reports tags that AWS would reject. The error is a [replication.Problems]
// with the keys as paths.
func CheckTags(tags map[string]string) error {
	return validateTags(tags).Err()
}

func validateTags(tags map[string]string) replication.Problems {
	var problems replication.Problems
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		switch {
		case key == "" || len([]rune(key)) > 128:
			problems.AddSee(awsdocs.TaggingPractices, key, "the key of a tag has 1 to 128 characters")
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			problems.AddSee(awsdocs.TaggingPractices, key, "the prefix aws: is reserved by AWS")
		case len([]rune(tags[key])) > 256:
			problems.AddSee(awsdocs.TaggingPractices, key, "the value of a tag has at most 256 characters")
		}
	}
	return problems
}

// Topology returns the model of the arguments.
func (a *ReplicatedBucketArgs) Topology() replication.Topology {
	topology := replication.Topology{Direction: a.Direction, Source: a.Source.topologyBucket(replication.SourceName), Rules: a.Rules}
	for _, destination := range a.Destinations {
		bucket := destination.Bucket.topologyBucket(destination.Name)
		bucket.StorageClass = destination.StorageClass
		topology.Destinations = append(topology.Destinations, bucket)
	}
	return topology
}

func (a BucketArgs) topologyBucket(name string) replication.BucketSpec {
	return replication.BucketSpec{
		Name: name, Region: a.Region, Bucket: a.Bucket, KMSKeyARN: known(a.KMSKeyARN),
		AssumeRoleARN: a.AssumeRoleARN, ObjectLock: a.ObjectLock,
	}
}

// regions returns the regions of all buckets in order, without duplicates.
func (a *ReplicatedBucketArgs) regions() []string {
	regions := []string{a.Source.Region}
	for _, destination := range a.Destinations {
		if !slices.Contains(regions, destination.Bucket.Region) {
			regions = append(regions, destination.Bucket.Region)
		}
	}
	return regions
}

// known returns the value of a plain text input, and "" for an output.
func known(input pulumi.StringInput) string {
	text, _ := input.(pulumi.String)
	return string(text)
}
