package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Fingerprint identifies what a statement grants or denies: 16 hexadecimal digits, equal for two statements that
// differ only in their Sid or in what AWS rewrites when it keeps a policy, such as the order of a list, an account
// id in place of its root's ARN, and the case of action names.
func (s Statement) Fingerprint() string {
	s.Sid = ""
	s.Action, s.NotAction = canonical(s.Action, strings.ToLower), canonical(s.NotAction, strings.ToLower)
	s.Resource, s.NotResource = canonical(s.Resource, nil), canonical(s.NotResource, nil)
	s.Principal, s.NotPrincipal = s.Principal.canonical(), s.NotPrincipal.canonical()
	conditions := Conditions{}
	for operator, keys := range s.Condition {
		conditions[operator] = map[string]Values{}
		for key, values := range keys {
			conditions[operator][strings.ToLower(key)] = canonical(values, nil)
		}
	}
	s.Condition = conditions
	sum := sha256.Sum256([]byte(New(s).JSON()))
	return hex.EncodeToString(sum[:8])
}

// canonical sorts values and drops those that occur twice.
func canonical(values Values, form func(string) string) Values {
	sorted := slices.Clone(values)
	for i := range sorted {
		if form != nil {
			sorted[i] = form(sorted[i])
		}
	}
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

func (p *Principal) canonical() *Principal {
	if p == nil {
		return nil
	}
	if p.All || slices.Contains(p.AWS, "*") {
		return Anyone()
	}
	account := func(arn string) string {
		if parts, ok := splitARN(arn); ok && parts[arnService] == "iam" && strings.HasSuffix(arn, ":root") {
			return parts[arnAccount]
		}
		return arn
	}
	return &Principal{
		AWS: canonical(p.AWS, account), Service: canonical(p.Service, strings.ToLower),
		Federated: canonical(p.Federated, nil), CanonicalUser: canonical(p.CanonicalUser, nil),
	}
}
