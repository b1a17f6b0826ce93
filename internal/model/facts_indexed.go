package model

import "github.com/crr-io/pulumi-aws-crr/pkg/policy"

// indexed returns the same facts, with policies that are prepared for many calls.
func (f Facts) indexed() Facts {
	f.Source = f.Source.indexed()
	destinations := make(map[string]BucketFacts, len(f.Destinations))
	for bucket, facts := range f.Destinations {
		destinations[bucket] = facts.indexed()
	}
	f.Destinations = destinations
	role := &f.Role
	role.Policies, role.ResourceControl = indexedAll(role.Policies), indexedAll(role.ResourceControl)
	role.Boundary, role.Trust = indexed(role.Boundary), indexed(role.Trust)
	levels := role.ServiceControl
	role.ServiceControl = nil
	for _, level := range levels {
		role.ServiceControl = append(role.ServiceControl, indexedAll(level))
	}
	return f
}

func (f BucketFacts) indexed() BucketFacts {
	f.Policy = indexed(f.Policy)
	if f.Keys == nil {
		return f
	}
	keys := make(map[string]KeyFacts, len(f.Keys))
	for key, facts := range f.Keys {
		facts.Policy = indexed(facts.Policy)
		keys[key] = facts
	}
	f.Keys = keys
	return f
}

func indexed(document *policy.Document) *policy.Document {
	if document == nil {
		return nil
	}
	prepared := document.Indexed()
	return &prepared
}

// indexedAll keeps nil, which says that nothing is known.
func indexedAll(documents []policy.Document) []policy.Document {
	if documents == nil {
		return nil
	}
	prepared := make([]policy.Document, len(documents))
	for i := range documents {
		prepared[i] = documents[i].Indexed()
	}
	return prepared
}
