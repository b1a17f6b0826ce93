package stacks

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Namespace of the keys in a stack's configuration: crr:replications.
const Namespace = "crr"

// Config is the configuration of a stack, below its namespace.
type Config struct {
	// Tags of all resources.
	Tags map[string]string `config:"tags"`
	// Protect protects and retains the buckets and keys.
	Protect bool `config:"protect"`
	// ForceDestroy deletes all objects when a bucket is destroyed.
	ForceDestroy bool `config:"forceDestroy"`
	// AbandonBuckets are deployed buckets that an update may replace, delete or stop
	// managing.
	AbandonBuckets []string `config:"abandonBuckets"`
	// IAMSettleSeconds that rules wait for new roles and policies.
	IAMSettleSeconds *int `config:"iamSettleSeconds"`
	// DeletionWindowInDays of the keys.
	DeletionWindowInDays int `config:"deletionWindowInDays"`
	// Dashboard of all replications of the stack.
	Dashboard bool `config:"dashboard"`
	// Audit has the settings of the trails and records of all replications.
	Audit AuditSettings `config:"audit"`
	// AccountID of the deployment's own credentials.
	AccountID string `config:"accountId"`
	// AllowUnknownRegions accepts regions that this version does not know.
	AllowUnknownRegions bool `config:"allowUnknownRegions"`
	// Replications of the stack. At least one.
	Replications []Replication `config:"replications"`

	// secrets are the paths of the secrets in a stack file.
	secrets []string
}

// Replication is one replicated bucket.
type Replication struct {
	Name         string        `config:"name"`
	FormerNames  []string      `config:"formerNames"`
	Direction    string        `config:"direction"`
	Source       BucketConfig  `config:"source"`
	Destinations []Destination `config:"destinations"`
	Rules        []Rule        `config:"rules"`
	Role         Role          `config:"role"`
	Monitoring   Monitoring    `config:"monitoring"`
	Audit        Audit         `config:"audit"`
	Canary       Canary        `config:"canary"`
}

// BucketConfig is a bucket in a region.
type BucketConfig struct {
	Region       string `config:"region"`
	Bucket       string `config:"bucket"`
	AccountID    string `config:"accountId"`
	Existing     bool   `config:"existing"`
	ReplaceRules bool   `config:"replaceRules"`
	KMSKeyARN    string `config:"kmsKeyArn"`
	// DecryptKeyARNs are further keys that objects are encrypted with.
	DecryptKeyARNs []string    `config:"decryptKeyArns"`
	AssumeRoleARN  string      `config:"assumeRoleArn"`
	ExternalID     string      `config:"externalId"`
	ObjectLock     *ObjectLock `config:"objectLock"`
	Acceleration   bool        `config:"acceleration"`
	Guard          *Guard      `config:"guard"`
	// AllowKeyChanges in place.
	AllowKeyChanges bool `config:"allowKeyChanges"`
	// Statements of the bucket policy, in the IAM policy language; without a Resource
	// they apply to the bucket and its objects.
	Statements []map[string]any `config:"statements"`
	// KeyStatements of the policy of the created key; they have no Resource.
	KeyStatements []map[string]any `config:"keyStatements"`
	Lifecycle     Lifecycle        `config:"lifecycle"`
	// IntelligentTiering of the objects in that storage class.
	IntelligentTiering   IntelligentTiering `config:"intelligentTiering"`
	Notifications        []Notification     `config:"notifications"`
	ReplaceNotifications bool               `config:"replaceNotifications"`
	// PermissionsBoundary of the roles created in the bucket's account.
	PermissionsBoundary string `config:"permissionsBoundary"`
	// EventBridge sends the bucket's events to Amazon EventBridge too.
	EventBridge *bool `config:"eventBridge"`
}

// Destination is a bucket for replicas.
type Destination struct {
	BucketConfig `config:",squash"`
	Name         string   `config:"name"`
	FormerNames  []string `config:"formerNames"`
	StorageClass string   `config:"storageClass"`
}

// ObjectLock is the default retention of a bucket.
type ObjectLock struct {
	Mode string `config:"mode"`
	Days int    `config:"days"`
}

// Guard denies actions that undo replication to all but the deployers.
type Guard struct {
	Except []string `config:"except"`
}

// Lifecycle of the objects of a bucket.
type Lifecycle struct {
	NoncurrentDays        int          `config:"noncurrentDays"`
	Transitions           []Transition `config:"transitions"`
	NoncurrentTransitions []Transition `config:"noncurrentTransitions"`
}

// Transition to a colder storage class.
type Transition struct {
	Days         int    `config:"days"`
	StorageClass string `config:"storageClass"`
}

// IntelligentTiering archives objects that are not accessed.
type IntelligentTiering struct {
	ArchiveDays     int `config:"archiveDays"`
	DeepArchiveDays int `config:"deepArchiveDays"`
}

