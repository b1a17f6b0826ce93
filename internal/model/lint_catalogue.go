package model

import "github.com/crr-io/pulumi-aws-crr/internal/awsdocs"

// advice is what is always the same about a finding. The message holds verbs of
// package fmt.
type catalogueEntry struct {
	severity          Severity
	message, fix, see string
}

// lintCatalogue has every finding by its id.
var lintCatalogue = map[string]catalogueEntry{
	// What S3 makes of the rules.
	"s3-refuses": {SeverityError, "S3 rejects this: %s: %s", "Change it to an accepted value.", awsdocs.ReplicationRules},
	"existing-object-replication": {
		SeverityWarning, "the rule has ExistingObjectReplication: S3 keeps it in old configurations but rejects it in new ones; existing objects are treated as not replicated",
		"Remove it before you put the configuration, and replicate existing objects with S3 Batch Replication.", awsdocs.BatchReplication,
	},
	"no-configuration": {
		SeverityError, "the bucket has no replication configuration, so nothing replicates: %s",
		"Put one, then replicate existing objects with S3 Batch Replication.", awsdocs.ReplicationRules,
	},
	"nothing-replicates": {
		SeverityError, "no rule is enabled, so nothing replicates",
		"Enable a rule, or delete the replication configuration.", awsdocs.ReplicationRules,
	},
	"partly-covered": {
		SeverityInfo, "objects that match no filter are not replicated to %s",
		"To replicate all objects, add a rule with an empty filter and the lowest priority.", awsdocs.ReplicationRules,
	},
	"rule-disabled": {
		SeverityInfo, "the rule is disabled; objects written while it is disabled are not replicated when it is enabled again",
		"After enabling it, replicate those objects with S3 Batch Replication.", awsdocs.WhatIsReplicated,
	},
	"rule-shadowed": {
		SeverityWarning, "the rule never applies: the rule %s has the same destination, matches all its objects and has a higher priority",
		"Give the narrower rule the higher priority, or delete it.", awsdocs.ReplicationRules,
	},
	"rules-overlap": {
		SeverityInfo, "objects that match both rules are replicated by the rule %s, which has the higher priority and different settings",
		"If that is not intended, add a rule with a higher priority for the objects that match both.", awsdocs.ReplicationRules,
	},
	"rule-without-id": {
		SeverityWarning, "the rule has no id: S3 generates one, it can change with every update, and alarms on its metrics then stop working",
		"Give the rule an id.", awsdocs.ReplicationMetrics,
	},
	"schema-v1": {
		SeverityWarning, "the rule has no Filter, so it uses schema V1: it replicates delete markers and has no priority",
		"Give the rule a Filter (an empty one for the whole bucket), a Priority and DeleteMarkerReplication.", awsdocs.ReplicationRules,
	},
	"schema-v1-overlap": {
		SeverityWarning, "the rule %s matches some of the same objects, and schema V1 rules have no priorities: AWS does not document which rule applies",
		"Give both rules a Filter, a Priority and DeleteMarkerReplication.", awsdocs.ReplicationRules,
	},
	"priority-order": {
		SeverityInfo, "the rules are not listed in order of priority",
		"List the rule with the highest priority first; S3 evaluates the rules by priority.", awsdocs.ReplicationRules,
	},

	// Prefixes.
	"prefix-leading-slash": {
		SeverityWarning, "the prefix %q begins with a slash; object keys normally don't, so the rule probably matches nothing",
		"Remove the leading slash.", awsdocs.ReplicationTroubleshooting,
	},
	"prefix-wildcard": {
		SeverityWarning, "the prefix %q contains a wildcard, which S3 treats as an ordinary character, so the rule probably matches nothing",
		"Remove the wildcard: a prefix matches every key that begins with it.", awsdocs.ReplicationRules,
	},
	"prefix-names-bucket": {
		SeverityWarning, "the prefix %q begins with the bucket name, which is not part of object keys, so the rule probably matches nothing",
		"Remove the bucket name from the prefix.", awsdocs.ReplicationRules,
	},
	"prefix-without-delimiter": {
		SeverityInfo, "the prefix %q does not end with a slash, so it also matches keys such as %s",
		"Add a slash at the end if the prefix is meant as a folder.", awsdocs.ReplicationRules,
	},

	// Deletions and what was there before.
	"delete-markers-to-copy": {
		SeverityInfo, "delete markers are replicated to %s: deleting an object also hides its replica; the replica's versions are kept",
		"To keep replicas visible after accidental or malicious deletes, set deleteMarkers: false.", awsdocs.DeleteMarkerReplication,
	},
	"existing-objects": {
		SeverityInfo, "existing objects in the source bucket are not replicated; S3 replicates only objects written after the rule was added",
		"Replicate them once with S3 Batch Replication.", awsdocs.BatchReplication,
	},

	// Encryption.
	"kms-not-selected": {
		SeverityWarning, "the rule does not select objects encrypted with KMS: S3 skips them silently",
		"Set SourceSelectionCriteria.SseKmsEncryptedObjects to Enabled and name a ReplicaKmsKeyID.", awsdocs.ReplicationKMS,
	},
	"kms-default-not-selected": {
		SeverityError, "the source bucket encrypts with KMS by default, and the rule does not select such objects: S3 skips them silently",
		"Set SourceSelectionCriteria.SseKmsEncryptedObjects to Enabled and name a ReplicaKmsKeyID.", awsdocs.ReplicationKMS,
	},
	"replica-key-invalid": {
		SeverityError, "%q is not the ARN of a KMS key or alias; S3 accepts it without an error, but replication of every object encrypted with KMS fails",
		"Name a key of the destination's region by its ARN: arn:aws:kms:<region>:<account>:key/<id>.", awsdocs.ReplicationKMS,
	},
	"source-not-judged": {
		SeverityWarning, "the role's permissions on the source bucket were not checked, because the name of the bucket is unknown",
		"Name it: --replication BUCKET=FILE.", awsdocs.ReplicationPermissions,
	},
	"judged-with-stand-ins": {
		SeverityInfo, "the policies were checked with placeholders for the names that the deployment generates: statements that name its buckets, keys, roles or accounts were not checked",
		"Deploy first and run `crr lint --stack`, or set the names in the stack file.", awsdocs.ReplicationPermissions,
	},
	"replica-key-region": {
		SeverityError, "the key for replicas is in %s and the bucket is in %s; S3 accepts this without an error, but replication of every object fails",
		"Name a key of the destination's region.", awsdocs.ReplicationKMS,
	},
	"replica-key-alias": {
		SeverityWarning, "the key for replicas is named by an alias, which KMS resolves in the account of the caller",
		"Name the key by its ARN, arn:aws:kms:<region>:<account>:key/<id>.", awsdocs.ReplicationKMS,
	},
	"replica-key-aws-managed": {
		SeverityError, "the key for replicas is the AWS managed key aws/s3, which other accounts cannot use",
		"Name a customer managed key of the destination's account.", awsdocs.ReplicationKMS,
	},
	"replica-key-unusable": {
		SeverityError, "the key %s for replicas is in the state %s, so replication of every object that needs it fails",
		"Enable the key, cancel its deletion, or name another one.", awsdocs.ReplicationEvents,
	},
	"source-key-unusable": {
		SeverityError, "the key %s of the source bucket is in the state %s, so its objects can be neither read nor replicated",
		"Enable the key, or cancel its deletion.", awsdocs.ReplicationEvents,
	},
	"dsse-bucket-key": {
		SeverityWarning, "the bucket %s uses a bucket key with DSSE-KMS, which does not support bucket keys",
		"Disable the bucket key.", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html",
	},

	// The buckets.
	"source-unversioned": {
		SeverityError, "versioning of the source bucket is %s; replication needs it enabled",
		"Enable versioning.", awsdocs.ReplicationRequirements,
	},
	"destination-unversioned": {
		SeverityError, "versioning of %s is %s, so replication of every object fails",
		"Enable versioning.", awsdocs.ReplicationRequirements,
	},
	"destination-is-source": {
		SeverityError, "the rule replicates the bucket to itself",
		"Name another bucket.", awsdocs.ReplicationRules,
	},
	"object-lock-source-only": {
		SeverityError, "the source has Object Lock and %s does not, so replication of every object fails",
		"Enable Object Lock on the destination too.", awsdocs.ObjectLock,
	},
	"object-lock-destination-only": {
		SeverityInfo, "%s has Object Lock and the source does not: replicas get its default retention period and cannot be deleted until it ends",
		"None, if this is intended. Otherwise enable Object Lock on both buckets or on neither.", awsdocs.ObjectLock,
	},
	"region-unknown": {
		SeverityWarning, "%s is in %q, which is not a region known to this version%s",
		"Correct the name. Ignore this if the region was opened after this version was released.", "https://docs.aws.amazon.com/general/latest/gr/s3.html",
	},
	"same-region": {
		SeverityInfo, "%s is in the region of the source: the copy does not survive the loss of the region",
		"Add a destination in another region.", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html",
	},
	"same-account": {
		SeverityInfo, "%s belongs to the account of the source: an attacker who gains this account controls both copies",
		"Replicate critical data to a bucket in another account.", awsdocs.ReplicaOwner,
	},

	// Owners and accounts.
	"owner-override-same-account": {
		SeverityWarning, "the rule changes the owner of replicas to the destination's owner, which is also the source's owner: the only effect is that ACL changes are not replicated",
		"Remove AccessControlTranslation and Account.", awsdocs.ReplicaOwner,
	},
	"owner-override-missing": {
		SeverityInfo, "replicas in the other account's bucket may be owned by the source account, so the bucket owner cannot read them",
		"Set Object Ownership of the destination to BucketOwnerEnforced, or set AccessControlTranslation in the rule.", awsdocs.ReplicaOwner,
	},
	"account-mismatch": {
		SeverityError, "the rule expects %s in the account %s, but the bucket belongs to %s",
		"Correct the account. If the bucket is no longer yours, delete the rule at once.", awsdocs.ReplicaOwner,
	},
	"requester-pays": {
		SeverityError, "%s belongs to another account and has Requester Pays enabled, which replication does not support",
		"Disable Requester Pays.", awsdocs.ReplicationRequirements,
	},

	// Storage classes.
	"class-archive": {
		SeverityWarning, "replicas are stored in %s, an archive class: after a disaster they must be restored, which takes hours, before they can be read",
		"Use GLACIER_IR or STANDARD_IA, and let a lifecycle rule archive old versions.", awsdocs.StorageClasses,
	},
	"class-one-zone": {
		SeverityInfo, "replicas are stored in ONEZONE_IA, which does not survive the loss of an Availability Zone",
		"Use STANDARD_IA where the replica may become the only copy.", awsdocs.StorageClasses,
	},
	"class-reduced-redundancy": {
		SeverityWarning, "replicas are stored in REDUCED_REDUNDANCY, which AWS advises against: it costs more than STANDARD and is less durable",
		"Use STANDARD.", awsdocs.StorageClasses,
	},
	"class-minimums": {
		SeverityInfo, "replicas in %s are billed for %s, plus retrieval fees",
		"Add a rule that keeps small and short-lived objects in STANDARD.", awsdocs.StorageClasses,
	},
	"class-minimum-duration": {
		SeverityWarning, "replicas in %s are billed for at least %d days, but a lifecycle rule deletes noncurrent versions after %d",
		"Keep noncurrent versions at least as long, or use a class without a minimum duration.", awsdocs.StorageClasses,
	},

	// Monitoring.
	"metrics-off": {
		SeverityWarning, "metrics are disabled for the rule, so failures and delays stay unnoticed",
		"Set metrics: true (Destination.Metrics.Status Enabled, without an EventThreshold unless with replication time control).", awsdocs.ReplicationMetrics,
	},
	"metrics-off-with-alarms": {
		SeverityError, "alarms are configured, but metrics are disabled for the rule: its alarms can never fire",
		"Set metrics: true (Destination.Metrics.Status Enabled). S3 request metrics do not replace replication metrics.", awsdocs.ReplicationMetrics,
	},
	"no-alarm-on-failures": {
		SeverityWarning, "no alarm watches OperationsFailedReplication: S3 does not retry failed objects, and failures stay unnoticed",
		"Add an alarm on its Sum above 0, in the region of the source.", awsdocs.ReplicationMetrics,
	},
	"alarm-unknown-metric": {
		SeverityError, "the alarm %s watches %s, which is not a replication metric: it can never fire",
		"Watch OperationsFailedReplication, ReplicationLatency, BytesPendingReplication or OperationsPendingReplication.", awsdocs.ReplicationMetrics,
	},
	"alarm-wrong-region": {
		SeverityError, "the alarm %s is in %s, and S3 publishes %s in %s: it can never fire",
		"Failed operations are published in the source's region, everything else in the destination's.", awsdocs.ReplicationMetrics,
	},
	"alarm-dimensions": {
		SeverityError, "the alarm %s watches %s with the dimensions %s, which match no metric: it can never fire",
		"Give exactly SourceBucket, DestinationBucket and RuleId.", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html",
	},
	"alarm-statistic": {
		SeverityError, "the alarm %s uses the statistic %s of %s, which is meaningless",
		"Use Sum for OperationsFailedReplication and Maximum for the others.", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html",
	},
	"alarms-notify-nobody": {
		SeverityInfo, "the alarms have no notification targets",
		"Set monitoring.emails or monitoring.topicArns.", awsdocs.ReplicationMetrics,
	},
	"rtc-cost": {
		SeverityInfo, "replication time control is billed per gigabyte and does not cover delete markers",
		"Use it only for the prefixes that need it.", awsdocs.ReplicationTimeControl,
	},

	// Several buckets.
	"chain-stops": {
		SeverityWarning, "%s replicates to %s, but S3 does not replicate replicas: objects from %s stop at %s",
		"Add %s as a destination of %s; replicate existing replicas with S3 Batch Replication, status REPLICA.", awsdocs.WhatIsReplicated,
	},
	"two-way-spokes": {
		SeverityInfo, "objects that clients write to %s are replicated to %s and stop there: S3 does not replicate replicas to %s",
		"Let clients write to %s only, or use a single destination, so that both buckets receive all writes.", awsdocs.WhatIsReplicated,
	},
	"two-way-without-sync": {
		SeverityWarning, "the buckets replicate to each other, but the rule does not replicate changes of replicas: tags, ACLs and locks diverge",
		"Set SourceSelectionCriteria.ReplicaModifications to Enabled in the rules of both directions.", awsdocs.ReplicaModifications,
	},

	// Permissions.
	"not-permitted": {
		SeverityError, "the role lacks permissions that replication to %s needs: %s",
		"Allow the action (`crr policy` prints the policies that a deployment needs), or exempt the role from the Deny.", awsdocs.ReplicationPermissions,
	},
	"maybe-not-permitted": {
		SeverityWarning, "the role lacks permissions that replication to %s needs for some objects: %s",
		"Allow the action: without it some objects are not replicated, or their replicas are incomplete.", awsdocs.ReplicationPermissions,
	},
	"permission-undecided": {
		SeverityInfo, "it is unknown whether the role has the permissions that replication to %s needs: %s",
		"Check the condition of the statement: exempt the role from a Deny (ArnNotEquals aws:PrincipalArn), or add an Allow without the condition. `crr verify` tests the live deployment.", awsdocs.ReplicationPermissions,
	},
}
