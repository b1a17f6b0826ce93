package front

import (
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// checkPrincipals rejects a policy with a user or role of the caller's account that
// does not exist. S3 checks every account; principals of other accounts are assumed
// to exist, because the emulator's accounts may be empty.
func (f *Front) checkPrincipals(c *call, document policy.Document) error {
	named := principalsOf(document, c.caller.account)
	if len(named) == 0 {
		return nil
	}
	details, err := f.accountDetails(c.request.Context(), f.actingKey(c))
	if err != nil {
		return err
	}
	for _, arn := range named {
		if !details.has(arn) && arn != c.caller.arn {
			return malformedPolicy("Invalid principal in policy")
		}
	}
	return nil
}

// principalsOf returns the users and roles of an account in a policy.
func principalsOf(document policy.Document, account string) []string {
	var named []string
	for _, statement := range document.Statement {
		for _, principal := range []*policy.Principal{statement.Principal, statement.NotPrincipal} {
			if principal == nil {
				continue
			}
			for _, arn := range principal.AWS {
				if ofAccount(arn, account) {
					named = append(named, arn)
				}
			}
		}
	}
	return named
}

// ofAccount reports whether an ARN is in the account and can be checked. The
// emulator's IAM is that of the partition aws; principals of other partitions are
// assumed to exist.
func ofAccount(arn, account string) bool {
	rest, ok := strings.CutPrefix(arn, "arn:aws:iam::"+account+":")
	return ok && (strings.HasPrefix(rest, "role/") || strings.HasPrefix(rest, "user/"))
}

func (d accountDetails) has(arn string) bool {
	return slices.ContainsFunc(slices.Concat(d.Roles, d.Users), func(p principalDetails) bool { return p.ARN == arn })
}
