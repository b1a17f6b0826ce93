package document

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// PolicyKind is what a policy is attached to.
type PolicyKind int

// The kinds of policies in documents of several.
const (
	// OtherPolicy stands alone: a permissions boundary, an SCP, an RCP.
	OtherPolicy PolicyKind = iota
	BucketPolicy
	KeyPolicy
	RolePolicy
	TrustPolicy
)

var kindNames = map[PolicyKind]string{
	BucketPolicy: "bucket policy", KeyPolicy: "key policy", RolePolicy: "policy of a role", TrustPolicy: "trust policy",
}

// Policy in a document.
type Policy struct {
	// Address of the resource in a document of several.
	Address string
	// Of are the names of what it is attached to, so far as the document has them.
	Of []string

	tree any
	err  error
	none bool
}

// Names are those by which one of several policies can be asked for.
func (p Policy) Names() []string { return append(names(p.Address), p.Of...) }

// String names the policy for people.
func (p Policy) String() string { return label(strings.Join(p.Of, ", "), p.Address) }

// Document reads the policy. Where AWS answered that there is none, it is empty.
func (p Policy) Document() (policy.Document, error) {
	if p.err != nil || p.none {
		return policy.Document{}, p.err
	}
	tree := plain(p.tree)
	if text, isText := tree.(string); isText {
		var err error
		if tree, err = readPolicyText(text); err != nil {
			return policy.Document{}, err
		}
	}
	if paths := functions(tree, ""); len(paths) > 0 {
		return policy.Document{}, unknownError(label(p.Address, "the policy"), paths, whyFunctions+
			"deploy it and give the policy as the AWS CLI prints it, or write the values in their place")
	}
	data, err := json.Marshal(tree)
	if err != nil {
		return policy.Document{}, err
	}
	if len(data) > maxPolicy {
		return policy.Document{}, fmt.Errorf("it has %d KB; no policy of AWS has more than 32", len(data)>>10)
	}
	return policy.Parse(data)
}

// maxPolicy bounds the bytes of a policy. A key policy, the longest, has 32 KB.
// https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
const maxPolicy = 100 << 10

// readPolicyText reads a policy that is the text of a value. IAM's own answers,
// which some tools print, have it encoded as in a URL.
func readPolicyText(text string) (any, error) {
	if strings.HasPrefix(text, "%7B") {
		if decoded, err := url.QueryUnescape(text); err == nil {
			text = decoded
		}
	}
	return read([]byte(text))
}

// Policies reads the policies of a kind in a document. There is at least one.
func Policies(data []byte, kind PolicyKind) ([]Policy, error) {
	tree, err := read(data)
	var answer *AWSError
	switch {
	case errors.As(err, &answer) && answer.Code == "NoSuchBucketPolicy" && kind == BucketPolicy:
		return []Policy{{none: true}}, nil
	case err != nil:
		return nil, err
	}
	if tree, err = unwrapped(tree); err != nil {
		return nil, err
	}
	list, isDocument, err := resources(tree)
	if err != nil {
		return nil, err
	}
	if !isDocument {
		return []Policy{{tree: policyIn(tree)}}, nil
	}
	attached := attachments(list)
	var found []Policy
	for _, each := range list {
		for _, one := range policiesOf(each, kind, attached) {
			if unknown := unknownPolicy(each); one.tree == nil && unknown != "" {
				one.err = unknownError(each.address, []string{unknown}, whyUnknown+"apply the plan and give what `terraform show -json` prints of the state")
			}
			if one.tree != nil || one.err != nil {
				found = append(found, one)
			}
		}
	}
	switch {
	case kind == OtherPolicy:
		return nil, errors.New("it is a template or a state; give the policy by itself")
	case len(found) == 0:
		return nil, fmt.Errorf("there is no %s in it", kindNames[kind])
	}
	return found, nil
}

func unknownPolicy(from resource) string {
	for _, path := range from.unknown {
		if strings.HasSuffix(path, "policy") {
			return path
		}
	}
	return ""
}

