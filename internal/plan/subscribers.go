package plan

import (
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ValidateSubscribers reports subscribers that no topic can have.
func (a Monitoring) ValidateSubscribers() replication.Problems {
	var problems replication.Problems
	emails, webhooks := a.Emails, a.Webhooks
	for i, email := range emails {
		path := fmt.Sprintf("emails[%d]", i)
		if address, err := mail.ParseAddress(email); err != nil || address.Address != email {
			problems.Add(path, "%q is not an e-mail address", email)
		} else if slices.Index(emails, email) != i {
			problems.Add(path, "%q is listed twice", email)
		}
	}
	problems = append(problems, validateARNs("queueArns", a.QueueARNs, queueARN)...)
	problems = append(problems, validateARNs("functionArns", a.FunctionARNs, functionARN)...)
	for i, webhook := range webhooks {
		if webhook == "" {
			problems.Add(fmt.Sprintf("webhooks[%d]", i), "%s", isEmpty)
		}
		if address := known(webhook); address != "" && !isHTTPS(address) {
			problems.Add(fmt.Sprintf("webhooks[%d]", i), "is not an HTTPS URL")
		} else if j := slices.IndexFunc(webhooks, func(other Text) bool { return known(other) == address }); address != "" && j != i {
			problems.Add(fmt.Sprintf("webhooks[%d]", i), "is the same as webhooks[%d]", j)
		}
	}
	return problems
}

func isHTTPS(text string) bool {
	address, err := url.Parse(text)
	return err == nil && address.Scheme == "https" && address.Host != ""
}

// arnShape describes the ARNs of a type of resource.
type arnShape struct {
	pattern *regexp.Regexp // its group is the region
	// name of the kind, and an example of the ARN's end.
	name, example string
}

// Names end in .fifo where SNS and SQS keep the order of messages, which
// neither alarms nor S3 can be sent to.
var (
	topicARN = arnShape{
		regexp.MustCompile(`^arn:[a-z-]+:sns:([a-z0-9-]+):\d{12}:[A-Za-z0-9_-]{1,256}$`), "a standard SNS topic", "sns:%s:<account>:<name>",
	}
	queueARN = arnShape{
		regexp.MustCompile(`^arn:[a-z-]+:sqs:([a-z0-9-]+):\d{12}:[A-Za-z0-9_-]{1,80}$`), "a standard SQS queue", "sqs:%s:<account>:<name>",
	}
	functionARN = arnShape{
		regexp.MustCompile(`^arn:[a-z-]+:lambda:([a-z0-9-]+):\d{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9$_-]+)?$`), "a Lambda function", "lambda:%s:<account>:function:<name>",
	}
)

// check says why a text is not an ARN of the shape, and which region is in it.
func (s arnShape) check(arn, region string) (string, error) {
	match := s.pattern.FindStringSubmatch(arn)
	if match == nil {
		return "", fmt.Errorf("%q is not the ARN of %s; it looks like arn:aws:"+s.example, arn, s.name, region)
	}
	return match[1], nil
}

func validateARNs(path string, arns []Text, shape arnShape) replication.Problems {
	var problems replication.Problems
	for i, arn := range arns {
		at := fmt.Sprintf("%s[%d]", path, i)
		text := known(arn)
		if arn == "" {
			problems.Add(at, "%s", isEmpty)
		}
		if text == "" {
			continue
		}
		if _, err := shape.check(text, "<region>"); err != nil {
			problems.Add(at, "%s", err)
		} else if slices.IndexFunc(arns, func(other Text) bool { return known(other) == text }) != i {
			problems.Add(at, "%q is listed twice", text)
		}
	}
	return problems
}

func checkTopicARN(arn, region string) error {
	found, err := topicARN.check(arn, region)
	if err == nil && found != region {
		return fmt.Errorf("the topic %q is in %s, and alarms in %s can notify only topics of %s", arn, found, region, region)
	}
	return err
}