// Rule selects objects and configures their replication.
type Rule struct {
	ID                     string            `config:"id"`
	Preset                 string            `config:"preset"`
	ClassTag               string            `config:"classTag"`
	Destinations           []string          `config:"destinations"`
	Prefix                 string            `config:"prefix"`
	Prefixes               []string          `config:"prefixes"`
	Tags                   map[string]string `config:"tags"`
	Enabled                *bool             `config:"enabled"`
	DeleteMarkers          *bool             `config:"deleteMarkers"`
	ReplicationTimeControl *bool             `config:"replicationTimeControl"`
	Metrics                *bool             `config:"metrics"`
	StorageClass           string            `config:"storageClass"`
	Monitoring             Thresholds        `config:"monitoring"`
}

// Role configures the role that S3 assumes.
type Role struct {
	ARN                 string `config:"arn"`
	Name                string `config:"name"`
	Path                string `config:"path"`
	PermissionsBoundary string `config:"permissionsBoundary"`
	TrustSourceBucket   bool   `config:"trustSourceBucket"`
	TrustAnyAccount     bool   `config:"trustAnyAccount"`
}

// args returns the arguments of the component, from the settings of the stack and the
// replication.
func (c Config) args(r Replication) *crr.ReplicatedBucketArgs {
	args := &crr.ReplicatedBucketArgs{
		Direction: replication.Direction(r.Direction),
		Source:    c.bucket(r.Source),
		Protect:   c.Protect,
		// The program shows the warnings of all replications together.
		NoWarnings:       true,
		FormerNames:      r.FormerNames,
		AbandonBuckets:   c.AbandonBuckets,
		IAMSettleSeconds: c.IAMSettleSeconds,
		Tags:             c.Tags,
		Role: crr.RoleArgs{
			ARN:                 optional(r.Role.ARN),
			Name:                r.Role.Name,
			Path:                r.Role.Path,
			PermissionsBoundary: optional(r.Role.PermissionsBoundary),
			TrustSourceBucket:   r.Role.TrustSourceBucket,
			TrustAnyAccount:     r.Role.TrustAnyAccount,
		},
		Monitoring: r.Monitoring.args(),
		Canary:     r.Canary.options(),
	}
	for _, destination := range r.Destinations {
		args.Destinations = append(args.Destinations, crr.DestinationArgs{
			Name:         destination.Name,
			FormerNames:  destination.FormerNames,
			Bucket:       c.bucket(destination.BucketConfig),
			StorageClass: replication.StorageClass(destination.StorageClass),
		})
	}
	for _, rule := range r.Rules {
		args.Rules = append(args.Rules, rule.spec())
	}
	return args
}

// bucket returns the arguments of a bucket. Statements that can't be read are omitted:
// Validate reports them.
func (c Config) bucket(bucket BucketConfig) crr.BucketArgs {
	statements, keyStatements, _ := bucket.statements()
	return crr.BucketArgs{
		Guard:                bucket.Guard.args(),
		AllowKeyChanges:      bucket.AllowKeyChanges,
		Statements:           statements,
		KeyStatements:        keyStatements,
		Region:               bucket.Region,
		Bucket:               bucket.Bucket,
		Existing:             bucket.Existing,
		ReplaceRules:         bucket.ReplaceRules,
		KMSKeyARN:            optional(bucket.KMSKeyARN),
		DecryptKeyARNs:       inputs(bucket.DecryptKeyARNs),
		DeletionWindowInDays: c.DeletionWindowInDays,
		ForceDestroy:         c.ForceDestroy,
		Lifecycle:            bucket.Lifecycle.args(),
		IntelligentTiering:   crr.IntelligentTieringArgs(bucket.IntelligentTiering),
		ObjectLock:           bucket.ObjectLock.args(),
		Acceleration:         bucket.Acceleration,
		AssumeRoleARN:        bucket.AssumeRoleARN,
		ExternalID:           bucket.ExternalID,
		AccountID:            c.accountOf(bucket),
		AllowUnknownRegion:   c.AllowUnknownRegions,
		Notifications:        notifications(bucket.Notifications),
		ReplaceNotifications: bucket.ReplaceNotifications,
		PermissionsBoundary:  optional(bucket.PermissionsBoundary),
		EventBridge:          bucket.EventBridge,
	}
}

// accountOf returns the account that a bucket must be in: the stack's account if the
// deployment's own credentials manage it.
func (c Config) accountOf(bucket BucketConfig) string {
	if bucket.AssumeRoleARN == "" && (!bucket.Existing || bucket.ReplaceRules) {
		return cmp.Or(bucket.AccountID, c.AccountID)
	}
	return bucket.AccountID
}

func (l Lifecycle) args() crr.LifecycleArgs {
	return crr.LifecycleArgs{
		NoncurrentDays: l.NoncurrentDays, Transitions: transitions(l.Transitions), NoncurrentTransitions: transitions(l.NoncurrentTransitions),
	}
}

func transitions(configured []Transition) []crr.TransitionArgs {
	var args []crr.TransitionArgs
	for _, transition := range configured {
		args = append(args, crr.TransitionArgs{Days: transition.Days, StorageClass: replication.StorageClass(transition.StorageClass)})
	}
	return args
}

func (g *Guard) args() *crr.GuardArgs {
	if g == nil {
		return nil
	}
	return &crr.GuardArgs{Except: g.Except}
}

