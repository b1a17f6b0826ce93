package crr

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const seeReplicationDenied = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html"

// proveStatements finds the user's statements that would keep objects from being
// replicated, whatever is not known yet: each once, with the calls that it hits.
// They are judged on nothing else, since what clients may do is up to their
// author.
func (p proposal) proveStatements() replication.Problems {
	var problems replication.Problems
	for _, bucket := range p.args.namedBuckets() {
		for _, added := range bucket.args.added(p.placeholders[bucket.name]) {
			for i, statement := range added.statements {
				from, denied := p.deniedBy(statement, bucket.name, added.toKey)
				if len(denied) == 0 {
					continue
				}
				problems.AddSee(seeReplicationDenied, fmt.Sprintf("%s.%s[%d]", p.args.pathOf(bucket.name), added.field, i),
					"%s would keep objects from being replicated: it denies the replication role %s. Exempt the role: %s",
					cmp.Or(statement.Sid, "the Deny"), shortened(denied), p.exemption(from))
			}
		}
	}
	return problems
}

// addedStatements are what the user adds to one policy.
type addedStatements struct {
	// field of the arguments that has them.
	field string
	// toKey reports whether they are of the key's policy, and not of the bucket's.
	toKey      bool
	statements []policy.Statement
}

func (a BucketArgs) added(at replication.BucketRef) []addedStatements {
	return []addedStatements{
		{"statements", false, statementsOn(at.BucketARN, a.Statements)},
		{"keyStatements", true, statementsOnKey(a.KeyStatements)},
	}
}

// exemption is how a statement spares the role of a place.
func (p proposal) exemption(from string) string {
	named := ""
	if p.args.Role.ARN == nil && p.args.Role.Name == "" {
		named = "give it a name (role.name), and "
	}
	role := strings.NewReplacer(placeholderAccount, "<account>", placeholderRole(from), "<name>").Replace(cmp.Or(known(p.args.Role.ARN), p.roles[from]))
	return fmt.Sprintf(`%sadd "ArnNotEquals": {"aws:PrincipalArn": %q} to its Condition`, named, role)
}

// deniedBy are the actions that a statement about a place is certain to deny, and
// the place whose role needs them.
func (p proposal) deniedBy(statement policy.Statement, bucketName string, toKey bool) (from string, actions []string) {
	if statement.Effect != policy.Deny {
		return "", nil
	}
	at := p.placeholders[bucketName]
	document := policy.New(statement)
	for _, pair := range p.pairs() {
		for _, call := range replication.Calls(p.roles[pair.from], p.placeholders[pair.from], p.placeholders[pair.to]) {
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

// known is a request without the key and the name of a bucket that have yet to be
// made.
func (p proposal) known(request policy.Request, bucketName string) policy.Request {
	request.Context = maps.Clone(request.Context)
	bucket := p.buckets[bucketName]
	if known(bucket.KMSKeyARN) == "" && len(request.Context[replication.SSEKMSKeyIDConditionKey]) > 0 {
		delete(request.Context, replication.SSEKMSKeyIDConditionKey)
	}
	if bucket.Bucket == "" {
		delete(request.Context, replication.EncryptionContextConditionKey)
	}
	return request
}

// deniesAnyhow tells whether a policy denies a request whichever account it is
// deployed to, and whatever name the role is given.
func (p proposal) alwaysDenies(document *policy.Document, request policy.Request, from string) bool {
	text := document.JSON()
	for _, role := range p.possibleRoles(from, text) {
		for _, account := range possibleAccounts(request.ResourceAccount, text) {
			request.Principal, request.ResourceAccount = role, account
			if len(request.Context[replication.CallerAccountConditionKey]) > 0 {
				request.Context[replication.CallerAccountConditionKey] = []string{replication.AccountOf(role)}
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
	// rolePattern finds names of roles with wildcards: only such a pattern can be
	// meant for a name that is generated.
	rolePattern = regexp.MustCompile(`:role/([^"]*[*?][^"]*)"`)
)

// possibleAccounts are those that an account may turn out to be, as far as a
// policy could tell them apart: where it is not known, any that the policy names,
// or another.
func possibleAccounts(account, policyText string) []string {
	if account != placeholderAccount {
		return []string{account}
	}
	return append(accountPattern.FindAllString(policyText, -1), account)
}

// possibleRoles are the ARNs that the role of a place may turn out to have, as
// far as a policy could tell them apart.
func (p proposal) possibleRoles(from, policyText string) []string {
	if arn := known(p.args.Role.ARN); arn != "" {
		return []string{arn}
	}
	standIn := p.roles[from]
	arns := []string{standIn}
	if p.args.Role.Name == "" {
		prefix, _, _ := strings.Cut(standIn, ":role/")
		for _, found := range rolePattern.FindAllStringSubmatch(policyText, -1) {
			arns = append(arns, prefix+":role/"+strings.NewReplacer("*", "x", "?", "x").Replace(found[1]))
		}
	}
	var roles []string
	account := replication.AccountOf(standIn)
	for _, possible := range possibleAccounts(account, policyText) {
		for _, arn := range arns {
			roles = append(roles, strings.Replace(arn, ":"+account+":", ":"+possible+":", 1))
		}
	}
	return roles
}

// shortened are the first of some actions, and how many more there are.
func shortened(actions []string) string {
	const most = 3
	if len(actions) <= most {
		return strings.Join(actions, ", ")
	}
	return fmt.Sprintf("%s and %d more calls", strings.Join(actions[:most], ", "), len(actions)-most)
}
