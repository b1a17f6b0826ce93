package front

import (
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// narrowing are the condition keys that keep a grant to everyone from being
// public, where they are held to fixed values.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
var narrowing = []string{
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount",
	"aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce",
	"aws:userid", "s3:dataaccesspointaccount", "s3:dataaccesspointarn", "s3:x-amz-server-side-encryption-aws-kms-key-id",
}

// isPublic tells whether S3 calls a policy public: a statement allows anyone
// something, with no condition that narrows who that is.
func isPublic(document policy.Document) bool {
	return slices.ContainsFunc(document.Statement, func(s policy.Statement) bool {
		return s.Effect == policy.Allow && forAnyone(s) && !narrowed(s.Condition)
	})
}

func forAnyone(s policy.Statement) bool {
	if s.NotPrincipal != nil {
		return true
	}
	return s.Principal != nil && (s.Principal.All || slices.Contains(s.Principal.AWS, "*"))
}

func narrowed(conditions policy.Conditions) bool {
	for operator, keys := range conditions {
		if !holds(operator) {
			continue
		}
		for key, values := range keys {
			if slices.Contains(narrowing, strings.ToLower(key)) && fixed(values) {
				return true
			}
		}
	}
	return false
}

// holds tells whether an operator holds a key to its values, which negations
// and IfExists do not.
func holds(operator string) bool {
	name := strings.TrimPrefix(strings.ToLower(operator), "foranyvalue:")
	switch name {
	case "stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress":
		return true
	default:
		return false
	}
}

// fixed tells whether values are without wildcards and variables, and no net
// that spans the internet.
func fixed(values policy.Values) bool {
	return !slices.ContainsFunc(values, func(value string) bool {
		return strings.ContainsAny(value, "*?$") || strings.HasSuffix(value, "/0")
	})
}
