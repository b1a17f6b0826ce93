package crr

import (
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Describe is the descriptor of an audited bucket, with the trail of its source's
// account, and of each destination's where that is another one.
func (a *Audit) Describe(b *ReplicatedBucket) pulumi.MapOutput {
	trails := pulumi.StringArray{a.trailOf(b.Source)}
	for _, destination := range b.Destinations {
		trails = append(trails, a.trailOf(destination))
	}
	return pulumi.All(b.Descriptor, trails).ApplyT(func(known []any) map[string]any {
		return withTrails(known[0].(map[string]any), known[1].([]string))
	}).(pulumi.MapOutput)
}

// trailOf is the ARN of the trail that watches a bucket, or "".
func (a *Audit) trailOf(bucket *EncryptedBucket) pulumi.StringInput {
	if trail := a.recorded[bucket]; trail != nil {
		return trail.ARN
	}
	return pulumi.String("")
}

// withTrails adds the trails of the source and of the destinations, in their
// order, to a descriptor.
func withTrails(descriptor map[string]any, trails []string) map[string]any {
	described := maps.Clone(descriptor)
	if trails[0] != "" {
		described["trailArn"] = trails[0]
	}
	var destinations []any
	for i, destination := range descriptor["destinations"].([]any) {
		place := maps.Clone(destination.(map[string]any))
		if trail := trails[i+1]; trail != "" && trail != trails[0] {
			place["trailArn"] = trail
		}
		destinations = append(destinations, place)
	}
	described["destinations"] = destinations
	return described
}
