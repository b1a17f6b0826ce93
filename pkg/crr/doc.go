// Package crr has the Pulumi components of S3 replication: a bucket in one
// region, copies of it in others, and everything between them that must be
// right for an object to arrive and to be readable there.
//
// [NewReplicatedBucket] is the whole. It is made of parts that are useful by
// themselves:
//
//   - [NewEncryptedBucket]: a versioned bucket with its KMS key, one for each
//     place.
//   - [NewReplicationRole]: the role that S3 assumes, with exactly the
//     permissions that replication needs.
//   - [NewReplicationAlarms]: alarms on the replication metrics, in the
//     regions in which S3 publishes them, and the composite alarms that notify.
//   - [NewNotificationTopic]: an encrypted topic for alarms and events of a
//     region, and its subscriptions.
//   - [NewReplicationNotifications]: all that S3 tells of single objects of a
//     bucket.
//   - [NewFailureQueue]: a queue that keeps what failed to replicate.
//   - [NewReplicationDashboard]: a CloudWatch dashboard of one or many replicated
//     buckets, of this program or of other stacks.
//   - [NewAudit]: one trail for each account over any number of replicated
//     buckets, and records of their own for each region. It is made of
//     [NewAuditTrail] and [NewBucketRecords].
//
// # Validation
//
// What decides the shape of a deployment (regions, rules, days) is plain Go
// and is validated before the first resource is registered, all problems at
// once: see [ReplicatedBucketArgs.Validate]. What other resources produce
// (ARNs) is a pulumi.Input and is checked when its value is known.
//
// # Providers
//
// Every place needs an AWS provider of its region, and a provider is a process
// of several hundred megabytes. So the components of a program share one
// provider for each region: see [SharedProvider]. A place that needs other
// credentials gets its provider in [BucketArgs]. Options of a component that
// name providers have no effect on its AWS resources, since they cannot tell
// two AWS providers from one another.
//
// # Resource options
//
// protect and retainOnDelete reach all children of a component, as Pulumi
// defines it. [ReplicatedBucketArgs.Protect] reaches just what holds data:
// buckets and keys. To change a single child, use pulumi.Transforms.
package crr
