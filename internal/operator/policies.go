package operator

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/input"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// PolicyFiles are files with policies that are to be taken into account.
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
func AddPolicies(subjects []replication.Subject, files PolicyFiles) error {
	for _, text := range files.Role {
		if err := addRolePolicy(subjects, text); err != nil {
			return err
		}
	}
	if err := addRoleLimits(subjects, files.RoleLimits); err != nil {
		return err
	}
	for _, text := range files.Buckets {
		if err := addPolicy(subjects, "--bucket-policy", text, addBucketPolicy); err != nil {
			return err
		}
	}
	for _, text := range files.Keys {
		if err := addPolicy(subjects, "--key-policy", text, addKeyPolicy); err != nil {
			return err
		}
	}
	return nil
}

// addRolePolicy adds a policy of a role.
func addRolePolicy(subjects []replication.Subject, text string) error {
	of, file := nameAndFile(text)
	document, err := readPolicy(file)
	if err != nil {
		return err
	}
	_, err = eachOfRole(subjects, "--role-policy", text, of, func(role *replication.RoleFacts) {
		role.Policies = append(role.Policies, *document)
	})
	return err
}

// eachOfRole changes what is known of a role, which is given by its name or ARN;
// without one, it must be the only role there is. It returns the roles that it
// changed.
func eachOfRole(
	subjects []replication.Subject, flag, text, of string, change func(*replication.RoleFacts),
) (map[string]bool, error) {
	roles := map[string]bool{}
	for i := range subjects {
		role := subjects[i].Configuration.Role
		if of == "" || of == role || strings.HasSuffix(role, "/"+of) {
			roles[role] = true
			change(&subjects[i].Facts.Role)
		}
	}
	switch {
	case of == "" && len(roles) > 1:
		return nil, fmt.Errorf("%s %s: there are several roles; say whose policy it is: ROLE=FILE", flag, text)
	case len(roles) == 0:
		return nil, fmt.Errorf("%s %s: no replication has a role %q", flag, text, of)
	}
	return roles, nil
}

func readPolicy(file string) (*policy.Document, error) {
	data, err := input.File(file)
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	document, err := policy.Parse(unwrapped(data))
	if err != nil {
		return nil, fmt.Errorf("%s is not a policy: %w", file, err)
	}
	return &document, nil
}

// unwrapped is the policy in what the AWS CLI prints: get-bucket-policy and
// get-key-policy have it as a text, get-role-policy and get-policy-version do not.
func unwrapped(data []byte) []byte {
	var answer struct {
		Statement, PolicyDocument, Policy json.RawMessage
		PolicyVersion                     struct{ Document json.RawMessage }
	}
	if json.Unmarshal(data, &answer) != nil || answer.Statement != nil {
		return data
	}
	for _, inner := range []json.RawMessage{answer.Policy, answer.PolicyDocument, answer.PolicyVersion.Document} {
		var text string
		switch {
		case inner == nil:
		case json.Unmarshal(inner, &text) == nil:
			return []byte(text)
		default:
			return inner
		}
	}
	return data
}

// addPolicy reads "of=file" and gives the policy to whatever it is of.
func addPolicy(
	subjects []replication.Subject, flag, text string, add func(*replication.Subject, string, *policy.Document) bool,
) error {
	of, file, named := strings.Cut(text, "=")
	if !named || of == "" || file == "" {
		return fmt.Errorf("%s %s: say whose policy it is: NAME=FILE", flag, text)
	}
	document, err := readPolicy(file)
	if err != nil {
		return err
	}
	found := false
	for i := range subjects {
		found = add(&subjects[i], of, document) || found
	}
	if !found {
		return fmt.Errorf("%s %s: there is no %q in the replication; with --replication, name the source bucket as BUCKET=FILE", flag, text, of)
	}
	return nil
}

func addBucketPolicy(subject *replication.Subject, of string, document *policy.Document) bool {
	found := false
	eachBucket(subject, func(facts *replication.BucketFacts) {
		if of == facts.Bucket || of == facts.Name {
			facts.Policy, found = document, true
		}
	})
	return found
}

func addKeyPolicy(subject *replication.Subject, of string, document *policy.Document) bool {
	used := of == subject.Facts.Source.DefaultKey
	for _, rule := range subject.Configuration.Rules {
		used = used || rule.Destination.EncryptionConfiguration != nil && rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID == of
	}
	if !used {
		return false
	}
	eachBucket(subject, func(facts *replication.BucketFacts) {
		if facts.Keys == nil {
			facts.Keys = map[string]replication.KeyFacts{}
		}
		facts.Keys[of] = replication.KeyFacts{State: facts.Keys[of].State, Policy: document}
	})
	return true
}

// eachBucket lets a function change the facts of the source and of every
// destination that a rule names.
func eachBucket(subject *replication.Subject, change func(*replication.BucketFacts)) {
	change(&subject.Facts.Source)
	if subject.Facts.Destinations == nil {
		subject.Facts.Destinations = map[string]replication.BucketFacts{}
	}
	for _, rule := range subject.Configuration.Rules {
		name := rule.Destination.Bucket[strings.LastIndex(rule.Destination.Bucket, ":")+1:]
		facts := subject.Facts.Destinations[name]
		facts.Bucket = name
		change(&facts)
		subject.Facts.Destinations[name] = facts
	}
}