// policyIn is the policy in what the AWS CLI prints: get-bucket-policy and
// get-key-policy have it as a text, get-role-policy, get-policy-version and
// get-role do not.
func policyIn(tree any) any {
	if at(tree, "Statement") != nil {
		return tree
	}
	for _, path := range [][]string{{"Policy"}, {"PolicyDocument"}, {"PolicyVersion", "Document"}, {"Role", "AssumeRolePolicyDocument"}, {"Policy", "Content"}} {
		switch inner := at(tree, path...).(type) {
		case string:
			return inner
		case map[string]any:
			if inner["Statement"] != nil {
				return inner
			}
		}
	}
	return tree
}

// policiesOf a resource, of a kind.
func policiesOf(from resource, kind PolicyKind, attached map[string][]string) []Policy {
	values := from.values
	one := func(tree any, of ...string) []Policy {
		if text, isText := tree.(string); isText && text == "" {
			tree = nil
		}
		return []Policy{{Address: from.address, Of: names(of...), tree: tree}}
	}
	switch kind {
	case BucketPolicy:
		switch from.kind {
		case "aws_s3_bucket_policy":
			return one(values["policy"], textAt(values, "bucket"))
		case "AWS::S3::BucketPolicy":
			return one(values["PolicyDocument"], nameIn(values["Bucket"]))
		}
	case KeyPolicy:
		switch from.kind {
		case "aws_kms_key", "aws_kms_key_policy":
			return one(values["policy"], textAt(values, "arn"), textAt(values, "key_id"))
		case "AWS::KMS::Key":
			return one(values["KeyPolicy"])
		}
	case RolePolicy:
		return rolePolicies(from, one, attached)
	case TrustPolicy:
		switch from.kind {
		case "aws_iam_role":
			return one(values["assume_role_policy"], textAt(values, "arn"), textAt(values, "name"))
		case "AWS::IAM::Role":
			return one(values["AssumeRolePolicyDocument"], nameIn(values["RoleName"]))
		}
	}
	return nil
}

func rolePolicies(from resource, one func(any, ...string) []Policy, attached map[string][]string) []Policy {
	values := from.values
	switch from.kind {
	case "aws_iam_role_policy":
		return one(values["policy"], textAt(values, "role"))
	case "aws_iam_policy":
		return one(values["policy"], attached[textAt(values, "arn")]...)
	case "aws_iam_role":
		var found []Policy
		for _, inline := range listAt(values, "inline_policy") {
			found = append(found, one(at(inline, "policy"), textAt(values, "arn"), textAt(values, "name"))...)
		}
		return found
	case "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy":
		of := []string{nameIn(values["RoleName"])}
		for _, role := range listAt(values, "Roles") {
			of = append(of, nameIn(role))
		}
		return one(values["PolicyDocument"], of...)
	case "AWS::IAM::Role":
		var found []Policy
		for _, inline := range listAt(values, "Policies") {
			found = append(found, one(at(inline, "PolicyDocument"), nameIn(values["RoleName"]))...)
		}
		return found
	}
	return nil
}

// attachments are the names of the roles that Terraform attaches each managed
// policy to, by its ARN.
func attachments(list []resource) map[string][]string {
	attached := map[string][]string{}
	for _, each := range list {
		arn := textAt(each.values, "policy_arn")
		switch each.kind {
		case "aws_iam_role_policy_attachment":
			attached[arn] = append(attached[arn], textAt(each.values, "role"))
		case "aws_iam_policy_attachment":
			for _, role := range listAt(each.values, "roles") {
				if name, isText := role.(string); isText {
					attached[arn] = append(attached[arn], name)
				}
			}
		}
	}
	return attached
}

// nameIn is the name in a property of CloudFormation, or the logical id of the
// resource that it refers to.
func nameIn(tree any) string {
	if text, isText := plain(tree).(string); isText {
		return text
	}
	return textAt(tree, "Ref")
}
