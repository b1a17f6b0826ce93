package plan

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ValidateIAMSettle reports a wait for IAM that is too long.
func ValidateIAMSettle(seconds *int) replication.Problems {
	var problems replication.Problems
	if seconds != nil && (*seconds < 0 || *seconds > maxIAMSettleSeconds) {
		problems.Add("iamSettleSeconds", "%d is not between 0 and %d", *seconds, maxIAMSettleSeconds)
	}
	return problems
}

const (
	maxIAMSettleSeconds = 300
	minDeletionWindow   = 7
	maxDeletionWindow   = 30
)

// Validate checks the arguments as far as possible before deployment. The error is a
// [replication.Problems] with the paths of the stack configuration.
func (a *ReplicatedBucket) Validate() error {
	if a == nil {
		return replication.Problems{{Path: "args", Message: "are missing; a replicated bucket needs a source and a destination"}}
	}
	problems := a.Topology().Validate()
	problems = append(problems, a.Source.Validate().Under("source")...)
	for i, destination := range a.Destinations {
		problems = append(problems, destination.Bucket.Validate().Under(fmt.Sprintf("destinations[%d]", i))...)
	}
	problems = append(problems, a.validateFormerNames()...)
	problems = append(problems, a.validateAdopted()...)
	if len(a.Topology().Validate()) == 0 {
		problems = append(problems, a.validateKeys()...)
	}
	problems = append(problems, a.validateRole().Under("role")...)
	problems = append(problems, a.validateLimits()...)
	problems = append(problems, ValidateIAMSettle(a.IAMSettleSeconds)...)
	problems = append(problems, a.Monitoring.validate(a.regions()).Under("monitoring")...)
	problems = append(problems, a.validateMetricsAccount().Under("monitoring.account")...)
	problems = append(problems, a.validateNotifications()...)
	if a.Canary != nil {
		problems = append(problems, a.Canary.Validate().Under("canary")...)
	}
	problems = append(problems, ValidateTags(a.Tags).Under("tags")...)
	if len(problems) == 0 {
		problems = slices.Concat(a.prove(), a.validateDashboard(), a.validateCanary())
	}
	return problems.Err()
}

