// Package front stands in front of an AWS emulator and adds what the emulator
// lacks and this product lives on. In S3:
//
//   - replication configurations, kept word for word and judged as S3 does
//   - bucket policies, kept word for word and enforced on every S3 request with
//     the condition keys that the request really has
//   - lifecycle, logging, inventory and Intelligent-Tiering configurations, kept
//     word for word; no log and no inventory is delivered
//   - notifications refused to topics and queues that don't let S3 in, and sent to
//     the others
//   - errors with the codes and elements of S3, and none of a server's where a request
//     is wrong
//   - default encryption, checksums and ACLs as new buckets have them
//   - keys in lists encoded where a client asks for it
//
// Of CloudWatch, package alarms answers the calls about alarms. In KMS the
// period of a key's rotation and keys called by their ARN, in STS users' ARNs in
// the form that AWS gives them, and in CloudTrail trails called by their ARN.
// Everything else passes through, bodies streamed and untouched.
//
// A call to a service other than S3 needs what package actions lists for it, and is
// refused where the policies of its caller don't allow that (authorizeother.go).
// Administrators, and callers that IAM does not know, may do everything.
//
// A request to S3 takes this way: target.go finds the bucket and the object,
// operation.go the API operation, form.go what a browser's form uploads, caller.go
// who asks; permissions.go names the IAM actions, conditions.go the condition
// keys, authorize.go lets pkg/policy decide. Then either the operation's own
// handler answers (front.go has the table) or the emulator does.
package front
