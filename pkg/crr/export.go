package crr

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// Export exports the stack outputs that the commands of crr read: "replications" with
// the descriptors of replicated buckets, "policies" with the grants that others must
// add (see [PoliciesOfOthers]), and "dashboards" with the URLs of dashboards. A program
// calls it once, with all of its replicated buckets.
//
// A program with an [Audit] then exports "replications" again, as the list of the
// results of [Audit.Describe], so that the descriptors include the trails.
func Export(ctx *pulumi.Context, buckets ...*ReplicatedBucket) {
	descriptors, dashboards := pulumi.MapArray{}, pulumi.Array{}
	for _, bucket := range buckets {
		descriptors = append(descriptors, bucket.Descriptor)
		if bucket.Dashboard != nil {
			dashboards = append(dashboards, bucket.Dashboard.URL)
		}
	}
	ctx.Export("replications", descriptors)
	ctx.Export("policies", PoliciesOfOthers(buckets...))
	ctx.Export("dashboards", dashboards)
}

// PoliciesOfOthers returns the [Policies] that the components did not set themselves:
// of existing roles, buckets and keys.
func PoliciesOfOthers(buckets ...*ReplicatedBucket) pulumi.ArrayOutput {
	var made pulumi.StringArray
	for _, bucket := range buckets {
		for _, role := range bucket.roles {
			if !role.adopted {
				made = append(made, role.ARN)
			}
		}
		for _, each := range bucket.buckets {
			if !each.existing {
				made = append(made, each.ARN, each.madeKey())
			}
		}
	}
	return pulumi.All(Policies(buckets...), made).ApplyT(func(known []any) []any {
		ours := map[string]bool{}
		for _, arn := range known[1].([]string) {
			ours[arn] = true
		}
		theirs := []any{}
		for _, grant := range known[0].([]any) {
			if !ours[grant.(map[string]any)["resource"].(string)] {
				theirs = append(theirs, grant)
			}
		}
		return theirs
	}).(pulumi.ArrayOutput)
}

// madeKey returns the ARN of the key that was created with the bucket, or "" for a key
// that the user supplied.
func (b *EncryptedBucket) madeKey() pulumi.StringOutput {
	return pulumi.All(b.KMSKeyARN, b.KMSKeyID).ApplyT(func(known []any) string {
		if known[1].(string) == "" {
			return ""
		}
		return known[0].(string)
	}).(pulumi.StringOutput)
}
