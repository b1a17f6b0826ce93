// Package plan says what a replicated bucket will be before it is deployed: its
// configuration as plain values, the problems in it, its names, policies and alarms,
// and the descriptor that the deployment will have.
//
// It is pure: no Pulumi, no AWS SDK, no network. The components of pkg/crr and the
// offline commands read it.
package plan

import (
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Text is a text that may be known only after the deployment. Empty: it is not set.
type Text string

// Unknown is a text that is known only after the deployment.
const Unknown Text = "\x00unknown"

// isEmpty is the problem of a text in a list or map that has none.
const isEmpty = "is empty; set it, or leave it out"

// known returns a text that is known before the deployment, and otherwise "".
func known(text Text) string {
	if text == Unknown {
		return ""
	}
	return string(text)
}

// ReplicatedBucket is the configuration of a replicated bucket. The fields are those of
// crr.ReplicatedBucketArgs, which describes them.
type ReplicatedBucket struct {
	FormerNames  []string               `pulumi:"formerNames"`
	Direction    replication.Direction  `pulumi:"direction"`
	Source       Bucket                 `pulumi:"source"`
	Destinations []Destination          `pulumi:"destinations"`
	Rules        []replication.RuleSpec `pulumi:"rules"`
	Role         Role                   `pulumi:"role"`
	Monitoring   Monitoring             `pulumi:"monitoring"`
	Canary       *Canary                `pulumi:"canary"`

	Protect          bool              `pulumi:"-"`
	AbandonBuckets   []string          `pulumi:"-"`
	IAMSettleSeconds *int              `pulumi:"-"`
	Tags             map[string]string `pulumi:"-"`
}

// Bucket is a bucket and its key, in one region.
type Bucket struct {
	Region               string                  `pulumi:"region"`
	Bucket               string                  `pulumi:"bucket"`
	AccountID            string                  `pulumi:"accountId"`
	Existing             bool                    `pulumi:"existing"`
	ReplaceRules         bool                    `pulumi:"replaceRules"`
	KMSKeyARN            Text                    `pulumi:"kmsKeyArn"`
	DecryptKeyARNs       []Text                  `pulumi:"decryptKeyArns"`
	AssumeRoleARN        string                  `pulumi:"assumeRoleArn"`
	ExternalID           string                  `pulumi:"externalId"`
	ObjectLock           *replication.ObjectLock `pulumi:"objectLock"`
	Acceleration         bool                    `pulumi:"acceleration"`
	Guard                *Guard                  `pulumi:"guard"`
	AllowKeyChanges      bool                    `pulumi:"allowKeyChanges"`
	Statements           []policy.Statement      `pulumi:"statements"`
	KeyStatements        []policy.Statement      `pulumi:"keyStatements"`
	Lifecycle            Lifecycle               `pulumi:"lifecycle"`
	IntelligentTiering   IntelligentTiering      `pulumi:"intelligentTiering"`
	Notifications        []Notification          `pulumi:"notifications"`
	ReplaceNotifications bool                    `pulumi:"replaceNotifications"`
	PermissionsBoundary  Text                    `pulumi:"permissionsBoundary"`
	EventBridge          *bool                   `pulumi:"eventBridge"`

	AllowUnknownRegion   bool `pulumi:"-"`
	DeletionWindowInDays int  `pulumi:"-"`
	ForceDestroy         bool `pulumi:"-"`
	// BucketName is the name of an existing bucket that another resource of the program
	// makes, and Made says that this is settled.
	BucketName Text `pulumi:"-"`
	Made       bool `pulumi:"-"`
	// OwnProvider says that the bucket has a provider of its own.
	OwnProvider bool `pulumi:"-"`
}

// Destination is a bucket for replicas.
type Destination struct {
	Name         string                   `pulumi:"name"`
	FormerNames  []string                 `pulumi:"formerNames"`
	Bucket       Bucket                   `pulumi:",squash"`
	StorageClass replication.StorageClass `pulumi:"storageClass"`
}

// Guard denies actions that undo replication to all but the deployers.
type Guard struct {
	Except []string `pulumi:"except"`
}

// Lifecycle is the lifecycle of the objects of a bucket.
type Lifecycle struct {
	NoncurrentDays        int          `pulumi:"noncurrentDays"`
	Transitions           []Transition `pulumi:"transitions"`
	NoncurrentTransitions []Transition `pulumi:"noncurrentTransitions"`
}

// Transition moves objects to a colder storage class.
type Transition struct {
	Days         int                      `pulumi:"days"`
	StorageClass replication.StorageClass `pulumi:"storageClass"`
}

// IntelligentTiering archives objects that are not accessed.
type IntelligentTiering struct {
	ArchiveDays     int `pulumi:"archiveDays"`
	DeepArchiveDays int `pulumi:"deepArchiveDays"`
}

// Role configures the role that S3 assumes.
type Role struct {
	ARN                 Text   `pulumi:"arn"`
	Name                string `pulumi:"name"`
	Path                string `pulumi:"path"`
	PermissionsBoundary Text   `pulumi:"permissionsBoundary"`
	TrustSourceBucket   bool   `pulumi:"trustSourceBucket"`
	TrustAnyAccount     bool   `pulumi:"trustAnyAccount"`
}

// Monitoring configures alarms, notifications and events.
type Monitoring struct {
	LatencySeconds    int                    `pulumi:"latencySeconds"`
	PendingOperations int                    `pulumi:"pendingOperations"`
	PendingBytes      int                    `pulumi:"pendingBytes"`
	Composite         *bool                  `pulumi:"composite"`
	Account           string                 `pulumi:"account"`
	RunbookURL        string                 `pulumi:"runbookUrl"`
	Emails            []string               `pulumi:"emails"`
	QueueARNs         []Text                 `pulumi:"queueArns"`
	FunctionARNs      []Text                 `pulumi:"functionArns"`
	Webhooks          []Text                 `pulumi:"webhooks"`
	TopicARNs         map[string]Text        `pulumi:"topicArns"`
	Events            map[string]EventTarget `pulumi:"events"`
	FailureQueue      bool                   `pulumi:"failureQueue"`
	Dashboard         bool                   `pulumi:"dashboard"`
}

// The accounts that Monitoring.Account names: the source's and the destination's.
const (
	SourceAccount      = "source"
	DestinationAccount = "destination"
)

// Target is the target of S3 notifications.
type Target struct {
	TopicARN    Text `pulumi:"topicArn"`
	QueueARN    Text `pulumi:"queueArn"`
	FunctionARN Text `pulumi:"functionArn"`
}

// EventTarget is the target of replication events.
type EventTarget struct {
	Target     `pulumi:",squash"`
	AlarmTopic bool `pulumi:"alarmTopic"`
}

// Notification selects events of a bucket's objects and their target.
type Notification struct {
	Target `pulumi:",squash"`
	Events []string `pulumi:"events"`
	Prefix string   `pulumi:"prefix"`
	Suffix string   `pulumi:"suffix"`
}

// Canary configures the schedule, the alarm and the function of a canary.
type Canary struct {
	Enabled      bool   `pulumi:"enabled"`
	EveryMinutes int    `pulumi:"everyMinutes"`
	AgeSeconds   int    `pulumi:"ageSeconds"`
	Architecture string `pulumi:"architecture"`
	// CodeFile is a zip file with the function, instead of building it.
	CodeFile string `pulumi:"code"`
}

// Audit selects the records to keep about a replicated bucket.
type Audit struct {
	// Trail makes a trail record every call on the objects.
	Trail      bool   `pulumi:"enabled"`
	AccessLogs bool   `pulumi:"accessLogs"`
	Inventory  string `pulumi:"inventory"`
}

// AuditSettings are the settings of trails and records: there is one trail for each
// account, regardless of the number of replicated buckets.
type AuditSettings struct {
	Region string            `pulumi:"region"`
	Trail  Trail             `pulumi:",squash"`
	Logs   Logs              `pulumi:",squash"`
	Tags   map[string]string `pulumi:"-"`
}

// Trail has the options of a trail.
type Trail struct {
	Name                 string                  `pulumi:"name"`
	ManagementEvents     *bool                   `pulumi:"managementEvents"`
	ObjectLock           *replication.ObjectLock `pulumi:"objectLock"`
	CloudWatchLogs       *CloudWatchLogs         `pulumi:"cloudWatchLogs"`
	Readers              []string                `pulumi:"readers"`
	RolePath             string                  `pulumi:"path"`
	PermissionsBoundary  Text                    `pulumi:"permissionsBoundary"`
	DeletionWindowInDays int                     `pulumi:"-"`
}

// CloudWatchLogs configures the log group of a trail.
type CloudWatchLogs struct {
	RetentionDays int `pulumi:"retentionDays"`
}

// Logs configures the retention and deletion of logs.
type Logs struct {
	RetentionDays int  `pulumi:"retentionDays"`
	ForceDestroy  bool `pulumi:"-"`
	Protect       bool `pulumi:"-"`
}

// namedBucket is the source or a destination.
type namedBucket struct {
	name string
	args Bucket
}

// namedBuckets returns the source and the destinations, in this order.
func (a *ReplicatedBucket) namedBuckets() []namedBucket {
	described := []namedBucket{{name: replication.SourceName, args: a.Source}}
	for _, destination := range a.Destinations {
		described = append(described, namedBucket{destination.Name, destination.Bucket})
	}
	return described
}
