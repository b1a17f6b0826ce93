package front

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// service turns a request into one to another service.
func service(host, target string) func(*http.Request) {
	return func(r *http.Request) {
		r.Host = host
		if target != "" {
			r.Header.Set("X-Amz-Target", target)
			r.Header.Set("Content-Type", "application/x-amz-json-1.1")
			return
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
}

// TestAuthorization_OfEveryService calls each service, in its protocol, with a role
// that has no permission for it.
func TestAuthorization_OfEveryService(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		host, target, path, body string
		status                   int
		code, action             string
	}{
		"kms":        {host: "kms.us-east-1.amazonaws.com", target: "TrentService.CreateKey", body: "{}", status: 400, code: `"__type":"AccessDeniedException"`, action: "kms:CreateKey"},
		"logs":       {host: "logs.us-east-1.amazonaws.com", target: "Logs_20140328.DescribeLogGroups", body: "{}", status: 400, code: `"__type":"AccessDeniedException"`, action: "logs:DescribeLogGroups"},
		"events":     {host: "events.us-east-1.amazonaws.com", target: "AWSEvents.PutRule", body: `{"Name": "r"}`, status: 400, code: `"__type":"AccessDeniedException"`, action: "events:PutRule"},
		"cloudtrail": {host: "cloudtrail.us-east-1.amazonaws.com", target: "CloudTrail_20131101.DescribeTrails", body: "{}", status: 400, code: `"__type":"AccessDeniedException"`, action: "cloudtrail:DescribeTrails"},
		"sqs":        {host: "sqs.us-east-1.amazonaws.com", target: "AmazonSQS.CreateQueue", body: `{"QueueName": "q"}`, status: 400, code: `"__type":"AccessDeniedException"`, action: "sqs:CreateQueue"},
		"lambda":     {host: "lambda.us-east-1.amazonaws.com", path: "/2015-03-31/functions", body: `{"FunctionName": "f"}`, status: 403, code: "", action: "lambda:CreateFunction"},
		"iam":        {host: "iam.amazonaws.com", body: "Action=CreateRole&RoleName=r", status: 403, code: "<Code>AccessDenied</Code>", action: "iam:CreateRole"},
		"sts":        {host: "sts.us-east-1.amazonaws.com", body: "Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/other", status: 403, code: "<Code>AccessDenied</Code>", action: "sts:AssumeRole"},
		"sns":        {host: "sns.us-east-1.amazonaws.com", body: "Action=CreateTopic&Name=t", status: 403, code: "<Code>AuthorizationError</Code>", action: "sns:CreateTopic"},
		"cloudwatch": {host: "monitoring.us-east-1.amazonaws.com", body: "Action=PutMetricAlarm&AlarmName=a", status: 403, code: "<Code>AccessDenied</Code>", action: "cloudwatch:PutMetricAlarm"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			people(l)
			ask := func(accessKey string) (int, string) {
				w := l.ask("POST", "/"+strings.TrimPrefix(c.path, "/"), c.body, service(c.host, c.target), as(accessKey))
				return w.Code, w.Body.String()
			}
			status, body := ask("ASIAREADER")
			assert.Equal(t, c.status, status, body)
			assert.Contains(t, unescape(body), "User: arn:aws:sts::123456789012:assumed-role/reader/me is not authorized to perform: "+c.action+" on resource: ")
			assert.Contains(t, body, c.code)
			assert.Empty(t, l.emulator.Requests(), "what is refused is not done")

			// Administrators, and sessions of roles that do not exist, may do
			// everything.
			for _, accessKey := range []string{"AKIAADMIN", "ASIAGHOST"} {
				_, body = ask(accessKey)
				assert.NotContains(t, body, "is not authorized", accessKey)
			}
		})
	}
}

func TestAuthorization_ByThePoliciesOfTheCaller(t *testing.T) {
	t.Parallel()
	const owner, other = "arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:role/other"
	describe := service("kms.us-east-1.amazonaws.com", "TrentService.ScheduleKeyDeletion")
	keyPolicyOf := func(principal string) string {
		return policy.New(policy.Statement{Effect: policy.Allow, Principal: policy.AWS(principal), Action: policy.Values{"kms:*"}, Resource: policy.Values{"*"}}).JSON()
	}
	cases := map[string]struct {
		allowed, bounded, keyPolicy string
		want                        string
	}{
		"allowed by IAM and left to IAM by the key":    {"kms:*", "kms:*", keyPolicyOf(owner), ""},
		"allowed by IAM and not by the key":            {"kms:*", "kms:*", keyPolicyOf(other), "no resource-based policy allows"},
		"allowed by IAM and not by the boundary":       {"kms:*", "s3:*", keyPolicyOf(owner), "no permissions boundary allows"},
		"not allowed by IAM and left to it by the key": {"s3:*", "kms:*", keyPolicyOf(owner), "no identity-based policy allows"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			people(l)
			l.emulator.IAM = strings.ReplaceAll(l.emulator.IAM, allowing("s3:GetObject"), allowing(c.allowed))
			l.emulator.IAM = strings.ReplaceAll(l.emulator.IAM, managed("arn:aws:iam::123456789012:policy/boundary", "s3:*t*"), managed("arn:aws:iam::123456789012:policy/boundary", c.bounded))
			l.emulator.KeyPolicy = c.keyPolicy
			w := l.ask("POST", "/", `{"KeyId": "k"}`, describe, as("ASIAREADER"))
			if c.want == "" {
				assert.NotContains(t, w.Body.String(), "is not authorized")
				return
			}
			assert.Contains(t, w.Body.String(), c.want)
		})
	}
}

// Only permitted callers may pass a role to a service.
func TestAuthorization_OfPassingARoleToS3(t *testing.T) {
	t.Parallel()
	for allowed, want := range map[string]string{"s3:PutReplicationConfiguration": "iam:PassRole", "*": ""} {
		t.Run(allowed, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			people(l)
			l.emulator.IAM = strings.ReplaceAll(l.emulator.IAM, allowing("s3:GetObject"), allowing(allowed))
			l.emulator.IAM = strings.ReplaceAll(l.emulator.IAM, managed("arn:aws:iam::123456789012:policy/boundary", "s3:*t*"), managed("arn:aws:iam::123456789012:policy/boundary", "*"))
			l.must("PUT", "/b", "")
			w := l.ask("PUT", "/b?replication", `<ReplicationConfiguration><Role>arn:aws:iam::123456789012:role/replicates</Role></ReplicationConfiguration>`, as("ASIAREADER"))
			if want == "" {
				assert.NotContains(t, w.Body.String(), "is not authorized")
				return
			}
			assert.Equal(t, http.StatusForbidden, w.Code)
			assert.Contains(t, unescape(w.Body.String()), "perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/replicates")
		})
	}
}
