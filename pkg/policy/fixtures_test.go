package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// The cast of most tests: a bucket in account 1, callers in accounts 1 and 2.
const (
	account1 = "111111111111"
	account2 = "222222222222"

	bucket  = "arn:aws:s3:::source"
	object  = "arn:aws:s3:::source/finance/q3.pdf"
	keyARN  = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	roleARN = "arn:aws:iam::111111111111:role/writer"
	session = "arn:aws:sts::111111111111:assumed-role/writer/today"
	userARN = "arn:aws:iam::111111111111:user/alice"
	root1   = "arn:aws:iam::111111111111:root"
	root2   = "arn:aws:iam::222222222222:root"

	foreignRole    = "arn:aws:iam::222222222222:role/reader"
	foreignSession = "arn:aws:sts::222222222222:assumed-role/reader/today"
)

// allowing is a statement that allows an action on everything; for a resource policy add a principal.
func allowing(principal *policy.Principal, actions ...string) policy.Statement {
	return policy.Statement{Effect: policy.Allow, Principal: principal, Action: actions, Resource: policy.Values{"*"}}
}

func denying(principal *policy.Principal, actions ...string) policy.Statement {
	return policy.Statement{Effect: policy.Deny, Principal: principal, Action: actions, Resource: policy.Values{"*"}}
}

// doc is a document of statements, as a pointer for the places that want one.
func doc(statements ...policy.Statement) *policy.Document {
	d := policy.New(statements...)
	return &d
}

// identity is the identity policies of a caller, one document each statement.
func identity(statements ...policy.Statement) []policy.Document {
	documents := make([]policy.Document, len(statements))
	for i, s := range statements {
		documents[i] = policy.New(s)
	}
	return documents
}

func get(principal string) policy.Request {
	return policy.Request{Principal: principal, Action: "s3:GetObject", Resource: object, ResourceAccount: account1}
}

func mustParse(tb testing.TB, text string) policy.Document {
	tb.Helper()
	d, err := policy.Parse([]byte(text))
	require.NoError(tb, err)
	return d
}
