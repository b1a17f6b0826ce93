// Package replication models S3 replication: topologies, rules, permissions and
// failure reasons.
//
// It is pure: no Pulumi, no AWS SDK, no network. The Pulumi components use it at
// preview, the command line uses it offline, and the local AWS uses it when a
// client calls S3, so the three cannot disagree.
//
// # Topologies and rules
//
// A [Topology] is one source, one or more destinations, and the rules between
// them, with S3's defaults left out. [Topology.Validate] reports all its errors
// with the path of each field. [Topology.ReplicationRules] returns one [Rule] for
// every pair of rule and destination, with its id, its priority and all defaults
// filled in. These rules are deployed, monitored and written to the [Descriptor].
//
// # S3 configurations
//
// A [Configuration] is the document of PutBucketReplication and
// GetBucketReplication, in XML and in the JSON of the AWS CLI.
// [Configuration.Check] returns the errors that S3 finds in the document alone,
// with S3's error codes.
//
// # Permissions
//
// [RolePolicy], [TrustPolicy] and [DestinationStatements] return the permissions
// that replication needs and no others. [Checks] are calls that must be allowed or
// denied: every call of S3 is allowed, clients keep working, and all other calls
// are denied. [Documents.Prove] evaluates the checks.
//
// # Explanations
//
// An [Explainer] reports whether an object replicates, to which destinations,
// under which rules and as what, and if not, why. [Lint] reports valid but risky
// settings. [FailureByID] describes S3's failure reasons. Unknown facts are listed
// as assumptions and never count as ok.
package replication
