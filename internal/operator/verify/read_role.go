package verify

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// readKey returns a function that reads the state and the policy of a key.
func (p *place) readKey(arn string) func(context.Context) (model.KeyFacts, error) {
	return func(ctx context.Context) (model.KeyFacts, error) { return p.describeKey(ctx, arn) }
}

func (p *place) describeKey(ctx context.Context, arn string) (model.KeyFacts, error) {
	described, err := p.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &arn})
	if hasCode(err, []string{"NotFoundException"}) {
		return model.KeyFacts{State: model.KeyNotFound}, nil
	}
	if err != nil {
		return model.KeyFacts{}, err
	}
	facts := model.KeyFacts{State: model.KeyState(described.KeyMetadata.KeyState)}
	kept, err := p.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &arn, PolicyName: aws.String("default")})
	if err != nil {
		return facts, err
	}
	document, err := policy.Parse([]byte(aws.ToString(kept.Policy)))
	facts.Policy = &document
	return facts, err
}

// role is a role with its policies.
type role struct {
	missing  bool
	trust    policy.Document
	policies []policy.Document
	boundary *policy.Document
	// boundaryARN is the ARN of the permissions boundary, or "".
	boundaryARN string
}

// readRole reads a role with its inline and attached policies and its permissions
// boundary.
func (p *place) readRole(ctx context.Context) (role, error) {
	name := p.roleARN[strings.LastIndex(p.roleARN, "/")+1:]
	found, err := p.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if hasCode(err, []string{"NoSuchEntity"}) {
		return role{missing: true}, nil
	}
	if err != nil {
		return role{}, err
	}
	r := role{policies: []policy.Document{}}
	if r.trust, err = parseEncoded(found.Role.AssumeRolePolicyDocument); err != nil {
		return role{}, fmt.Errorf("reading the trust policy: %w", err)
	}
	if boundary := found.Role.PermissionsBoundary; boundary != nil {
		document, err := p.managedPolicy(ctx, boundary.PermissionsBoundaryArn)
		if err != nil {
			return role{}, fmt.Errorf("reading the permissions boundary: %w", err)
		}
		r.boundary, r.boundaryARN = &document, aws.ToString(boundary.PermissionsBoundaryArn)
	}
	if err := p.addInline(ctx, &r, name); err != nil {
		return role{}, err
	}
	return r, p.addAttached(ctx, &r, name)
}

func (p *place) addInline(ctx context.Context, r *role, name string) error {
	pages := iam.NewListRolePoliciesPaginator(p.iam, &iam.ListRolePoliciesInput{RoleName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for i := range page.PolicyNames {
			found, err := p.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &name, PolicyName: &page.PolicyNames[i]})
			if err != nil {
				return err
			}
			document, err := parseEncoded(found.PolicyDocument)
			if err != nil {
				return fmt.Errorf("reading the policy %s: %w", page.PolicyNames[i], err)
			}
			r.policies = append(r.policies, document)
		}
	}
	return nil
}

func (p *place) addAttached(ctx context.Context, r *role, name string) error {
	pages := iam.NewListAttachedRolePoliciesPaginator(p.iam, &iam.ListAttachedRolePoliciesInput{RoleName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, attached := range page.AttachedPolicies {
			document, err := p.managedPolicy(ctx, attached.PolicyArn)
			if err != nil {
				return fmt.Errorf("reading the policy %s: %w", aws.ToString(attached.PolicyName), err)
			}
			r.policies = append(r.policies, document)
		}
	}
	return nil
}

func (p *place) managedPolicy(ctx context.Context, arn *string) (policy.Document, error) {
	found, err := p.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: arn})
	if err != nil {
		return policy.Document{}, err
	}
	version, err := p.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: found.Policy.DefaultVersionId})
	if err != nil {
		return policy.Document{}, err
	}
	return parseEncoded(version.PolicyVersion.Document)
}

// parseEncoded parses a URL-encoded document, as returned by IAM.
func parseEncoded(text *string) (policy.Document, error) {
	plain, err := url.QueryUnescape(aws.ToString(text))
	if err != nil {
		return policy.Document{}, err
	}
	return policy.Parse([]byte(plain))
}
