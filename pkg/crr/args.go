package crr

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ReplicatedBucketArgs says what to replicate, where to, and how.
type ReplicatedBucketArgs struct {
	// Direction is one-way when left out. Two-way replicates back as well, with
	// changes of replicas: clients may write to either side. Optional.
	Direction replication.Direction
	// Source is the bucket that clients write to. Required.
	Source BucketArgs
	// Destinations get the replicas. At least one. Required.
	Destinations []DestinationArgs
	// Rules, the earlier of higher priority. Optional; left out, everything is
	// replicated to every destination.
	Rules []RuleArgs
	// Role is the role that S3 assumes. Optional.
	Role RoleArgs
	// Monitoring of the replication. Optional; left out, there are alarms that
	// notify nobody.
	Monitoring MonitoringArgs
	// Canary measures replication end to end, with heartbeat objects. Optional;
	// none when left out. See [Canary] for what it does and costs.
	Canary *CanaryOptions
	// NoWarnings leaves out the warnings about what is legal in the arguments and
	// unwise, which previews and updates show. Optional.
	NoWarnings bool
	// Protect keeps the buckets and keys from being deleted or replaced, by
	// Pulumi's protect option. Optional. Without it they are retained when they
	// leave the program: keys always, and buckets unless ForceDestroy was deployed.
	Protect bool
	// FormerNames are names that this replicated bucket was deployed under. Its
	// buckets and keys are renamed in place. Optional.
	FormerNames []string
	// AbandonBuckets are names of deployed buckets that an update may replace,
	// delete or leave behind, which it is refused otherwise. Optional.
	AbandonBuckets []string
	// IAMSettleSeconds is how long the rules and the notifications wait for a role, a
	// policy or a permission that is new or changed to be known to all of AWS: 0 to 300.
	// Without it, the first objects may fail, and S3 does not retry them; or S3 refuses
	// the notifications. Optional; 15 when left out.
	IAMSettleSeconds *int
	// Tags of every resource that can have them. Optional.
	Tags map[string]string
}

// BucketArgs is a bucket and its key, in one region.
type BucketArgs struct {
	// Region of the bucket: "us-east-1". Required.
	Region string
	// AllowUnknownRegion takes a Region that this version does not know and that is
	// close to a known one, rather than a slip. Optional.
	AllowUnknownRegion bool
	// Bucket is the bucket's name. Optional; generated when left out, which
	// lets Pulumi replace the bucket.
	Bucket string
	// BucketName is the name of an existing bucket that another resource of the
	// program makes, instead of Bucket. Optional.
	BucketName pulumi.StringInput
	// AccountID is the account that the bucket is in: 12 digits. Where anything of
	// the bucket is changed, nothing is deployed with credentials of another
	// account. Optional; a bucket that was deployed before must still be in the same
	// account, and an existing one is in that of
	// its key when left out, and without a key that of the credentials.
	AccountID string
	// Existing adopts Bucket or BucketName as it is: nothing about it is changed
	// but, where it replicates, its rules. It must be versioned. Settings of the
	// bucket are refused. What its policy and its key's must grant is in the
	// policies of [ReplicatedBucket]. Before anything is made, the bucket and its
	// keys are looked at, as far as the credentials may. Optional.
	Existing bool
	// ReplaceRules lets the replication rules of an existing bucket be replaced.
	// S3 keeps one configuration for each bucket, so there is no adding to it.
	// Required for an existing bucket that replicates.
	ReplaceRules bool
	// KMSKeyARN is a customer managed key of the same region to encrypt with.
	// Its policy must let IAM decide. Optional; a key is made when left out, and an
	// existing bucket without one encrypts with SSE-S3, S3's default.
	KMSKeyARN pulumi.StringInput
	// DecryptKeyARNs are further keys of the same region that objects of a bucket
	// that replicates are encrypted with, such as the one before KMSKeyARN. The
	// replication role may decrypt with them. A key that the stack made for the
	// bucket before is one of them by itself. Optional.
	DecryptKeyARNs []pulumi.StringInput
	// DeletionWindowInDays is how long KMS keeps a key whose deletion is
	// scheduled: 7 to 30. Optional; 30 when left out. Pulumi never schedules it:
	// see `crr schedule-key-deletion`.
	DeletionWindowInDays int
	// ForceDestroy deletes all objects and their versions along with the bucket
	// when the stack is destroyed. An update never deletes a bucket that holds
	// objects. A bucket with ObjectLock is deleted only if it is empty. Optional;
	// it works only once it has been deployed. Without it, the bucket is retained.
	ForceDestroy bool
	// Lifecycle of the objects. Optional.
	Lifecycle LifecycleArgs
	// IntelligentTiering archives what is in that storage class. Optional.
	IntelligentTiering IntelligentTieringArgs
	// ObjectLock keeps versions from being deleted. It can be switched on in a
	// deployed bucket, and never off. A source that has it needs destinations that
	// have it. Optional.
	ObjectLock *replication.ObjectLock
	// Acceleration is S3 Transfer Acceleration, for clients far away from the
	// bucket. Replication gains nothing by it. Optional.
	Acceleration bool
	// Statements to add to the bucket's policy. One without a Resource is about
	// the bucket and its objects; a Resource must be of the bucket, and cannot be
	// given where the name is generated. What would keep objects from being
	// replicated, whatever is not known before it is deployed, is refused. Optional.
	Statements []policy.Statement
	// KeyStatements to add to the policy of the bucket's key, if it is made here:
	// for clients and services of other accounts, which a bucket policy alone does
	// not let read encrypted objects. They are about the key and have no Resource.
	// What would keep objects from being replicated, or the policy from being
	// changed again, is refused. Optional.
	KeyStatements []policy.Statement
	// Notifications that S3 sends of the bucket's objects, to targets of the
	// user's own. S3 keeps one notification configuration for each bucket, so
	// these and those that [MonitoringArgs] asks for become one. Optional.
	Notifications []NotificationArgs
	// ReplaceNotifications lets the notifications of an existing bucket be
	// replaced. Required for an existing bucket of which any are asked for.
	ReplaceNotifications bool
	// EventBridge says whether S3 sends the bucket's events to Amazon EventBridge
	// too, which AWS Backup and GuardDuty rely on. Optional; where the bucket gets
	// any notifications it is on when left out, and elsewhere it is left alone.
	EventBridge *bool
	// Guard refuses everybody but those who deploy, and those that it names, what
	// would undo replication: suspending versioning, changing the rules, deleting
	// versions. Optional.
	Guard *GuardArgs
	// AllowKeyChanges lets those who may call s3:UpdateObjectEncryption change the key
	// of objects in place. Objects under a key other than the bucket's are not
	// replicated again unless DecryptKeyARNs has it. Optional.
	AllowKeyChanges bool
	// AssumeRoleARN is a role to assume to manage the bucket, its key and, for a
	// source, the replication role: one of another account. It decides which
	// provider the resources have, so no other resource can produce it. Optional.
	AssumeRoleARN string
	// PermissionsBoundary is the ARN of a policy of the bucket's account that
	// limits the roles that are made there: the bucket's replication role, and
	// those of canaries. Optional; that of [RoleArgs] when left out, where it is of
	// the same account.
	PermissionsBoundary pulumi.StringInput
	// ExternalID that the role's trust policy asks for, as partners' roles often
	// do. Only with AssumeRoleARN. Optional.
	ExternalID string
	// Provider of the bucket's region, with credentials of its account. It can't be
	// given or left out later, since Pulumi would replace the bucket.
	// Optional; the region's shared one when left out.
	Provider pulumi.ProviderResource

	// made says that the program makes the existing bucket, in the account.
	made    bool
	account pulumi.StringInput
}

