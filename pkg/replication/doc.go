// Package replication is the model of S3 replication: what one may ask of it,
// what S3 makes of it, and what S3 refuses.
//
// It is pure: no Pulumi, no AWS SDK, no network. The Pulumi components ask it
// at preview, the operator's command line asks it offline, and the local AWS
// asks it when a client calls S3, so the three cannot disagree.
//
// # From a wish to a configuration
//
// A [Topology] is the wish: one source, one or more destinations, and the
// rules between them, with S3's defaults left out. [Topology.Validate] finds
// everything about it that cannot work, all at once and with the path of each
// field. [Topology.ReplicationRules] spells the wish out: one [Rule] for every
// pair of rule and destination, with its id, its priority and every default
// filled in. That is what is deployed, alarmed on, and written to the
// [Descriptor].
//
// # What S3 itself says
//
// A [Configuration] is S3's own document, as PutBucketReplication takes it and
// GetBucketReplication gives it back, in XML and in the JSON of the AWS CLI.
// [Configuration.Check] names the faults that S3 finds in the document alone,
// with S3's error codes.
//
// # Who may do what
//
// [RolePolicy], [TrustPolicy] and [DestinationStatements] are what replication
// needs and nothing else. [Checks] are what must hold of them: every call that
// S3 makes is allowed, clients do not notice, and whatever else could be tried
// is refused. [Documents.Prove] holds the two against one another.
//
// # Questions
//
// An [Explainer] says for any object whether it replicates, where to, under
// which rule, as what, and if not, why. [Lint] finds what is legal and unwise.
// [FailureByID] knows S3's failure reasons. What is not known is said to be
// assumed, and never taken for good.
package replication
