package front

import (
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// narrowing are the condition keys with which a grant to everyone is not public, if
// they have fixed values.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
var narrowing = []string{
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount",
	"aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce",
	"aws:userid", "s3:dataaccesspointaccount", "s3:dataaccesspointarn", "s3:x-amz-server-side-encryption-aws-kms-key-id",
}

// isPublic reports whether S3 considers a policy public: a statement allows everyone
// something, without a narrowing condition.
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

// holds reports whether an operator restricts a key to its values, unlike negations
// and IfExists.
func holds(operator string) bool {
	name := strings.TrimPrefix(strings.ToLower(operator), "foranyvalue:")
	switch name {
	case "stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress":
		return true
	default:
		return false
	}
}

// fixed reports whether values contain no wildcards and variables, and no CIDR range
// that covers the internet.
func fixed(values policy.Values) bool {
	return !slices.ContainsFunc(values, func(value string) bool {
		return strings.ContainsAny(value, "*?$") || strings.HasSuffix(value, "/0")
	})
}
