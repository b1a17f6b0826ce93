package serve

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// complete adds the fields that the bridge omits because they follow from the
// detailed diff of the provider's settings.
func complete(d *pulumirpc.DiffResponse) *pulumirpc.DiffResponse {
	if d.GetChanges() == pulumirpc.DiffResponse_DIFF_UNKNOWN {
		d.Changes = pulumirpc.DiffResponse_DIFF_NONE
		if len(d.GetDetailedDiff()) > 0 {
			d.Changes = pulumirpc.DiffResponse_DIFF_SOME
		}
	}
	for path, change := range d.GetDetailedDiff() {
		setting := top(path)
		d.Diffs = insert(d.Diffs, setting)
		switch change.GetKind() {
		case pulumirpc.PropertyDiff_ADD_REPLACE, pulumirpc.PropertyDiff_UPDATE_REPLACE, pulumirpc.PropertyDiff_DELETE_REPLACE:
			d.Replaces = insert(d.Replaces, setting)
		}
	}
	return d
}

// top returns the first step of a property path.
func top(path string) string {
	steps, err := resource.ParsePropertyPath(path)
	if err != nil || len(steps) == 0 {
		return path
	}
	if name, ok := steps[0].(string); ok {
		return name
	}
	return path
}

// insert adds to a sorted set.
func insert(set []string, s string) []string {
	at, found := slices.BinarySearch(set, s)
	if found {
		return set
	}
	return slices.Insert(set, at, s)
}
