package crr

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Describe returns the descriptor of an audited bucket, including the trail of its
// source's account and of each destination in another account.
func (a *Audit) Describe(b *ReplicatedBucket) pulumi.MapOutput {
	trails := pulumi.StringArray{a.trailOf(b.Source)}
	for _, destination := range b.Destinations {
		trails = append(trails, a.trailOf(destination))
	}
	return pulumi.All(b.Descriptor, trails, describeSettings(a.settingsOf(b))).ApplyT(func(known []any) map[string]any {
		described := withTrails(known[0].(map[string]any), known[1].([]string))
		settings, _ := described["settings"].([]any)
		described["settings"] = append(slices.Clone(settings), known[2].([]any)...)
		return described
	}).(pulumi.MapOutput)
}

// settingsOf returns the settings of the trails and records of a replicated bucket.
func (a *Audit) settingsOf(b *ReplicatedBucket) []deployedSetting {
	var settings []deployedSetting
	var described []any
	add := func(of any, more ...deployedSetting) {
		if !slices.Contains(described, of) {
			described = append(described, of)
			settings = append(settings, more...)
		}
	}
	for _, bucket := range append([]*EncryptedBucket{b.Source}, b.Destinations...) {
		if trail := a.recorded[bucket]; trail != nil {
			add(trail, append(slices.Clone(trail.settings), trail.logs.settings...)...)
		}
		for _, records := range a.Records {
			if of := records.recorded[bucket.name]; len(of) > 0 {
				settings = append(settings, of...)
				add(records, records.into.settings...)
			}
		}
	}
	return settings
}

// trailOf returns the ARN of the trail that watches a bucket, or "".
func (a *Audit) trailOf(bucket *EncryptedBucket) pulumi.StringInput {
	if trail := a.recorded[bucket]; trail != nil {
		return trail.ARN
	}
	return pulumi.String("")
}

// withTrails adds the trails of the source and the destinations, in this order, to a
// descriptor.
func withTrails(descriptor map[string]any, trails []string) map[string]any {
	described := maps.Clone(descriptor)
	if trails[0] != "" {
		described["trailArn"] = trails[0]
	}
	var destinations []any
	for i, destination := range descriptor["destinations"].([]any) {
		audited := maps.Clone(destination.(map[string]any))
		if trail := trails[i+1]; trail != "" && trail != trails[0] {
			audited["trailArn"] = trail
		}
		destinations = append(destinations, audited)
	}
	described["destinations"] = destinations
	return described
}