// validateFormerNames rejects former names that are current names of other
// destinations: the engine could not distinguish renamed from new ones.
func (a *ReplicatedBucket) validateFormerNames() replication.Problems {
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
func (a *ReplicatedBucket) validateAdopted() replication.Problems {
	var problems replication.Problems
	check := func(path string, bucket Bucket, replicates bool) {
		if bucket.Existing && replicates && !bucket.ReplaceRules {
			name := bucket.NameOr("<bucket>")
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
func (a *ReplicatedBucket) validateRole() replication.Problems {
	role := a.Role
	if role.ARN == "" {
		return a.validateTrust()
	}
	var problems replication.Problems
	if arn := known(role.ARN); arn != "" {
		if err := awsid.CheckRoleARN(arn); err != nil {
			problems.Add("arn", "%s", err)
		}
	}
	limited := a.Canary == nil && (role.Path != "" || role.PermissionsBoundary != "")
	if role.Name != "" || limited || role.Trust() != model.TrustAccount {
		problems.Add("arn", "is an existing role, which is not changed; remove the other settings of the role")
	}
	if a.Direction == replication.TwoWay {
		problems.Add("arn", "is a single role, but each direction needs its own; remove it")
	}
	return problems
}

// validateTrust rejects a trust policy with a bucket whose name is generated.
func (a *ReplicatedBucket) validateTrust() replication.Problems {
	var problems replication.Problems
	if a.Role.TrustAnyAccount && a.Role.TrustSourceBucket {
		problems.Add("trustSourceBucket", "and trustAnyAccount exclude each other; remove one of them")
	}
	if !a.Role.TrustSourceBucket {
		return problems
	}
	rules := a.Topology().ReplicationRules()
	for _, bucket := range a.namedBuckets() {
		if bucket.args.Bucket == "" && len(RulesFrom(rules, bucket.name)) > 0 {
			problems.Add("trustSourceBucket", "needs the name of the bucket %s for the role's trust policy; set %s.bucket", bucket.name, a.PathOf(bucket.name))
		}
	}
	return problems
}

// validateExisting rejects settings that would change an existing bucket.
func (a Bucket) validateExisting() replication.Problems {
	var problems replication.Problems
	if a.Bucket == "" && a.BucketName == "" {
		problems.Add("bucket", "is missing; set the name of the existing bucket")
	}
	if a.Bucket != "" && a.BucketName != "" && !a.Made {
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
		{"intelligentTiering", a.IntelligentTiering != IntelligentTiering{}},
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
func (a Bucket) validateNotExisting() replication.Problems {
	var problems replication.Problems
	if a.BucketName != "" {
		problems.Add("bucketName", "is for an existing bucket; set the name of a new bucket as bucket, or set existing: true")
	}
	return problems
}

// NameOr returns the bucket's name, or another text if it is not known yet.
func (a Bucket) NameOr(text string) string { return cmp.Or(a.Bucket, known(a.BucketName), text) }

// Keyless reports whether the bucket encrypts with SSE-S3.
func (a Bucket) Keyless() bool { return a.Existing && a.KMSKeyARN == "" }

// validateKeys checks the further keys of a bucket, and that replicas of objects
// encrypted with KMS get a key: S3 requires one.
func (a *ReplicatedBucket) validateKeys() replication.Problems {
	var problems replication.Problems
	rules := a.Topology().ReplicationRules()
	for _, bucket := range a.namedBuckets() {
		path := a.PathOf(bucket.name)
		targets := Linked(rules, bucket.name, replication.Rule.From, DestinationOf)
		problems = append(problems, bucket.args.validateDecryptKeys(len(targets) > 0).Under(path)...)
		if bucket.args.Keyless() && len(bucket.args.DecryptKeyARNs) == 0 {
			continue
		}
		for _, target := range a.namedBuckets() {
			if slices.Contains(targets, target.name) && target.args.Keyless() {
				problems.AddSee(awsdocs.ReplicationKMS, a.PathOf(target.name)+".kmsKeyArn", "is missing: objects of %s are encrypted with KMS, and S3 replicates them only with a key "+
					"for their replicas. Set a customer managed key of %s; the bucket's default encryption may stay SSE-S3", path, target.args.Region)
			}
		}
	}
	return problems
}

func (a Bucket) validateDecryptKeys(replicates bool) replication.Problems {
	var problems replication.Problems
	if len(a.DecryptKeyARNs) > 0 && !replicates {
		problems.Add("decryptKeyArns", "is only for a replicating bucket: replicas are encrypted with kmsKeyArn, and nothing is decrypted here")
	}
	for i, input := range a.DecryptKeyARNs {
		path := fmt.Sprintf("decryptKeyArns[%d]", i)
		arn := known(input)
		if input == "" {
			problems.Add(path, "%s", isEmpty)
		}
		if arn == "" {
			continue
		}
		if err := awsid.CheckKMSKeyARN(arn, a.Region); err != nil {
			problems.AddSee(awsdocs.ReplicationKMS, path, "%s", err)
		}
		if arn == known(a.KMSKeyARN) {
			problems.Add(path, "%q is the kmsKeyArn of the bucket, which the role may decrypt with anyway; remove it here", arn)
		}
		if first := slices.IndexFunc(a.DecryptKeyARNs, func(other Text) bool { return known(other) == arn }); first < i {
			problems.Add(path, "%q is decryptKeyArns[%d] already", arn, first)
		}
	}
	return problems
}

// Validate reports settings that no bucket can have.
func (a Bucket) Validate() replication.Problems {
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
	if a.AssumeRoleARN != "" && a.OwnProvider {
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

func (a Bucket) validateAccount() replication.Problems {
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

// CheckDeletionWindow returns an error if KMS would reject a deletion window of that
// many days. Zero stands for the default.
func CheckDeletionWindow(days int) error {
	if days != 0 && (days < minDeletionWindow || days > maxDeletionWindow) {
		return fmt.Errorf("%d is out of range; KMS accepts %d to %d days", days, minDeletionWindow, maxDeletionWindow)
	}
	return nil
}

// ValidateTags reports tags that AWS would reject, with the keys as paths.
func ValidateTags(tags map[string]string) replication.Problems {
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
func (a *ReplicatedBucket) Topology() replication.Topology {
	topology := replication.Topology{Direction: a.Direction, Source: a.Source.Spec(replication.SourceName), Rules: a.Rules}
	for _, destination := range a.Destinations {
		bucket := destination.Bucket.Spec(destination.Name)
		bucket.StorageClass = destination.StorageClass
		topology.Destinations = append(topology.Destinations, bucket)
	}
	return topology
}

// Spec returns the bucket in a topology.
func (a Bucket) Spec(name string) replication.BucketSpec {
	return replication.BucketSpec{
		Name: name, Region: a.Region, Bucket: a.Bucket, KMSKeyARN: known(a.KMSKeyARN),
		AssumeRoleARN: a.AssumeRoleARN, ObjectLock: a.ObjectLock,
	}
}

// regions returns the regions of all buckets in order, without duplicates.
func (a *ReplicatedBucket) regions() []string {
	regions := []string{a.Source.Region}
	for _, destination := range a.Destinations {
		if !slices.Contains(regions, destination.Bucket.Region) {
			regions = append(regions, destination.Bucket.Region)
		}
	}
	return regions
}