// statements reads the statements of the bucket policy and the key policy.
func (p BucketConfig) statements() (ofBucket, ofKey []policy.Statement, problems replication.Problems) {
	ofBucket, problems = readStatements("statements", p.Statements)
	ofKey, ofKeyProblems := readStatements("keyStatements", p.KeyStatements)
	return ofBucket, ofKey, append(problems, ofKeyProblems...)
}

func readStatements(field string, all []map[string]any) ([]policy.Statement, replication.Problems) {
	var statements []policy.Statement
	var problems replication.Problems
	for i, raw := range all {
		var statement policy.Statement
		data, err := json.Marshal(raw)
		if err == nil {
			err = json.Unmarshal(data, &statement)
		}
		if err != nil {
			problems.Add(fmt.Sprintf("%s[%d]", field, i), "%s", err)
			continue
		}
		statements = append(statements, statement)
	}
	return statements, problems
}

func (l *ObjectLock) args() *replication.ObjectLock {
	if l == nil {
		return nil
	}
	return &replication.ObjectLock{Mode: replication.ObjectLockMode(l.Mode), Days: l.Days}
}

func (r Rule) spec() crr.RuleArgs {
	return crr.RuleArgs{
		ID:                     r.ID,
		Preset:                 replication.Preset(r.Preset),
		ClassTag:               r.ClassTag,
		Destinations:           r.Destinations,
		Prefix:                 r.Prefix,
		Prefixes:               r.Prefixes,
		Tags:                   r.Tags,
		Enabled:                r.Enabled,
		DeleteMarkers:          r.DeleteMarkers,
		ReplicationTimeControl: r.ReplicationTimeControl,
		Metrics:                r.Metrics,
		StorageClass:           replication.StorageClass(r.StorageClass),
		Thresholds:             replication.Thresholds(r.Monitoring),
	}
}

// optional returns nil for an empty text.
func optional(text string) pulumi.StringInput {
	if text == "" {
		return nil
	}
	return pulumi.String(text)
}

// Validate checks the configuration. The error is a [replication.Problems].
func (c Config) Validate() error {
	var problems replication.Problems
	if err := crr.CheckDeletionWindow(c.DeletionWindowInDays); err != nil {
		problems.Add("deletionWindowInDays", "%s", err)
		c.DeletionWindowInDays = 0
	}
	if err := crr.CheckTags(c.Tags); err != nil {
		problems = append(problems, problemsOf(err).Under("tags")...)
		c.Tags = nil
	}
	if c.AccountID != "" {
		if err := awsid.CheckAccountID(c.AccountID); err != nil {
			problems.Add("accountId", "%s", err)
			c.AccountID = ""
		}
	}
	if err := replication.CheckRegion(c.Audit.Region); err != nil && !c.AllowUnknownRegions {
		problems.Add("audit.region", "%s", err)
	}
	if len(c.Replications) == 0 {
		problems.Add("replications", "is empty; describe at least one replicated bucket")
	}
	names, buckets := map[string]string{}, bucketUses{}
	for i, r := range c.Replications {
		path := fmt.Sprintf("replications[%d]", i)
		problems = append(problems, r.validate(names, path)...)
		if replication.CheckName(r.Name) == nil {
			problems = append(problems, problemsOf(c.args(r).CheckNames(r.Name)).Under(path)...)
		}
		problems = append(problems, problemsOf(c.args(r).Validate()).Under(path)...)
		problems = append(problems, problemsOf(r.Audit.options().Check(c.args(r))).Under(path+".audit")...)
		problems = append(problems, r.Canary.validate().Under(path+".canary")...)
		problems = append(problems, buckets.add(r, path)...)
	}
	problems = append(problems, c.validateFormerNames(names)...)
	problems = append(problems, c.validateAudit().Under("audit")...)
	if len(problems) == 0 {
		problems = c.validateDashboard()
	}
	return problems.Err()
}

// validateFormerNames rejects a former name that is the current name of another
// replication.
func (c Config) validateFormerNames(names map[string]string) replication.Problems {
	var problems replication.Problems
	for i, r := range c.Replications {
		for j, former := range r.FormerNames {
			if path, taken := names[former]; taken {
				problems.Add(fmt.Sprintf("replications[%d].formerNames[%d]", i, j), "%q is the name of %s", former, path)
			}
		}
	}
	return problems
}

func (r Replication) validate(names map[string]string, path string) replication.Problems {
	var problems replication.Problems
	if err := replication.CheckName(r.Name); err != nil {
		problems.Add(path+".name", "%s", err)
	} else if first, taken := names[r.Name]; taken {
		problems.Add(path+".name", "%q is the name of %s already", r.Name, first)
	} else {
		names[r.Name] = path
	}
	_, _, unreadable := r.Source.statements()
	problems = append(problems, unreadable.Under(path+".source")...)
	for i, destination := range r.Destinations {
		_, _, unreadable := destination.statements()
		problems = append(problems, unreadable.Under(fmt.Sprintf("%s.destinations[%d]", path, i))...)
	}
	return problems
}

func problemsOf(err error) replication.Problems {
	problems, _ := err.(replication.Problems) //nolint:errorlint // Validate returns the list itself.
	return problems
}
