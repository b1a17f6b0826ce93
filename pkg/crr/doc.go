// Package crr provides Pulumi components for S3 replication: a source bucket,
// destination buckets in other regions, and the keys, roles, policies and alarms
// between them.
//
// [NewReplicatedBucket] makes all of it. Its parts can be used on their own:
//
//   - [NewEncryptedBucket]: a versioned bucket with its KMS
//     key.
//   - [NewReplicationRole]: the role that S3 assumes, with exactly the
//     permissions that replication needs.
//   - [NewReplicationAlarms]: alarms on the replication metrics, in the
//     regions in which S3 publishes them, and the composite alarms that notify.
//   - [NewNotificationTopic]: an encrypted topic for alarms and events of a
//     region, and its subscriptions.
//   - [NewReplicationNotifications]: the event notifications of a
//     bucket.
//   - [NewFailureQueue]: a queue that keeps the events of objects that failed to replicate.
//   - [NewReplicationDashboard]: a CloudWatch dashboard of one or many replicated
//     buckets, of this program or of other stacks.
//   - [NewAudit]: one trail for each account, covering any number of replicated
//     buckets, and one bucket for access logs and inventories in each region. It consists of
//     [NewAuditTrail] and [NewBucketRecords].
//
// # Validation
//
// Arguments that decide the shape of a deployment (regions, rules, days) are plain Go
// values. They are validated before the first resource is registered, and all problems
// are reported together: see [ReplicatedBucketArgs.Validate]. Values that other
// resources produce (ARNs) are pulumi.Inputs, checked once they are known.
//
// # Providers
//
// Every bucket needs an AWS provider for its region, and a provider is a process of
// several hundred megabytes. So the components of a program share one provider for each
// region and account: see [SharedProvider]. For other credentials, set a provider in
// [BucketArgs]. The resource options pulumi.Provider and pulumi.Providers are rejected,
// because a component uses several AWS providers.
//
// # Resource options
//
// protect and retainOnDelete apply to all children of a component, as Pulumi defines
// it. [ReplicatedBucketArgs.Protect] applies only to resources that hold data: buckets
// and keys. To change a single child, use pulumi.Transforms.
package crr
