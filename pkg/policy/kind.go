package policy

import (
	"fmt"
	"strings"
)

// Kind is how a document is used. Each kind has its own rules about the elements of statements.
type Kind string

// The kinds of policies. A permissions boundary is an identity policy.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html
const (
	IdentityPolicy Kind = "an identity policy"
	ResourcePolicy Kind = "a resource policy"
	TrustPolicy    Kind = "a trust policy"
)

// ValidateAs is Validate together with the rules of one kind: an identity policy names no principals but resources,
// a resource policy names both, and a trust policy names principals but, being about its own role, no resources. IAM
// takes only letters and digits in a Sid, and every Sid once; other services are not so strict.
func (d Document) ValidateAs(kind Kind) error {
	var found problems
	d.check(&found)
	sids := map[string]bool{}
	for i := range d.Statement {
		s, path := &d.Statement[i], fmt.Sprintf("Statement[%d]", i)
		checkPresence(path, "Principal", s.Principal != nil || s.NotPrincipal != nil, kind != IdentityPolicy, kind, &found)
		checkPresence(path, "Resource", len(s.Resource)+len(s.NotResource) > 0, kind != TrustPolicy, kind, &found)
		if kind != ResourcePolicy {
			checkSid(path+".Sid", s.Sid, sids, &found)
		}
	}
	return found.err()
}

func checkPresence(path, name string, given, wanted bool, kind Kind, found *problems) {
	switch {
	case wanted && !given:
		found.add(path, "%s needs a %s", kind, name)
	case given && !wanted:
		found.add(path, "%s cannot have a %s", kind, name)
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
func checkSid(path, sid string, seen map[string]bool, found *problems) {
	if sid == "" {
		return
	}
	if strings.Trim(sid, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") != "" {
		found.add(path, "%q is not made of letters and digits only", sid)
	}
	if seen[sid] {
		found.add(path, "%q is used twice in this document", sid)
	}
	seen[sid] = true
}
