package operator

import (
	"fmt"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
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

func addRoleLimits(subjects []replication.Subject, files RoleLimits) error {
	for _, each := range []struct {
		flag  string
		files []string
		to    func(*replication.RoleFacts) **policy.Document
	}{
		{"--trust-policy", files.Trust, func(role *replication.RoleFacts) **policy.Document { return &role.Trust }},
		{"--permissions-boundary", files.Boundary, func(role *replication.RoleFacts) **policy.Document { return &role.Boundary }},
	} {
		given := map[string]bool{}
		for _, text := range each.files {
			if err := addToRole(subjects, each.flag, text, given, each.to); err != nil {
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

// addToRole gives a role a policy of which it has one only.
func addToRole(
	subjects []replication.Subject, flag, text string, given map[string]bool, to func(*replication.RoleFacts) **policy.Document,
) error {
	of, file := nameAndFile(text)
	document, err := readPolicy(file)
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	roles, err := eachOfRole(subjects, flag, text, of, func(role *replication.RoleFacts) { *to(role) = document })
	if err != nil {
		return err
	}
	for role := range roles {
		if given[role] {
			return fmt.Errorf("%s %s: the role %s has one such policy already; give one file for each role", flag, text, role)
		}
		given[role] = true
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
