package operator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/document"
	"github.com/crr-io/pulumi-aws-crr/internal/input"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// PolicyFiles are files with policies that are to be taken into account, in one of
// the forms of package document.
type PolicyFiles struct {
	// Role are the policies of replication roles: "file", and "role=file" where
	// there are several.
	Role []string
	// Buckets are "bucket=file", by a bucket's name or by that of the
	// destination.
	Buckets []string
	// Keys are "key ARN=file".
	Keys []string
	// RoleLimits are of the roles, too.
	RoleLimits
}

// AddPolicies adds the policies in the files to the facts of the subjects.
func AddPolicies(subjects []model.Subject, files PolicyFiles) error {
	for _, text := range files.Role {
		if err := addRolePolicy(subjects, text); err != nil {
			return err
		}
	}
	if err := addRoleLimits(subjects, files.RoleLimits); err != nil {
		return err
	}
	for _, text := range files.Buckets {
		if err := addPolicy(subjects, "--bucket-policy", text, document.BucketPolicy, addBucketPolicy); err != nil {
			return err
		}
	}
	for _, text := range files.Keys {
		if err := addPolicy(subjects, "--key-policy", text, document.KeyPolicy, addKeyPolicy); err != nil {
			return err
		}
	}
	return nil
}

// addRolePolicy adds the policies of a role that a file has.
func addRolePolicy(subjects []model.Subject, text string) error {
	of, file := nameAndFile(text)
	all, err := readPolicies(file, document.RolePolicy)
	if err != nil {
		return fmt.Errorf("--role-policy: %w", err)
	}
	return eachOfRole(subjects, "--role-policy", text, of, func(role string, facts *model.RoleFacts) error {
		documents, err := all.of(role, nameOfRole(role), of)
		facts.Policies = append(facts.Policies, documents...)
		return err
	})
}

// nameOfRole is the name in the ARN of a role.
func nameOfRole(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

// eachOfRole changes what is known of a role, which is given by its name or ARN;
// without one, it must be the only role there is.
func eachOfRole(
	subjects []model.Subject, flag, text, of string, change func(role string, facts *model.RoleFacts) error,
) error {
	roles := map[string]bool{}
	for i := range subjects {
		role := subjects[i].Configuration.Role
		if of == "" || of == role || of == nameOfRole(role) {
			roles[role] = true
		}
	}
	switch {
	case of == "" && len(roles) > 1:
		return fmt.Errorf("%s %s: there are several roles; say whose policy it is: ROLE=FILE", flag, text)
	case len(roles) == 0:
		return fmt.Errorf("%s %s: no replication has a role %q", flag, text, of)
	}
	for i := range subjects {
		if role := subjects[i].Configuration.Role; roles[role] {
			if err := change(role, &subjects[i].Facts.Role); err != nil {
				return fmt.Errorf("%s: %w", flag, err)
			}
		}
	}
	return nil
}

// policies are those of a kind in a file.
type policies struct {
	file string
	all  []document.Policy
}

func readPolicies(file string, kind document.PolicyKind) (policies, error) {
	data, err := input.File(file)
	if err != nil {
		return policies{}, fmt.Errorf("reading the policy: %w", err)
	}
	all, err := document.Policies(data, kind)
	if err != nil {
		return policies{}, fmt.Errorf("%s is not a policy: %w", file, err)
	}
	return policies{file, all}, nil
}

// of are the policies of something that has the given names. A file with one
// policy only, and no word of whose it is, has it for anything.
func (p policies) of(names ...string) ([]policy.Document, error) {
	var documents []policy.Document
	for _, each := range p.all {
		alone := len(p.all) == 1 && len(each.Of) == 0
		if !alone && !slices.ContainsFunc(each.Names(), func(name string) bool { return slices.Contains(names, name) }) {
			continue
		}
		found, err := each.Document()
		if err != nil {
			return nil, fmt.Errorf("%s is not a policy: %w", p.file, err)
		}
		documents = append(documents, found)
	}
	if len(documents) == 0 {
		return nil, fmt.Errorf("%s has no policy of %s; it has those of %s", p.file, names[0], listed(p.all))
	}
	return documents, nil
}

// one is the only policy of something.
func (p policies) one(names ...string) (*policy.Document, error) {
	documents, err := p.of(names...)
	if err != nil {
		return nil, err
	}
	if len(documents) > 1 {
		return nil, fmt.Errorf("%s has %d such policies of %s: %s; give one", p.file, len(documents), names[0], listed(p.all))
	}
	return &documents[0], nil
}

func readPolicy(file string) (*policy.Document, error) {
	all, err := readPolicies(file, document.OtherPolicy)
	if err != nil {
		return nil, err
	}
	return all.one("")
}

// addPolicy reads "of=file" and gives the policy to whatever it is of.
func addPolicy(
	subjects []model.Subject, flag, text string, kind document.PolicyKind,
	add func(*model.Subject, string, policies) (bool, error),
) error {
	of, file, named := strings.Cut(text, "=")
	if !named || of == "" || file == "" {
		return fmt.Errorf("%s %s: say whose policy it is: NAME=FILE", flag, text)
	}
	all, err := readPolicies(file, kind)
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	used := false
	for i := range subjects {
		found, err := add(&subjects[i], of, all)
		if err != nil {
			return fmt.Errorf("%s: %w", flag, err)
		}
		used = used || found
	}
	if !used {
		return fmt.Errorf("%s %s: there is no %q in the replication%s", flag, text, of, unusedHint[kind])
	}
	return nil
}

// unusedHint says how to name what a policy is of.
var unusedHint = map[document.PolicyKind]string{
	document.BucketPolicy: "; with --replication, name the source bucket as BUCKET=FILE",
	document.KeyPolicy:    ": neither a rule encrypts replicas with it nor does the source bucket; name the source's key with --source-key",
}

func addBucketPolicy(subject *model.Subject, of string, all policies) (found bool, err error) {
	eachBucket(subject, func(facts *model.BucketFacts) {
		if err == nil && (of == facts.Bucket || of == facts.Name) {
			found = true
			facts.Policy, err = all.one(facts.Bucket, of)
		}
	})
	return found, err
}

func addKeyPolicy(subject *model.Subject, of string, all policies) (bool, error) {
	used := of == subject.Facts.Source.DefaultKey
	for _, rule := range subject.Configuration.Rules {
		used = used || rule.Destination.EncryptionConfiguration != nil && rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID == of
	}
	if !used {
		return false, nil
	}
	document, err := all.one(of, of[strings.LastIndex(of, "/")+1:])
	eachBucket(subject, func(facts *model.BucketFacts) {
		setKey(facts, of, func(key *model.KeyFacts) { key.Policy = document })
	})
	return true, err
}

// eachBucket lets a function change the facts of the source and of every
// destination that a rule names.
func eachBucket(subject *model.Subject, change func(*model.BucketFacts)) {
	change(&subject.Facts.Source)
	if subject.Facts.Destinations == nil {
		subject.Facts.Destinations = map[string]model.BucketFacts{}
	}
	for _, rule := range subject.Configuration.Rules {
		name := rule.Destination.Bucket[strings.LastIndex(rule.Destination.Bucket, ":")+1:]
		facts := subject.Facts.Destinations[name]
		facts.Bucket = name
		change(&facts)
		subject.Facts.Destinations[name] = facts
	}
}
