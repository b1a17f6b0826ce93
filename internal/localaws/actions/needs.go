package actions

import (
	"net/http"
	"net/url"
	"strings"
)

// Need is an action on a resource that the caller must be allowed.
type Need struct {
	Action, Resource string
	// Context holds the condition keys that the call itself sets.
	Context map[string][]string
}

// Place is the partition, region and account of a call.
type Place struct{ Partition, Region, Account string }

// Names resolves resource names that are not ARNs.
type Names interface {
	// Role returns the ARN of a role, including its path, or "" for an unknown role.
	Role(name string) string
	// Key returns the ARN of a key given by alias or id, or "" for an unknown key.
	Key(name string) string
}

// Call is a request to a service other than S3.
type Call struct {
	// Host, such as "kms.us-east-1.amazonaws.com".
	Host string
	// API is the operation's name, if the protocol carries it.
	API    string
	Method string
	Path   string
	Query  url.Values
	Header http.Header
	Body   []byte
}

// services maps the prefix of a host name to the table of the service.
var services = map[string]func(*context) []Need{
	"kms":        keyNeeds,
	"iam":        identityNeeds,
	"sts":        sessionNeeds,
	"sns":        topicNeeds,
	"sqs":        queueNeeds,
	"monitoring": alarmNeeds,
	"logs":       logNeeds,
	"events":     ruleNeeds,
	"cloudtrail": trailNeeds,
	"lambda":     functionNeeds,
}

// context is the state of looking up a call's needs.
type context struct {
	Place
	Call
	parameters
	names Names
}

// Needs returns everything that a call needs. Calls to services without a table need
// nothing.
func Needs(call Call, at Place, names Names) []Need {
	service, _, _ := strings.Cut(call.Host, ".")
	table, known := services[strings.TrimSuffix(service, "-fips")]
	if !known {
		return nil
	}
	return table(&context{Place: at, Call: call, parameters: readParameters(call.Body, call.Query), names: names})
}

// on returns the need for the call's own action on resources, or on "*".
func (c *context) on(service string, resources ...string) []Need {
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	var needs []Need
	for _, resource := range resources {
		needs = append(needs, Need{Action: service + ":" + c.API, Resource: resource})
	}
	return needs
}

// arn returns an ARN in the call's account and region.
func (c *context) arn(service, resource string) string {
	return "arn:" + c.Partition + ":" + service + ":" + c.Region + ":" + c.Account + ":" + resource
}

// global returns an ARN of a service without regions.
func (c *context) global(service, resource string) string {
	return "arn:" + c.Partition + ":" + service + "::" + c.Account + ":" + resource
}

// arnOr returns a name that is already an ARN, or else the ARN built from it.
func (c *context) arnOr(name, service, kind string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return c.arn(service, kind+name)
}

// alsoTags adds the tagging action to the needs of a create call with tags.
func (c *context) alsoTags(needs []Need, action string, resource string) []Need {
	if strings.HasPrefix(c.API, "Create") || strings.HasPrefix(c.API, "Put") {
		if c.has("Tags", "tags", "TagsList") {
			return append(needs, Need{Action: action, Resource: resource})
		}
	}
	return needs
}

// pass returns the need to pass a role to a service.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
func pass(roleARN, service string) Need {
	return Need{Action: "iam:PassRole", Resource: roleARN, Context: map[string][]string{"iam:PassedToService": {service}}}
}

// PassToS3 returns the need to pass a role to S3, as in PutBucketReplication.
func PassToS3(roleARN string) Need { return pass(roleARN, "s3.amazonaws.com") }
