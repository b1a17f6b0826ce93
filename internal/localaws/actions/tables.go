package actions

import (
	"net/http"
	"path"
	"strings"
)

// keyNeeds is the table for KMS.
// https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
func keyNeeds(c *context) []Need {
	switch c.API {
	case "CreateKey":
		return c.alsoTags(c.on("kms"), "kms:TagResource", c.arn("kms", "key/new"))
	case "ListKeys", "ListAliases", "GenerateRandom":
		return c.on("kms")
	case "CreateAlias", "UpdateAlias":
		return c.on("kms", c.arn("kms", c.text("AliasName")), c.key(c.text("TargetKeyId")))
	case "DeleteAlias":
		return c.on("kms", c.arn("kms", c.text("AliasName")), c.key(c.text("AliasName")))
	default:
		return c.on("kms", c.key(c.text("KeyId", "KeyArn")))
	}
}

// key returns the ARN of a key given in any form.
func (c *context) key(name string) string {
	if strings.Contains(name, ":key/") {
		return name
	}
	if found := c.names.Key(name); found != "" {
		return found
	}
	return c.arn("kms", "key/"+name)
}

// identityNeeds is the table for IAM.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
func identityNeeds(c *context) []Need {
	needs := c.on("iam", c.identity())
	if c.API == "AddRoleToInstanceProfile" {
		return append(needs, pass(c.role(), "ec2.amazonaws.com"))
	}
	switch c.API {
	case "CreateRole":
		return c.alsoTags(needs, "iam:TagRole", c.role())
	case "CreatePolicy":
		return c.alsoTags(needs, "iam:TagPolicy", c.identity())
	default:
		return needs
	}
}

func (c *context) identity() string {
	switch {
	case c.has("RoleName"):
		return c.role()
	case c.has("PolicyArn"):
		return c.text("PolicyArn")
	case c.has("UserName"):
		return c.global("iam", "user/"+c.text("UserName"))
	case c.API == "CreatePolicy":
		return c.global("iam", "policy"+pathOf(c)+c.text("PolicyName"))
	default:
		return "*"
	}
}

func (c *context) role() string {
	name := c.text("RoleName")
	if c.API != "CreateRole" {
		if found := c.names.Role(name); found != "" {
			return found
		}
	}
	return c.global("iam", "role"+pathOf(c)+name)
}

func pathOf(c *context) string {
	if given := c.text("Path"); given != "" {
		return given
	}
	return "/"
}

// sessionNeeds is the table for STS.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
func sessionNeeds(c *context) []Need {
	if c.API == "AssumeRole" {
		return c.on("sts", c.text("RoleArn"))
	}
	return nil // GetCallerIdentity needs no permission
}

// topicNeeds is the table for SNS. Calls about one subscription have no resource.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
func topicNeeds(c *context) []Need {
	topic := c.text("TopicArn", "ResourceArn")
	if c.API == "CreateTopic" {
		topic = c.arn("sns", c.text("Name"))
	}
	if topic == "" {
		return c.on("sns")
	}
	return c.alsoTags(c.on("sns", topic), "sns:TagResource", topic)
}

// queueNeeds is the table for SQS. Batch calls need the action of the single call.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
func queueNeeds(c *context) []Need {
	name := c.text("QueueName")
	if at := c.text("QueueUrl"); at != "" {
		name = path.Base(at)
	}
	if name == "" {
		return c.on("sqs")
	}
	c.API = strings.TrimSuffix(c.API, "Batch")
	return c.alsoTags(c.on("sqs", c.arn("sqs", name)), "sqs:TagQueue", c.arn("sqs", name))
}

// alarmNeeds is the table for CloudWatch. Calls that also apply to composite alarms
// need "*", as documented for PutCompositeAlarm and DescribeAlarms.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
func alarmNeeds(c *context) []Need {
	switch c.API {
	case "PutMetricAlarm":
		alarm := c.arn("cloudwatch", "alarm:"+c.text("AlarmName"))
		return c.alsoTags(c.on("cloudwatch", alarm), "cloudwatch:TagResource", alarm)
	case "PutCompositeAlarm":
		return c.alsoTags(c.on("cloudwatch"), "cloudwatch:TagResource", c.arn("cloudwatch", "alarm:"+c.text("AlarmName")))
	case "DeleteAlarms", "EnableAlarmActions", "DisableAlarmActions":
		return c.on("cloudwatch", each(c.texts("AlarmNames"), func(name string) string { return c.arn("cloudwatch", "alarm:"+name) })...)
	case "SetAlarmState":
		return c.on("cloudwatch", c.arn("cloudwatch", "alarm:"+c.text("AlarmName")))
	case "PutDashboard", "GetDashboard":
		return c.on("cloudwatch", c.global("cloudwatch", "dashboard/"+c.text("DashboardName")))
	case "DeleteDashboards":
		return c.on("cloudwatch", each(c.texts("DashboardNames"), func(name string) string { return c.global("cloudwatch", "dashboard/"+name) })...)
	case "ListTagsForResource", "TagResource", "UntagResource":
		return c.on("cloudwatch", c.text("ResourceARN"))
	case "PutMetricData":
		needs := c.on("cloudwatch")
		needs[0].Context = map[string][]string{"cloudwatch:namespace": {c.text("Namespace")}}
		return needs
	default:
		return c.on("cloudwatch")
	}
}

