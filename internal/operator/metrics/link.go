package metrics

import "github.com/crr-io/pulumi-aws-crr/pkg/replication"

// Link is one rule from its source to its destination. S3 publishes each metric once
// per link.
type Link struct {
	Rule     replication.Rule
	From, To replication.DeployedBucket
	// Canary reports whether a canary writes heartbeats that the rule replicates.
	Canary bool
}

// Links returns the links of a deployment, in the order of its rules.
func Links(d replication.Descriptor) []Link {
	places := map[string]replication.DeployedBucket{}
	for _, place := range d.Buckets() {
		places[place.Name] = place
	}
	links := make([]Link, 0, len(d.Rules))
	for _, rule := range d.Rules {
		links = append(links, Link{Rule: rule, From: places[rule.From()], To: places[rule.Destination], Canary: d.Canary != nil})
	}
	return links
}
