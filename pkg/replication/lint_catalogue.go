package replication

// advice is what is always the same about a finding. The message holds verbs of
// package fmt.
type catalogueEntry struct {
	severity          Severity
	message, fix, see string
}

// lintCatalogue has every finding by its id.
var lintCatalogue = map[string]catalogueEntry{
	// What S3 makes of the rules.
	"s3-refuses": {SeverityError, "S3 refuses this: %s: %s", "Change it as the message says.", seeRules},
	"existing-object-replication": {
		SeverityWarning, "the rule has ExistingObjectReplication, which S3 keeps from before and refuses where the configuration is put again; older objects are judged as not replicated",
		"Take it out of what is put, and replicate older objects with S3 Batch Replication.", seeBatch,
	},
	"no-configuration": {
		SeverityError, "the bucket has no replication configuration, so nothing is replicated: %s",
		"Put one; objects that are there already then need S3 Batch Replication.", seeRules,
	},
	"nothing-replicates": {
		SeverityError, "no rule is enabled, so nothing is replicated",
		"Enable a rule, or take the replication away.", seeRules,
	},
	"partly-covered": {
		SeverityInfo, "objects that no filter picks are not replicated to %s",
		"If everything is to be safe there, add a last rule with an empty filter.", seeRules,
	},
	"rule-disabled": {
		SeverityInfo, "the rule is disabled; what is written meanwhile is not replicated when it is enabled again",
		"After enabling it, replicate what was written meanwhile with S3 Batch Replication.", seeReplicated,
	},
	"rule-shadowed": {
		SeverityWarning, "the rule never decides: the rule %s has a higher priority, the same destination, and is for all its objects",
		"Give the narrower rule the higher priority, or take it away.", seeRules,
	},
	"rules-overlap": {
		SeverityInfo, "for objects that both pick, the rule %s decides by its priority, and treats them differently",
		"If that is not what is meant, add a rule for what they have in common, with a higher priority.", seeRules,
	},
	"rule-without-id": {
		SeverityWarning, "the rule has no id: S3 makes one up, and alarms, which find their metric by it, lose it with every change",
		"Give the rule an id.", seeMetrics,
	},
	"schema-v1": {
		SeverityWarning, "the rule has no Filter, so it is of the first version of the schema: it replicates delete markers and has no priority",
		"Give the rule a Filter (an empty one for the whole bucket), a Priority and DeleteMarkerReplication.", seeRules,
	},
	"schema-v1-overlap": {
		SeverityWarning, "objects that the rule %s is for are this rule's too, and rules of the first version of the schema have no priorities: S3 does not document which one decides",
		"Give both rules a Filter, a Priority and DeleteMarkerReplication.", seeRules,
	},
	"priority-order": {
		SeverityInfo, "the rules are not listed in the order of their priorities, in which S3 looks at them",
		"List the rule with the highest priority first.", seeRules,
	},

	// Prefixes.
	"prefix-leading-slash": {
		SeverityWarning, "the prefix %q begins with a slash, and hardly any key does, so the rule matches nothing",
		"Drop the slash at the beginning.", seeTrouble,
	},
	"prefix-wildcard": {
		SeverityWarning, "the prefix %q has a wildcard, which S3 takes for an ordinary character, so the rule matches nothing",
		"Write the prefix without it: every key that begins with it matches.", seeRules,
	},
	"prefix-names-bucket": {
		SeverityWarning, "the prefix %q begins with the name of the bucket, which is no part of keys, so the rule matches nothing",
		"Write the prefix as keys begin, without the bucket.", seeRules,
	},
	"prefix-without-delimiter": {
		SeverityInfo, "the prefix %q is for keys such as %s too, since it does not end with a slash",
		"End the prefix with a slash if it is meant for a folder.", seeRules,
	},

	// Deletions and what was there before.
	"delete-markers-to-copy": {
		SeverityInfo, "deletions are replicated to %s too: who deletes an object, hides its replica; its versions stay there",
		"For a copy that outlives mistakes and malice, set deleteMarkers: false.", seeMarkers,
	},
	"existing-objects": {
		SeverityInfo, "the source bucket had objects before: they are not replicated, only what is written from now on",
		"Replicate them once with S3 Batch Replication.", seeBatch,
	},

	// Encryption.
	"kms-not-selected": {
		SeverityWarning, "the rule leaves objects encrypted with KMS out: once the bucket or an upload uses KMS, they are skipped without a word",
		"Set SourceSelectionCriteria.SseKmsEncryptedObjects to Enabled and name a ReplicaKmsKeyID.", seeKMS,
	},
	"kms-default-not-selected": {
		SeverityError, "the source encrypts with KMS by default, and the rule leaves such objects out: all of them are skipped without a word",
		"Set SourceSelectionCriteria.SseKmsEncryptedObjects to Enabled and name a ReplicaKmsKeyID.", seeKMS,
	},
	"replica-key-invalid": {
		SeverityError, "%q is neither the ARN of a KMS key nor of an alias; S3 accepts that, and then fails every object that is encrypted with KMS",
		"Name a key of the destination's region by its ARN: arn:aws:kms:<region>:<account>:key/<id>.", seeKMS,
	},
	"source-not-judged": {
		SeverityWarning, "what the role may do at the source bucket was not judged, since the bucket is not named",
		"Name it: --replication BUCKET=FILE.", seePermissions,
	},
	"judged-with-stand-ins": {
		SeverityInfo, "the policies were judged with stand-ins for the names that the deployment generates: statements that name a bucket, a key, a role or an account of it were not judged",
		"Deploy first and run `crr lint --stack`, or give the names in the stack file.", seePermissions,
	},
	"replica-key-region": {
		SeverityError, "the key for replicas is in %s and the bucket in %s; S3 accepts that, and then fails every object",
		"Name a key of the destination's region.", seeKMS,
	},
	"replica-key-alias": {
		SeverityWarning, "the key for replicas is named by an alias, which is looked up in the account of whoever calls",
		"Name the key by its ARN, arn:aws:kms:<region>:<account>:key/<id>.", seeKMS,
	},
	"replica-key-aws-managed": {
		SeverityError, "the key for replicas is aws/s3, which no other account can use",
		"Name a customer managed key of the destination's account.", seeKMS,
	},
	"replica-key-unusable": {
		SeverityError, "the key %s for replicas is in the state %s, so every object that needs it fails",
		"Enable the key, cancel its deletion, or name another one.", seeFailures,
	},
	"source-key-unusable": {
		SeverityError, "the key %s of the source is in the state %s, so its objects can neither be read nor replicated",
		"Enable the key, or cancel its deletion.", seeFailures,
	},
	"dsse-bucket-key": {
		SeverityWarning, "the bucket %s has a bucket key along with DSSE-KMS, which does not support it",
		"Switch the bucket key off.", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html",
	},

	// The buckets.
	"source-unversioned": {
		SeverityError, "versioning of the source is %s, and S3 replicates versions",
		"Enable versioning.", seeNeeds,
	},
	"destination-unversioned": {
		SeverityError, "versioning of %s is %s, so every object fails",
		"Enable versioning.", seeNeeds,
	},
	"destination-is-source": {
		SeverityError, "the rule replicates the bucket to itself",
		"Name another bucket.", seeRules,
	},
	"object-lock-source-only": {
		SeverityError, "the source has Object Lock and %s has not, so every object fails",
		"Enable Object Lock on the destination too.", seeLock,
	},
	"object-lock-destination-only": {
		SeverityInfo, "%s has Object Lock and the source has not: replicas get its default retention, and outlive deletions at the source",
		"Nothing, if replicas are to outlive what happens at the source. Else enable it on both sides or on neither.", seeLock,
	},
	"region-unknown": {
		SeverityWarning, "%s is in %q, which is not among the regions that are known here%s",
		"Correct the name; a region that has opened lately is right, and only not known here yet.", "https://docs.aws.amazon.com/general/latest/gr/s3.html",
	},
	"same-region": {
		SeverityInfo, "%s is in the region of the source: such a copy does not survive the loss of the region",
		"Add a destination in another region.", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html",
	},
	"same-account": {
		SeverityInfo, "%s belongs to the account of the source: who takes the account over, has both copies",
		"For the data that matters most, replicate to a bucket of another account.", seeOwner,
	},

	// Owners and accounts.
	"owner-override-same-account": {
		SeverityWarning, "the rule gives replicas to the destination's owner, who is the source's: all that does is to stop changes of ACLs from being replicated",
		"Drop AccessControlTranslation and Account.", seeOwner,
	},
	"owner-override-missing": {
		SeverityInfo, "replicas in the other account's bucket may belong to the source's account, so the bucket's owner cannot read them",
		"Set Object Ownership of the destination to BucketOwnerEnforced, or AccessControlTranslation in the rule.", seeOwner,
	},
	"account-mismatch": {
		SeverityError, "the rule says that %s belongs to the account %s, and it belongs to %s",
		"Correct the account; if the bucket is not yours any more, take the rule away at once.", seeOwner,
	},
	"requester-pays": {
		SeverityError, "%s belongs to another account and has Requester Pays, which replication does not take",
		"Switch Requester Pays off.", seeNeeds,
	},

	// Storage classes.
	"class-archive": {
		SeverityWarning, "replicas go to %s, an archive: after a disaster they must be restored, for hours, before anybody can read them",
		"Use GLACIER_IR or STANDARD_IA, and let a lifecycle rule archive old versions.", seeClasses,
	},
	"class-one-zone": {
		SeverityInfo, "replicas go to ONEZONE_IA, which does not survive the loss of an availability zone",
		"Use STANDARD_IA where the replica may become the only copy.", seeClasses,
	},
	"class-reduced-redundancy": {
		SeverityWarning, "replicas go to REDUCED_REDUNDANCY, which AWS advises against: it costs more than STANDARD and loses objects",
		"Use STANDARD.", seeClasses,
	},
	"class-minimums": {
		SeverityInfo, "replicas in %s are billed for %s, and for every read",
		"Keep small and short-lived objects in STANDARD, by a rule of their own.", seeClasses,
	},
	"class-minimum-duration": {
		SeverityWarning, "replicas in %s are billed for %d days, and a lifecycle rule deletes old versions after %d",
		"Keep old versions for as long, or use a class without a minimum.", seeClasses,
	},

	// Monitoring.
	"metrics-off": {
		SeverityWarning, "the rule publishes no metrics, so nobody sees when it fails or falls behind",
		"Set metrics: true (Destination.Metrics.Status Enabled, without an EventThreshold unless with replication time control).", seeMetrics,
	},
	"metrics-off-with-alarms": {
		SeverityError, "alarms are asked for, and the rule publishes no metrics for them: they can never fire",
		"Set metrics: true (Destination.Metrics.Status Enabled). Request metrics of the bucket are something else.", seeMetrics,
	},
	"no-alarm-on-failures": {
		SeverityWarning, "no alarm watches OperationsFailedReplication: S3 does not try failed objects again, and nobody is told",
		"Add an alarm on its Sum above 0, in the region of the source.", seeMetrics,
	},
	"alarm-unknown-metric": {
		SeverityError, "the alarm %s watches %s, which S3 does not publish: it can never fire",
		"Watch OperationsFailedReplication, ReplicationLatency, BytesPendingReplication or OperationsPendingReplication.", seeMetrics,
	},
	"alarm-wrong-region": {
		SeverityError, "the alarm %s is in %s, and S3 publishes %s in %s: it can never fire",
		"Failed operations are published in the source's region, everything else in the destination's.", seeMetrics,
	},
	"alarm-dimensions": {
		SeverityError, "the alarm %s looks for %s by %s: it can never fire",
		"Give exactly SourceBucket, DestinationBucket and RuleId.", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html",
	},
	"alarm-statistic": {
		SeverityError, "the alarm %s takes the %s of %s, which says nothing",
		"Take the Sum of OperationsFailedReplication, and the Maximum of the others.", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html",
	},
	"alarms-notify-nobody": {
		SeverityInfo, "the alarms notify nobody",
		"Name monitoring.emails, or monitoring.topicArns.", seeMetrics,
	},
	"rtc-cost": {
		SeverityInfo, "replication time control is billed for every gigabyte; its promise does not cover delete markers",
		"Keep it to the prefixes that need it.", seeTime,
	},

	// Several buckets.
	"chain-stops": {
		SeverityWarning, "%s goes on to %s, and replicas do not: what comes from %s stops at %s",
		"Add %s as a destination of %s; replicas that are there need S3 Batch Replication, status REPLICA.", seeReplicated,
	},
	"two-way-spokes": {
		SeverityInfo, "what clients write to %s reaches %s and stops there: replicas do not go on to %s",
		"Let clients write to %s only, or have a single destination: of two buckets, each gets what is written to the other.", seeReplicated,
	},
	"two-way-without-sync": {
		SeverityWarning, "the buckets replicate to each other, and the rule does not send changes of replicas back: their tags, ACLs and locks drift apart",
		"Set SourceSelectionCriteria.ReplicaModifications to Enabled in the rules of both directions.", seeSync,
	},

	// Permissions.
	"not-permitted": {
		SeverityError, "the role may not do what replication to %s takes: %s",
		"Allow it (`crr policy` prints what a deployment needs), or take the Deny away that hits the role.", seePermissions,
	},
	"maybe-not-permitted": {
		SeverityWarning, "the role may not do all that replication to %s can take: %s",
		"Allow it too: some objects need it, or their replicas lack something.", seePermissions,
	},
	"permission-undecided": {
		SeverityInfo, "it is not known whether the role may do what replication to %s takes: %s",
		"Look at the condition of the statement: exempt the role from a Deny (ArnNotEquals aws:PrincipalArn), or give it an Allow without the condition. `crr verify` tries it on the live deployment.", seePermissions,
	},
}
