package plan

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// proveStatements reports the user's statements that are certain to prevent
// replication, each once with the calls that it denies. Nothing else about them is
// checked: what clients may do is up to their author.
func (p proposal) proveStatements() replication.Problems {
	var problems replication.Problems
	for _, bucket := range p.args.namedBuckets() {
		for _, added := range bucket.args.added(p.placeholders[bucket.name]) {
			for i, statement := range added.statements {
				from, denied := p.deniedBy(statement, bucket.name, added.toKey)
				if len(denied) == 0 {
					continue
				}
				problems.AddSee(awsdocs.ReplicationTroubleshooting, fmt.Sprintf("%s.%s[%d]", p.args.PathOf(bucket.name), added.field, i),
					"%s would prevent replication: it denies the replication role %s. Exempt the role: %s",
					cmp.Or(statement.Sid, "the Deny"), shortened(denied), p.exemption(from))
			}
		}
	}
	return problems
}

// addedStatements are the user's statements for one policy.
type addedStatements struct {
	// field of the arguments with the statements.
	field string
	// toKey reports whether they belong to the key policy, not the bucket policy.
	toKey      bool
	statements []policy.Statement
}

func (a Bucket) added(at model.BucketRef) []addedStatements {
	return []addedStatements{
		{"statements", false, statementsOn(at.BucketARN, a.Statements)},
		{"keyStatements", true, statementsOnKey(a.KeyStatements)},
	}
}

// exemption describes how a statement can exempt the role of a bucket.
func (p proposal) exemption(from string) string {
	named := ""
	if p.args.Role.ARN == "" && p.args.Role.Name == "" {
		named = "set its name (role.name), and "
	}
	role := strings.NewReplacer(placeholderAccount, "<account>", placeholderRole(from), "<name>").Replace(cmp.Or(known(p.args.Role.ARN), p.roles[from]))
	return fmt.Sprintf(`%sadd "ArnNotEquals": {"aws:PrincipalArn": %q} to its Condition`, named, role)
}

// deniedBy returns the required actions that a statement is certain to deny, and the
// bucket whose role needs them.
func (p proposal) deniedBy(statement policy.Statement, bucketName string, toKey bool) (from string, actions []string) {
	if statement.Effect != policy.Deny {
		return "", nil
	}
	at := p.placeholders[bucketName]
	document := policy.New(statement)
	for _, pair := range p.pairs() {
		for _, call := range model.Calls(p.roles[pair.from], p.placeholders[pair.from], p.placeholders[pair.to]) {
			if call.Key != toKey || call.At.BucketARN != at.BucketARN || !p.alwaysDenies(&document, p.known(call.Request, bucketName), pair.from) {
				continue
			}
			from = pair.from
			if !slices.Contains(actions, call.Request.Action) {
				actions = append(actions, call.Request.Action)
			}
		}
	}
	return from, actions
}

// known returns a request without a key and a bucket name that are unknown before
// deployment.
func (p proposal) known(request policy.Request, bucketName string) policy.Request {
	request.Context = maps.Clone(request.Context)
	bucket := p.buckets[bucketName]
	if known(bucket.KMSKeyARN) == "" && len(request.Context[model.SSEKMSKeyIDConditionKey]) > 0 {
		delete(request.Context, model.SSEKMSKeyIDConditionKey)
	}
	if bucket.Bucket == "" {
		delete(request.Context, model.EncryptionContextConditionKey)
	}
	return request
}

// alwaysDenies reports whether a policy denies a request for every possible account and
// role name.
func (p proposal) alwaysDenies(document *policy.Document, request policy.Request, from string) bool {
	text := document.JSON()
	for _, role := range p.possibleRoles(from, text) {
		for _, account := range possibleAccounts(request.ResourceAccount, text) {
			request.Principal, request.ResourceAccount = role, account
			if len(request.Context[model.CallerAccountConditionKey]) > 0 {
				request.Context[model.CallerAccountConditionKey] = []string{awsid.AccountOf(role)}
			}
			if policy.Evaluate(policy.Policies{Resource: document}, request).Reason != policy.ExplicitDeny {
				return false
			}
		}
	}
	return true
}

var (
	accountPattern = regexp.MustCompile(`\b[0-9]{12}\b`)
	// rolePattern finds role names with wildcards: only a wildcard can match a
	// generated name on purpose.
	rolePattern = regexp.MustCompile(`:role/([^"]*[*?][^"]*)"`)
)

// possibleAccounts returns the candidates for an account that a policy can distinguish:
// if it is unknown, the accounts in the policy and one other.
func possibleAccounts(account, policyText string) []string {
	if account != placeholderAccount {
		return []string{account}
	}
	return append(accountPattern.FindAllString(policyText, -1), account)
}

// possibleRoles returns the candidate ARNs of a bucket's role that a policy can
// distinguish.
func (p proposal) possibleRoles(from, policyText string) []string {
	if arn := known(p.args.Role.ARN); arn != "" {
		return []string{arn}
	}
	placeholder := p.roles[from]
	arns := []string{placeholder}
	if p.args.Role.Name == "" {
		prefix, _, _ := strings.Cut(placeholder, ":role/")
		for _, found := range rolePattern.FindAllStringSubmatch(policyText, -1) {
			arns = append(arns, prefix+":role/"+strings.NewReplacer("*", "x", "?", "x").Replace(found[1]))
		}
	}
	var roles []string
	account := awsid.AccountOf(placeholder)
	for _, possible := range possibleAccounts(account, policyText) {
		for _, arn := range arns {
			roles = append(roles, strings.Replace(arn, ":"+account+":", ":"+possible+":", 1))
		}
	}
	return roles
}

// shortened lists the first actions and the number of further ones.
func shortened(actions []string) string {
	const most = 3
	if len(actions) <= most {
		return strings.Join(actions, ", ")
	}
	return fmt.Sprintf("%s and %d more calls", strings.Join(actions[:most], ", "), len(actions)-most)
}
