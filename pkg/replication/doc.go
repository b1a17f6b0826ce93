// Package replication models a deployment of S3 replication: its topology, its rules
// and the descriptor that describes it once it is deployed.
//
// It is pure: no Pulumi, no AWS SDK, no network.
//
// A [Topology] is one source, one or more destinations, and the rules between
// them, with S3's defaults left out. [Topology.Validate] reports all its errors
// with the path of each field. [Topology.ReplicationRules] returns one [Rule] for
// every pair of rule and destination, with its id, its priority and all defaults
// filled in. These rules are deployed, monitored and written to the [Descriptor].
package replication