// GuardArgs says who may still change a guarded bucket, besides the credentials
// that deployed it last. Where several deploy or destroy, name them all: one who is
// not named finds a change of the policy at each preview, and is refused to destroy
// what another one deployed. To put another bucket policy is left open to those
// whom IAM allows it, since only an account's root user could undo that.
type GuardArgs struct {
	// Except are ARNs of IAM roles and users, with their paths; they may have
	// wildcards. Optional.
	Except []string
}

// LifecycleArgs says how long S3 keeps what nobody looks at any more.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
type LifecycleArgs struct {
	// Transitions of current versions to colder storage classes. Optional.
	Transitions []TransitionArgs
	// NoncurrentTransitions of versions that another one took the place of; their
	// days count from then. Optional; they stay in their class when left out.
	NoncurrentTransitions []TransitionArgs
	// NoncurrentDays is how many days a version is kept after another one took
	// its place. Optional; kept for ever when left out. S3 does not replicate
	// what a lifecycle does: each place needs its own.
	NoncurrentDays int
}

// TransitionArgs moves objects to another storage class when they get old. At a
// destination, age counts from when the source object was made.
type TransitionArgs struct {
	// Days after which objects are moved. Required.
	Days int
	// StorageClass to move them to. Required.
	StorageClass replication.StorageClass
}

// DestinationArgs is a bucket for replicas.
type DestinationArgs struct {
	// Name of the destination among the others: "dr". It is part of resource
	// names. Required.
	Name string
	// FormerNames are names that this destination was deployed under. Its bucket
	// and key are renamed in place. Optional.
	FormerNames []string
	// Bucket that the replicas go to. Required.
	Bucket BucketArgs
	// StorageClass of the replicas. Optional; that of the source object when
	// left out.
	StorageClass replication.StorageClass
}

// RuleArgs says which objects are replicated and how. See
// [replication.RuleSpec] for its fields.
type RuleArgs = replication.RuleSpec

// RoleArgs is about the role that S3 assumes.
type RoleArgs struct {
	// ARN of an existing role to use as it is. What it must be allowed is in the
	// policies of [ReplicatedBucket]. Optional; a role is made when left out.
	ARN pulumi.StringInput
	// Name of the role. Optional; generated when left out. With it, a stack can
	// be deployed only once in an account.
	Name string
	// Path of the role: "/replication/". It is that of its managed policies and of
	// the canaries' roles, too. Optional.
	Path string
	// PermissionsBoundary is the ARN of a policy that limits the role, and those of
	// canaries in the same account. For other accounts see [BucketArgs]. Optional.
	PermissionsBoundary pulumi.StringInput
	// TrustSourceBucket lets S3 assume the role for the source bucket only, and not
	// for other buckets of the account. The bucket must have a name of its own
	// ([BucketArgs.Bucket]), since the role is made before it. Optional.
	TrustSourceBucket bool
	// TrustAnyAccount lets S3 assume the role for buckets of any account: the trust
	// policy has no condition. Replication never needs it. Optional.
	TrustAnyAccount bool
}
