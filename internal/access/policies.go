package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// MaxPolicySize is how many characters a managed policy has at most, white space
// not counted.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const MaxPolicySize = 6144

// Policy is what one principal needs for a task.
type Policy struct {
	// Principal is the ARN of the role that the policy is for, or empty: the caller that runs
	// the task.
	Principal string `json:"principal,omitempty"`
	// Account that the principal is in, or empty where it is not known.
	Account string `json:"account,omitempty"`
	// Resource that the policy belongs to, where it is the policy of a bucket.
	Resource string `json:"resource,omitempty"`
	// Notes say what to do with the documents, and where they are wider than the task.
	Notes []string `json:"notes"`
	// Documents are to be attached together; each fits a managed policy.
	Documents []policy.Document `json:"documents"`
}

// need is an action under a condition, on resources.
type need struct {
	action    string
	condition string
	resources []string
	grant     Grant
}

// needs of one principal.
type needs struct {
	account string
	all     map[string]*need
	wide    map[string][]string
}

func (n *needs) add(grant Grant, arns []string) {
	if len(arns) == 0 {
		return
	}
	condition := fmt.Sprint(grant.Condition)
	for _, action := range grant.Actions {
		key := action + " " + condition
		if n.all[key] == nil {
			n.all[key] = &need{action: action, condition: condition, grant: grant}
		}
		for _, arn := range arns {
			if !slices.Contains(n.all[key].resources, arn) {
				n.all[key].resources = append(n.all[key].resources, arn)
			}
		}
		if grant.Wide != "" && !slices.Contains(n.wide[grant.Wide], action) {
			n.wide[grant.Wide] = append(n.wide[grant.Wide], action)
		}
	}
}

// policies turns what principals need into policies, those of the credentials at
// hand first.
func policies(resources []Resource, table func(token string) (kind, bool)) ([]Policy, error) {
	byRole := map[string]*needs{}
	for _, resource := range resources {
		row, known := table(resource.Type)
		if !known {
			if needsNothing(resource.Type) {
				continue
			}
			return nil, fmt.Errorf("what deploying %s needs is not known: %s has no line in the table of package access", resource.Name, resource.Type)
		}
		role := resource.AssumeRoleARN
		if byRole[role] == nil {
			byRole[role] = &needs{account: resource.Account, all: map[string]*need{}, wide: map[string][]string{}}
		}
		for _, grant := range row.grants {
			if grant.When != "" && !resource.has(grant.When) {
				continue
			}
			var arns []string
			for _, template := range grant.On {
				arns = append(arns, resource.arns(row, template)...)
			}
			byRole[role].add(grant, arns)
		}
	}
	all := []Policy{}
	for _, role := range slices.Sorted(maps.Keys(byRole)) {
		if len(byRole[role].all) > 0 {
			all = append(all, byRole[role].policy(role))
		}
	}
	return all, nil
}

func (n *needs) policy(role string) Policy {
	made := Policy{Principal: role, Account: n.account, Documents: split(n.statements())}
	who := "Attach this policy to the user or role that runs the task."
	if role != "" {
		who = "Attach this policy to the role " + role + ", which must let the credentials that run the task assume it."
	}
	made.Notes = append(made.Notes, who)
	if len(made.Documents) > 1 {
		made.Notes = append(made.Notes, fmt.Sprintf(
			"It is %d documents, because a managed policy has at most %d characters: attach all of them.", len(made.Documents), MaxPolicySize))
	}
	if n.account == "" {
		made.Notes = append(made.Notes, "The account is not known, so ARNs have * for it: --account limits them to one.")
	}
	for _, reason := range slices.Sorted(maps.Keys(n.wide)) {
		slices.Sort(n.wide[reason])
		made.Notes = append(made.Notes, strings.Join(n.wide[reason], ", ")+": "+reason+".")
	}
	return made
}

// statements joins actions of a service that are on the same resources.
func (n *needs) statements() []policy.Statement {
	var statements []policy.Statement
	at := map[string]int{}
	for _, key := range slices.Sorted(maps.Keys(n.all)) {
		each := n.all[key]
		resources := compact(each.resources)
		prefix, _, _ := strings.Cut(each.action, ":")
		group := prefix + " " + each.condition + " " + strings.Join(resources, " ")
		i, there := at[group]
		if !there {
			i = len(statements)
			at[group] = i
			statements = append(statements, policy.Statement{Effect: policy.Allow, Resource: resources, Condition: each.grant.Condition})
		}
		statements[i].Action = append(statements[i].Action, each.action)
	}
	return statements
}

// maxNames is how many names of one kind a statement lists before they are
// replaced by the pattern that they have in common.
const maxNames = 6