func each(names []string, arn func(string) string) []string {
	arns := make([]string, len(names))
	for i, name := range names {
		arns[i] = arn(name)
	}
	return arns
}

// logNeeds is the table for CloudWatch Logs.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
func logNeeds(c *context) []Need {
	group := c.text("logGroupName")
	switch {
	case c.has("resourceArn"):
		return c.on("logs", c.text("resourceArn"))
	case c.API == "ListTagsLogGroup" || c.API == "TagLogGroup" || c.API == "UntagLogGroup":
		return c.on("logs", c.arn("logs", "log-group:"+group))
	case group != "":
		return c.alsoTags(c.on("logs", c.arn("logs", "log-group:"+group+":log-stream:"+c.text("logStreamName"))), "logs:TagResource",
			c.arn("logs", "log-group:"+group))
	default:
		return c.on("logs")
	}
}

// ruleNeeds is the table for EventBridge.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
func ruleNeeds(c *context) []Need {
	if c.has("ResourceARN") {
		return c.on("events", c.text("ResourceARN"))
	}
	name := c.text("Rule", "Name")
	if name == "" {
		return c.on("events")
	}
	rule := c.arn("events", "rule/"+name)
	return c.alsoTags(c.on("events", rule), "events:TagResource", rule)
}

// trailNeeds is the table for CloudTrail.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html
func trailNeeds(c *context) []Need {
	var needs []Need
	switch {
	case c.has("ResourceIdList"):
		return c.on("cloudtrail", c.texts("ResourceIdList")...)
	case c.has("ResourceId"):
		return c.on("cloudtrail", c.text("ResourceId"))
	case c.has("Name", "TrailName"):
		trail := c.arnOr(c.text("Name", "TrailName"), "cloudtrail", "trail/")
		needs = c.on("cloudtrail", trail)
		if c.has("TagsList") {
			needs = append(needs, Need{Action: "cloudtrail:AddTags", Resource: trail})
		}
	default:
		needs = c.on("cloudtrail")
	}
	if role := c.text("CloudWatchLogsRoleArn"); role != "" {
		needs = append(needs, pass(role, "cloudtrail.amazonaws.com"))
	}
	return needs
}

// functionCalls maps the method and the path after the function's name to the
// operation of Lambda.
// https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
var functionCalls = map[string]string{
	"GET ":                          "GetFunction",
	"DELETE ":                       "DeleteFunction",
	"GET configuration":             "GetFunctionConfiguration",
	"PUT configuration":             "UpdateFunctionConfiguration",
	"PUT code":                      "UpdateFunctionCode",
	"GET versions":                  "ListVersionsByFunction",
	"GET policy":                    "GetPolicy",
	"POST policy":                   "AddPermission",
	"DELETE policy":                 "RemovePermission",
	"POST invocations":              "InvokeFunction",
	"GET code-signing-config":       "GetFunctionCodeSigningConfig",
	"GET concurrency":               "GetFunctionConcurrency",
	"GET recursion-config":          "GetFunctionRecursionConfig",
	"GET runtime-management-config": "GetRuntimeManagementConfig",
}

// functionNeeds is the table for Lambda.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
func functionNeeds(c *context) []Need {
	_, rest, _ := strings.Cut(strings.TrimPrefix(c.Path, "/"), "/") // without its date
	if tagged, ok := strings.CutPrefix(rest, "tags/"); ok {
		c.API = map[string]string{http.MethodGet: "ListTags", http.MethodPost: "TagResource", http.MethodDelete: "UntagResource"}[c.Method]
		return c.on("lambda", tagged)
	}
	name, what, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(rest, "functions"), "/"), "/")
	what, _, _ = strings.Cut(what, "/")
	c.API = functionCalls[c.Method+" "+what]
	switch {
	case name == "" && c.Method == http.MethodPost:
		c.API, name = "CreateFunction", c.text("FunctionName")
	case name == "":
		c.API = "ListFunctions"
		return c.on("lambda")
	}
	function := c.arnOr(name, "lambda", "function:")
	needs := c.alsoTags(c.on("lambda", function), "lambda:TagResource", function)
	if role := c.text("Role"); role != "" {
		needs = append(needs, pass(role, "lambda.amazonaws.com"))
	}
	return needs
}
