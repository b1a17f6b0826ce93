// Package front adds to an AWS emulator the behavior that the emulator lacks and
// this product relies on. In S3:
//
//   - replication configurations, stored unchanged and validated as S3 does
//   - bucket policies, stored unchanged and enforced on every S3 request with
//     the condition keys of the request
//   - lifecycle, logging, inventory and Intelligent-Tiering configurations, stored
//     unchanged; no log and no inventory is delivered
//   - notifications, rejected for topics and queues whose policies don't allow S3,
//     and delivered to the others
//   - errors with S3's codes and elements, and client errors for invalid requests
//   - default encryption, checksums and ACLs of new buckets
//   - encoding-type=url in lists
//
// Package alarms handles CloudWatch calls about alarms. For KMS the front adds the
// rotation period and keys given by ARN, for STS the ARN format of users, and for
// CloudTrail trails given by ARN. Other calls pass through, with their bodies
// streamed unchanged.
//
// A call to a service other than S3 needs the actions that package actions lists,
// and is rejected if the caller's policies don't allow them (authorizeother.go).
// Administrators, and callers unknown to IAM, may do everything.
//
// A request to S3 is processed as follows: target.go finds the bucket and the
// object, operation.go the API operation, form.go handles uploads by browser forms,
// caller.go finds the caller; permissions.go returns the IAM actions, conditions.go
// the condition keys, and authorize.go evaluates them with pkg/policy. Then the
// operation's handler (see the table in front.go) or the emulator handles it.
package front
