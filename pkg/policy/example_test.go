package policy_test

import (
	"fmt"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// A bucket policy refuses plain HTTP. The caller may read by its own policy, so the transport decides.
func Example() {
	const bucket = "arn:aws:s3:::customer-data"
	bucketPolicy := policy.New(policy.Statement{
		Sid:       "DenyInsecureTransport",
		Effect:    policy.Deny,
		Principal: policy.Anyone(),
		Action:    policy.Values{"s3:*"},
		Resource:  policy.Values{bucket, bucket + "/*"},
		Condition: policy.Conditions{"Bool": {"aws:SecureTransport": {"false"}}},
	})
	reader := policy.New(policy.Statement{
		Effect:   policy.Allow,
		Action:   policy.Values{"s3:GetObject"},
		Resource: policy.Values{bucket + "/*"},
	})
	policies := policy.Policies{Identity: []policy.Document{reader}, Resource: &bucketPolicy}
	for _, secure := range []string{"true", "false"} {
		fmt.Println(policy.Evaluate(policies, policy.Request{
			Principal:       "arn:aws:iam::111111111111:user/alice",
			Action:          "s3:GetObject",
			Resource:        bucket + "/q3.pdf",
			ResourceAccount: "111111111111",
			Context:         map[string][]string{"aws:SecureTransport": {secure}},
		}))
	}
	// Output:
	// allowed by Statement[0] of identity policy 0
	// denied by Statement[0] (DenyInsecureTransport) of the resource policy
}

func ExampleParse() {
	_, err := policy.Parse([]byte(`{"Version": "2012-10-17", "Statement": [
		{"Effect": "Deny", "Principal": "*", "Actions": "s3:*", "Resource": "*"},
		{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
		 "Condition": {"StringNotEqual": {"aws:PrincipalOrgID": "o-example"}}}]}`))
	fmt.Println(err)
	// Output:
	// Statement[0].Actions: unknown element; did you mean Action? (known are Action, Condition, Effect, NotAction, NotPrincipal, NotResource, Principal, Resource, Sid)
	// Statement[1].Condition.StringNotEqual: unknown operator; did you mean StringNotEquals?
}

func ExampleDocument_JSON() {
	fmt.Println(policy.New(policy.Statement{
		Effect:    policy.Allow,
		Principal: policy.Service("s3.amazonaws.com"),
		Action:    policy.Values{"sts:AssumeRole"},
	}).JSON())
	// Output:
	// {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sts:AssumeRole"}]}
}
