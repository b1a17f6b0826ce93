package crr

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// Export exports the stack outputs that the commands of crr read, and what there is
// to hand to others: "replications" with the descriptors of replicated buckets,
// "policies" with what others must grant, see [PoliciesOfOthers], and "dashboards" with the
// addresses of dashboards. A program calls it once, with all of its buckets.
//
// A program with an [Audit] exports "replications" anew afterwards, as a list of what
// [Audit.Describe] returns, so that the descriptors name the trails.
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

// PoliciesOfOthers are those of [Policies] that the replicated buckets did not set
// themselves: of existing roles and buckets, and of keys that were brought along.
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

// madeKey is the ARN of the key that was made along with the bucket, or "" where a
// key was brought along, which has no id here.
func (b *EncryptedBucket) madeKey() pulumi.StringOutput {
	return pulumi.All(b.KMSKeyARN, b.KMSKeyID).ApplyT(func(known []any) string {
		if known[1].(string) == "" {
			return ""
		}
		return known[0].(string)
	}).(pulumi.StringOutput)
}
