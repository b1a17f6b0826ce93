package crr

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// allow registers the policies of the role. They are split by the maximum length of the
// buckets' names, so that the split is known in a preview.
//
// The inline policy waits for the managed ones, and these are deleted last: a
// destination that moves from one policy to another is temporarily in both, never in
// neither.
func (r *ReplicationRole) allow(ctx *pulumi.Context, source *EncryptedBucket, destinations []*EncryptedBucket) ([]pulumi.Resource, error) {
	buckets := append([]*EncryptedBucket{source}, destinations...)
	var longest []model.BucketRef
	for _, destination := range destinations {
		longest = append(longest, destination.longest)
	}
	var allowed []pulumi.Resource
	var documents []pulumi.StringInput
	parts := model.SplitRolePolicy(source.longest, longest)
	for _, part := range append(parts[1:], parts[0]) {
		document := documentOfBuckets(func(ends []model.BucketRef) policy.Document {
			return part.Policy(ends[0], ends[1:])
		}, buckets...)
		documents = append(documents, document)
		if part.Inline {
			name := r.name + "-policy"
			inline, err := iam.NewRolePolicy(ctx, name, &iam.RolePolicyArgs{Role: r.Name, Policy: document},
				r.env.child(r, pulumi.DependsOn(allowed)))
			if err != nil {
				return nil, fmt.Errorf("allowing the role %q to replicate: %w", r.name, err)
			}
			allowed = append(allowed, inline)
			r.grants = append(r.grants, grant{inlinePolicyType, name, policyOutput, document, inline.ID()})
			continue
		}
		attached, err := r.attach(ctx, r.name+"-policy-"+label(part, destinations), document)
		if err != nil {
			return nil, fmt.Errorf("allowing the role %q to replicate: %w", r.name, err)
		}
		allowed = append(allowed, attached)
	}
	r.settings = append(r.settings, policySetting(replication.RolePoliciesSetting, r.env, r.ARN, documents...))
	return allowed, nil
}

// attach registers a managed policy of the role.
func (r *ReplicationRole) attach(ctx *pulumi.Context, name string, document pulumi.StringOutput) (pulumi.Resource, error) {
	managed, err := iam.NewPolicy(ctx, name, &iam.PolicyArgs{
		Description: pulumi.Sprintf("Lets S3 replicate objects (%s)", r.name),
		Path:        optional(r.path),
		Policy:      document,
		Tags:        pulumi.ToStringMap(r.tags),
	}, r.env.child(r))
	if err != nil {
		return nil, err
	}
	attached, err := iam.NewRolePolicyAttachment(ctx, name, &iam.RolePolicyAttachmentArgs{Role: r.Name, PolicyArn: managed.Arn}, r.env.child(r))
	if err != nil {
		return nil, err
	}
	r.grants = append(r.grants, grant{managedPolicyType, name, policyOutput, document, attached.ID()})
	return attached, nil
}

// label identifies a managed policy by its destinations, so that a policy for other
// destinations is a new policy, attached before the old one is deleted.
func label(part model.RolePart, destinations []*EncryptedBucket) string {
	var names []string
	for _, i := range part.Destinations {
		names = append(names, destinations[i].name)
	}
	sum := sha256.Sum256([]byte(strings.Join(names, "\n")))
	return hex.EncodeToString(sum[:4])
}
