package operator

import (
	"fmt"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/internal/document"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// RoleLimits are files with policies that limit what replication roles can do, and grant nothing.
type RoleLimits struct {
	// Trust and Boundary are trust policies and permissions boundaries: "file", and "role=file" where there are several
	// roles.
	Trust, Boundary []string
	// ServiceControl are "file" or "level=file".
	ServiceControl []string
	// ResourceControl are files.
	ResourceControl []string
}

func addRoleLimits(subjects []model.Subject, files RoleLimits) error {
	for _, each := range []struct {
		flag  string
		kind  document.PolicyKind
		files []string
		to    func(*model.RoleFacts) **policy.Document
	}{
		{"--trust-policy", document.TrustPolicy, files.Trust, func(role *model.RoleFacts) **policy.Document { return &role.Trust }},
		{"--permissions-boundary", document.OtherPolicy, files.Boundary, func(role *model.RoleFacts) **policy.Document { return &role.Boundary }},
	} {
		given := map[string]string{}
		for _, text := range each.files {
			of, file := nameAndFile(text)
			all, err := readPolicies(file, each.kind)
			if err != nil {
				return fmt.Errorf("%s: %w", each.flag, err)
			}
			if err := eachOfRole(subjects, each.flag, text, of, func(role string, facts *model.RoleFacts) (err error) {
				if before := given[role]; before != "" && before != text {
					return fmt.Errorf("%s: the role %s has one such policy already; give one file for each role", text, role)
				}
				given[role] = text
				*each.to(facts), err = all.one(role, nameOfRole(role), of)
				return err
			}); err != nil {
				return err
			}
		}
	}
	levels, err := readLevels(files.ServiceControl)
	if err != nil {
		return err
	}
	var resourceControl []policy.Document
	for _, file := range files.ResourceControl {
		document, err := readPolicy(file)
		if err != nil {
			return fmt.Errorf("--rcp: %w", err)
		}
		resourceControl = append(resourceControl, *document)
	}
	for i := range subjects {
		role := &subjects[i].Facts.Role
		role.ServiceControl, role.ResourceControl = levels, resourceControl
	}
	return nil
}

// readLevels reads service control policies. Files without a level are levels of their own.
func readLevels(files []string) ([]policy.Level, error) {
	var names []string
	var levels []policy.Level
	for _, text := range files {
		name, file := nameAndFile(text)
		document, err := readPolicy(file)
		if err != nil {
			return nil, fmt.Errorf("--scp: %w", err)
		}
		i := slices.Index(names, name)
		if name == "" || i < 0 {
			names, levels = append(names, name), append(levels, nil)
			i = len(levels) - 1
		}
		levels[i] = append(levels[i], *document)
	}
	for i := range levels {
		if !slices.ContainsFunc(levels[i], allowsAnything) {
			levels[i] = append(levels[i], fullAccess)
		}
	}
	return levels, nil
}

func allowsAnything(document policy.Document) bool {
	return slices.ContainsFunc(document.Statement, func(s policy.Statement) bool { return s.Effect == policy.Allow })
}

// fullAccess is the policy FullAWSAccess, which AWS attaches to every level. A level without any Allow would let nothing
// through, so that this one is there, too.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
var fullAccess = policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}})
