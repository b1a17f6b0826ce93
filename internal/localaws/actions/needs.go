package actions

import (
	"net/http"
	"net/url"
	"strings"
)

// Need is an action on a resource that the caller must be allowed.
type Need struct {
	Action, Resource string
	// Context has the condition keys that the call itself sets.
	Context map[string][]string
}

// Place is the partition, region and account in which a call is made.
type Place struct{ Partition, Region, Account string }

// Names finds the resources that calls name by less than their ARNs.
type Names interface {
	// Role returns the ARN of a role, path included, or "" for an unknown role.
	Role(name string) string
	// Key returns the ARN of a key that is named by an alias or an id, or "".
	Key(name string) string
}

// Call is a request to a service other than S3.
type Call struct {
	// Host, such as "kms.us-east-1.amazonaws.com".
	Host string
	// API is the operation's name, where the protocol carries it.
	API    string
	Method string
	Path   string
	Query  url.Values
	Header http.Header
	Body   []byte
}

// services are the tables, by the beginning of the host's name.
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

// context is a call while its needs are looked up.
type context struct {
	Place
	Call
	parameters
	names Names
}

// Needs returns all that a call needs. Calls to services without a table need
// nothing.
func Needs(call Call, at Place, names Names) []Need {
	service, _, _ := strings.Cut(call.Host, ".")
	table, known := services[strings.TrimSuffix(service, "-fips")]
	if !known {
		return nil
	}
	return table(&context{Place: at, Call: call, parameters: readParameters(call.Body, call.Query), names: names})
}

// on is a need for the call's own action on resources, or on "*".
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

// arn is one of the call's account and region.
func (c *context) arn(service, resource string) string {
	return "arn:" + c.Partition + ":" + service + ":" + c.Region + ":" + c.Account + ":" + resource
}

// global is an ARN of a service without regions.
func (c *context) global(service, resource string) string {
	return "arn:" + c.Partition + ":" + service + "::" + c.Account + ":" + resource
}

// arnOr is a name that is an ARN already, or the ARN of the name.
func (c *context) arnOr(name, service, kind string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return c.arn(service, kind+name)
}

// alsoTags adds the need to tag, where a call that makes something has tags.
func (c *context) alsoTags(needs []Need, action string, resource string) []Need {
	if strings.HasPrefix(c.API, "Create") || strings.HasPrefix(c.API, "Put") {
		if c.has("Tags", "tags", "TagsList") {
			return append(needs, Need{Action: action, Resource: resource})
		}
	}
	return needs
}

// pass is the need to hand a role to a service.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
func pass(roleARN, service string) Need {
	return Need{Action: "iam:PassRole", Resource: roleARN, Context: map[string][]string{"iam:PassedToService": {service}}}
}

// PassToS3 is the need to hand a role to S3, as PutBucketReplication does.
func PassToS3(roleARN string) Need { return pass(roleARN, "s3.amazonaws.com") }
