package actions

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var here = Place{Partition: "aws", Region: "us-east-1", Account: "111111111111"}

// catalogue has one role and one alias.
type catalogue struct{}

func (catalogue) Role(name string) string {
	if name == "reader" {
		return "arn:aws:iam::111111111111:role/path/reader"
	}
	return ""
}

func (catalogue) Key(name string) string {
	if name == "alias/data" {
		return "arn:aws:kms:us-east-1:111111111111:key/k"
	}
	return ""
}

// call is a call in JSON, or in the query protocol if it has a form.
func call(t *testing.T, host, api string, parameters any) Call {
	t.Helper()
	if form, ok := parameters.(string); ok {
		return Call{Host: host, API: api, Method: http.MethodPost, Path: "/", Body: []byte(form)}
	}
	body, err := json.Marshal(parameters)
	require.NoError(t, err)
	return Call{Host: host, API: api, Method: http.MethodPost, Path: "/", Body: body}
}

type fields = map[string]any

// The cases are from the service authorization reference.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
func TestNeeds(t *testing.T) {
	t.Parallel()
	const kms, iam, sns, sqs = "kms.us-east-1.amazonaws.com", "iam.amazonaws.com", "sns.us-east-1.amazonaws.com", "sqs.us-east-1.amazonaws.com"
	const alarms, logs, events, trails = "monitoring.us-east-1.amazonaws.com", "logs.us-east-1.amazonaws.com", "events.us-east-1.amazonaws.com", "cloudtrail.us-east-1.amazonaws.com"
	cases := map[string]struct {
		call Call
		want []string
	}{
		"a key is made":                  {call(t, kms, "CreateKey", fields{}), []string{"kms:CreateKey *"}},
		"a key is made with tags":        {call(t, kms, "CreateKey", fields{"Tags": []any{fields{"TagKey": "a"}}}), []string{"kms:CreateKey *", "kms:TagResource arn:aws:kms:us-east-1:111111111111:key/new"}},
		"a key is named by its ARN":      {call(t, kms, "DescribeKey", fields{"KeyId": "arn:aws:kms:eu-west-1:222222222222:key/x"}), []string{"kms:DescribeKey arn:aws:kms:eu-west-1:222222222222:key/x"}},
		"a key is named by its id":       {call(t, kms, "EnableKeyRotation", fields{"KeyId": "x"}), []string{"kms:EnableKeyRotation arn:aws:kms:us-east-1:111111111111:key/x"}},
		"a key is named by its alias":    {call(t, kms, "DescribeKey", fields{"KeyId": "alias/data"}), []string{"kms:DescribeKey arn:aws:kms:us-east-1:111111111111:key/k"}},
		"an alias needs its key as well": {call(t, kms, "DeleteAlias", fields{"AliasName": "alias/data"}), []string{"kms:DeleteAlias arn:aws:kms:us-east-1:111111111111:alias/data", "kms:DeleteAlias arn:aws:kms:us-east-1:111111111111:key/k"}},
		"a role is made":                 {call(t, iam, "CreateRole", "Action=CreateRole&RoleName=r&Path=/p/&Tags.member.1.Key=a"), []string{"iam:CreateRole arn:aws:iam::111111111111:role/p/r", "iam:TagRole arn:aws:iam::111111111111:role/p/r"}},
		"a role with a path is read":     {call(t, iam, "GetRole", "Action=GetRole&RoleName=reader"), []string{"iam:GetRole arn:aws:iam::111111111111:role/path/reader"}},
		"a policy is attached to a role": {call(t, iam, "AttachRolePolicy", "RoleName=r&PolicyArn=arn:aws:iam::aws:policy/x"), []string{"iam:AttachRolePolicy arn:aws:iam::111111111111:role/r"}},
		"a policy is made":               {call(t, iam, "CreatePolicy", "PolicyName=p"), []string{"iam:CreatePolicy arn:aws:iam::111111111111:policy/p"}},
		"a policy is read":               {call(t, iam, "GetPolicy", "PolicyArn=arn:aws:iam::111111111111:policy/p"), []string{"iam:GetPolicy arn:aws:iam::111111111111:policy/p"}},
		"a topic is made":                {call(t, sns, "CreateTopic", "Name=t&Tags.member.1.Key=a&Tags.member.1.Value=b"), []string{"sns:CreateTopic arn:aws:sns:us-east-1:111111111111:t", "sns:TagResource arn:aws:sns:us-east-1:111111111111:t"}},
		"a subscription has no resource": {call(t, sns, "Unsubscribe", "SubscriptionArn=arn:aws:sns:us-east-1:111111111111:t:s"), []string{"sns:Unsubscribe *"}},
		"a queue is named by its URL":    {call(t, sqs, "DeleteMessageBatch", fields{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111111111111/q"}), []string{"sqs:DeleteMessage arn:aws:sqs:us-east-1:111111111111:q"}},
		"a queue is made":                {call(t, sqs, "CreateQueue", fields{"QueueName": "q", "tags": fields{"a": "b"}}), []string{"sqs:CreateQueue arn:aws:sqs:us-east-1:111111111111:q", "sqs:TagQueue arn:aws:sqs:us-east-1:111111111111:q"}},
		"alarms are deleted":             {call(t, alarms, "DeleteAlarms", "AlarmNames.member.1=a&AlarmNames.member.2=b"), []string{"cloudwatch:DeleteAlarms arn:aws:cloudwatch:us-east-1:111111111111:alarm:a", "cloudwatch:DeleteAlarms arn:aws:cloudwatch:us-east-1:111111111111:alarm:b"}},
		"a composite alarm is made":      {call(t, alarms, "PutCompositeAlarm", "AlarmName=a"), []string{"cloudwatch:PutCompositeAlarm *"}},
		"a dashboard has no region":      {call(t, alarms, "PutDashboard", "DashboardName=d"), []string{"cloudwatch:PutDashboard arn:aws:cloudwatch::111111111111:dashboard/d"}},
		"a log group is made":            {call(t, logs, "CreateLogGroup", fields{"logGroupName": "g"}), []string{"logs:CreateLogGroup arn:aws:logs:us-east-1:111111111111:log-group:g:log-stream:"}},
		"a log group's tags":             {call(t, logs, "ListTagsForResource", fields{"resourceArn": "arn:aws:logs:us-east-1:111111111111:log-group:g"}), []string{"logs:ListTagsForResource arn:aws:logs:us-east-1:111111111111:log-group:g"}},
		"a rule gets targets":            {call(t, events, "PutTargets", fields{"Rule": "r"}), []string{"events:PutTargets arn:aws:events:us-east-1:111111111111:rule/r"}},
		"a trail is made": {call(t, trails, "CreateTrail", fields{"Name": "t", "CloudWatchLogsRoleArn": "arn:aws:iam::111111111111:role/logs", "TagsList": []any{fields{"Key": "a"}}}), []string{
			"cloudtrail:CreateTrail arn:aws:cloudtrail:us-east-1:111111111111:trail/t", "cloudtrail:AddTags arn:aws:cloudtrail:us-east-1:111111111111:trail/t", "iam:PassRole arn:aws:iam::111111111111:role/logs",
		}},
		"a role is assumed":          {call(t, "sts.us-east-1.amazonaws.com", "AssumeRole", "RoleArn=arn:aws:iam::222222222222:role/deploy"), []string{"sts:AssumeRole arn:aws:iam::222222222222:role/deploy"}},
		"the caller asks who it is":  {call(t, "sts.us-east-1.amazonaws.com", "GetCallerIdentity", ""), nil},
		"a service without a table":  {call(t, "ec2.us-east-1.amazonaws.com", "RunInstances", ""), nil},
		"a call that no table has":   {call(t, events, "ListRules", fields{}), []string{"events:ListRules *"}},
		"the parameters are no JSON": {call(t, kms, "DescribeKey", "{"), []string{"kms:DescribeKey arn:aws:kms:us-east-1:111111111111:key/"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, written(Needs(c.call, here, catalogue{})))
		})
	}
}

func TestNeeds_OfFunctions(t *testing.T) {
	t.Parallel()
	const function = "arn:aws:lambda:us-east-1:111111111111:function:f"
	for request, want := range map[string][]string{
		"POST /2015-03-31/functions":                       {"lambda:CreateFunction " + function, "iam:PassRole arn:aws:iam::111111111111:role/r"},
		"GET /2015-03-31/functions/f":                      {"lambda:GetFunction " + function},
		"GET /2015-03-31/functions/" + function:            {"lambda:GetFunction " + function},
		"DELETE /2015-03-31/functions/f":                   {"lambda:DeleteFunction " + function},
		"GET /2015-03-31/functions/f/versions":             {"lambda:ListVersionsByFunction " + function},
		"POST /2015-03-31/functions/f/invocations":         {"lambda:InvokeFunction " + function},
		"DELETE /2015-03-31/functions/f/policy/s":          {"lambda:RemovePermission " + function},
		"GET /2020-06-30/functions/f/code-signing-config":  {"lambda:GetFunctionCodeSigningConfig " + function},
		"GET /2017-03-31/tags/" + url.PathEscape(function): {"lambda:ListTags " + function},
		"PUT /2015-03-31/functions/f/configuration":        {"lambda:UpdateFunctionConfiguration " + function},
		"GET /2015-03-31/functions":                        {"lambda:ListFunctions *"},
		"GET /2099-01-01/functions/f/an-unknown-call":      {"lambda: " + function},
	} {
		t.Run(request, func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequest(request[:len(request)-len(request[indexOfSpace(request):])], "https://lambda.us-east-1.amazonaws.com"+request[indexOfSpace(request)+1:], nil)
			require.NoError(t, err)
			made := Call{Host: "lambda.us-east-1.amazonaws.com", Method: r.Method, Path: r.URL.Path}
			if r.Method == http.MethodPost && r.URL.Path == "/2015-03-31/functions" {
				made.Body = []byte(`{"FunctionName": "f", "Role": "arn:aws:iam::111111111111:role/r"}`)
			}
			assert.Equal(t, want, written(Needs(made, here, catalogue{})))
		})
	}
}

func indexOfSpace(text string) int {
	for i, letter := range text {
		if letter == ' ' {
			return i
		}
	}
	return len(text)
}

func written(needs []Need) []string {
	var texts []string
	for _, need := range needs {
		texts = append(texts, need.Action+" "+need.Resource)
	}
	return texts
}