// compact drops ARNs that others cover, and shortens long lists.
func compact(arns []string) []string {
	byHead := map[string][]string{}
	for _, arn := range arns {
		head, _ := headOf(arn)
		byHead[head] = append(byHead[head], arn)
	}
	var short []string
	for _, head := range slices.Sorted(maps.Keys(byHead)) {
		some := uncovered(byHead[head])
		if len(some) > maxNames {
			for i, arn := range some {
				_, name := headOf(arn)
				first, _, _ := strings.Cut(name, "-")
				_, rest, inside := strings.Cut(name, "/")
				if strings.HasSuffix(first, "*") || !strings.Contains(name, "-") {
					continue
				}
				some[i] = head + first + "-*"
				if inside && rest != "" && rest != "*" {
					some[i] = head + first + "-*/" + rest
				}
			}
			some = uncovered(some)
		}
		short = append(short, some...)
	}
	slices.Sort(short)
	return short
}

// headOf cuts an ARN before the name of the resource.
func headOf(arn string) (head, name string) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return "", arn
	}
	head = strings.Join(parts[:5], ":") + ":"
	for _, kind := range []string{"role/", "alias/", "key/", "alarm:", "log-group:", "function:", "rule/", "trail/", "dashboard/"} {
		if name, ok := strings.CutPrefix(parts[5], kind); ok {
			return head + kind, name
		}
	}
	return head, parts[5]
}

// uncovered leaves out what is there twice, and what ends in a pattern that another
// one is wider than.
func uncovered(arns []string) []string {
	var kept []string
	for i, arn := range arns {
		covered := slices.ContainsFunc(arns, func(other string) bool {
			wide, pattern := strings.CutSuffix(other, "*")
			return pattern && other != arn && strings.HasPrefix(arn, wide)
		})
		if !covered && !slices.Contains(arns[:i], arn) {
			kept = append(kept, arn)
		}
	}
	slices.Sort(kept)
	return kept
}

// split puts statements into as few documents as they fit into. A statement that
// fits none is cut by its resources.
func split(statements []policy.Statement) []policy.Document {
	var documents []policy.Document
	for _, statement := range cut(statements) {
		last := len(documents) - 1
		if last >= 0 {
			grown := policy.New(append(slices.Clone(documents[last].Statement), statement)...)
			if size(grown) <= MaxPolicySize {
				documents[last] = grown
				continue
			}
		}
		documents = append(documents, policy.New(statement))
	}
	return documents
}

func cut(statements []policy.Statement) []policy.Statement {
	var all []policy.Statement
	for _, statement := range statements {
		if size(policy.New(statement)) <= MaxPolicySize || len(statement.Resource) < 2 {
			all = append(all, statement)
			continue
		}
		first, second := statement, statement
		half := len(statement.Resource) / 2
		first.Resource, second.Resource = statement.Resource[:half], statement.Resource[half:]
		all = append(all, cut([]policy.Statement{first, second})...)
	}
	return all
}

// size is how IAM counts: without white space.
func size(document policy.Document) int {
	return len(strings.Join(strings.Fields(document.JSON()), ""))
}

// Deploy returns what deploying and destroying resources needs.
func Deploy(resources []Resource) ([]Policy, error) { return policies(withPaths(resources), kindOf) }

// TearDown returns what looking before resources are destroyed needs, and deleting
// keys afterwards.
func TearDown(resources []Resource) ([]Policy, error) {
	return policies(resources, func(token string) (kind, bool) {
		row, _ := find(torn, token)
		return row, true
	})
}

// withPaths gives the policies of roles the paths of the roles.
func withPaths(resources []Resource) []Resource {
	role, _ := kindOf("aws:iam/role:Role")
	paths := map[string]any{}
	for _, each := range resources {
		if each.Type == role.token {
			paths[each.AssumeRoleARN+" "+each.name(role)] = each.Inputs["path"]
		}
	}
	all := slices.Clone(resources)
	for i, each := range all {
		if path := paths[each.AssumeRoleARN+" "+each.text("role")]; path != nil && each.Type != role.token {
			all[i].Inputs = maps.Clone(each.Inputs)
			all[i].Inputs["path"] = path
		}
	}
	return all
}

// Task is something to do with a deployment.
type Task string

// The tasks.
const (
	ToDeploy  Task = "deploy"
	ToVerify  Task = "verify"
	ToStatus  Task = "status"
	ToCompare Task = "compare"
	ToObject  Task = "object"
	ToReport  Task = "report"
	ToCanary  Task = "canary"
	// ToTearDown is about `crr destroy-check` and `crr schedule-key-deletion`.
	ToTearDown Task = "teardown"
)

// Tasks are all of them.
var Tasks = []Task{ToDeploy, ToVerify, ToStatus, ToCompare, ToObject, ToReport, ToCanary, ToTearDown}

// For returns what a command that looks at deployments needs.
func For(task Task, deployments []replication.Descriptor) ([]Policy, error) {
	table, known := commands[task]
	if !known {
		return nil, fmt.Errorf("%s is not a command that looks at a deployment", task)
	}
	return policies(parts(deployments), func(token string) (kind, bool) {
		return kind{token: token, grants: table[token]}, true
	})
}
