package front

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// notifications is a notification configuration.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
type notifications struct {
	XMLName     xml.Name             `xml:"NotificationConfiguration"`
	Topics      []notificationTarget `xml:"TopicConfiguration"`
	Queues      []notificationTarget `xml:"QueueConfiguration"`
	Functions   []notificationTarget `xml:"CloudFunctionConfiguration"`
	EventBridge *struct{}            `xml:"EventBridgeConfiguration"`
}

// notificationTarget is a topic, a queue or a function, and the events for it.
type notificationTarget struct {
	ID       string   `xml:"Id"`
	Topic    string   `xml:"Topic"`
	Queue    string   `xml:"Queue"`
	Function string   `xml:"CloudFunction"`
	Events   []string `xml:"Event"`
	Filters  []struct {
		Name, Value string
	} `xml:"Filter>S3Key>FilterRule"`
}

func (n notifications) targets() []notificationTarget {
	return slices.Concat(n.Topics, n.Queues, n.Functions)
}

// parseNotifications reads a configuration, and refuses what is wrong whatever the
// targets are.
func parseNotifications(body []byte) (notifications, error) {
	var wanted notifications
	if err := xml.Unmarshal(body, &wanted); err != nil {
		return notifications{}, errMalformedXML
	}
	targets := wanted.targets()
	for _, target := range targets {
		if err := target.check(); err != nil {
			return notifications{}, err
		}
	}
	for i, target := range targets {
		for _, other := range targets[:i] {
			if target.ID != "" && target.ID == other.ID {
				return notifications{}, invalidArgument("Id", target.ID, "Same ID used for multiple configurations. IDs must be unique")
			}
			if target.overlaps(other) {
				return notifications{}, badRequest("InvalidArgument", "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.")
			}
		}
	}
	return wanted, nil
}

// kind is the name of the element with the ARN, and arn what it says.
func (t notificationTarget) kind() string {
	switch {
	case t.Topic != "":
		return "Topic"
	case t.Queue != "":
		return "Queue"
	default:
		return "CloudFunction"
	}
}

func (t notificationTarget) arn() string { return t.Topic + t.Queue + t.Function }

// notificationARN matches the ARNs that targets of a kind can have.
var notificationARN = map[string]*regexp.Regexp{
	"Topic":         regexp.MustCompile(`^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[^:]+$`),
	"Queue":         regexp.MustCompile(`^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[^:]+$`),
	"CloudFunction": regexp.MustCompile(`^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[^:]+(?::[^:]+)?$`),
}

func (t notificationTarget) check() error {
	if !notificationARN[t.kind()].MatchString(t.arn()) {
		return invalidArgument(t.kind(), t.arn(), "The ARN could not be parsed")
	}
	if len(t.Events) == 0 {
		return errMalformedXML
	}
	for _, event := range t.Events {
		if !slices.Contains(notifiedEvents, event) {
			return invalidArgument("Event", event, fmt.Sprintf("The event '%s' is not supported for notifications", event))
		}
	}
	seen := map[string]bool{}
	for _, filter := range t.Filters {
		name := strings.ToLower(filter.Name)
		switch {
		case name != "prefix" && name != "suffix":
			return invalidArgument("FilterRule.Name", filter.Name, "filter rule name must be either prefix or suffix")
		case seen[name]:
			return invalidArgument("FilterRule.Name", filter.Name, "Cannot specify more than one "+name+" rule in a filter.")
		}
		seen[name] = true
	}
	return nil
}

// overlaps reports whether an object may have an event that is for both targets.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
func (t notificationTarget) overlaps(other notificationTarget) bool {
	common := slices.ContainsFunc(t.Events, func(event string) bool {
		return slices.ContainsFunc(other.Events, func(another string) bool { return includes(event, another) || includes(another, event) })
	})
	prefix, otherPrefix := t.filter("prefix"), other.filter("prefix")
	suffix, otherSuffix := t.filter("suffix"), other.filter("suffix")
	return common && (strings.HasPrefix(prefix, otherPrefix) || strings.HasPrefix(otherPrefix, prefix)) &&
		(strings.HasSuffix(suffix, otherSuffix) || strings.HasSuffix(otherSuffix, suffix))
}

// includes reports whether an event such as "s3:ObjectCreated:*" includes another.
func includes(event, another string) bool {
	every, many := strings.CutSuffix(event, "*")
	return event == another || many && strings.HasPrefix(another, every)
}

func (t notificationTarget) filter(name string) string {
	for _, each := range t.Filters {
		if strings.EqualFold(each.Name, name) {
			return each.Value
		}
	}
	return ""
}

// refusal is what S3 says of a target that it can't send to.
func (t notificationTarget) refusal(missing bool) (name, value string) {
	kind := strings.ToLower(t.kind())
	switch {
	case t.Function != "":
		return t.Function + ", null", "Not authorized to invoke function [" + t.Function + "]"
	case missing:
		return t.arn(), "The destination " + kind + " does not exist"
	default:
		return t.arn(), "Permissions on the destination " + kind + " do not allow S3 to publish notifications from this bucket"
	}
}

// filterName is the name of a filter rule. S3 takes it in any case, and the emulator
// in lower case only.
var filterName = regexp.MustCompile(`<Name>[A-Za-z]+</Name>`)

func lowerFilterNames(body []byte) []byte {
	return filterName.ReplaceAllFunc(body, func(element []byte) []byte {
		name := string(element[len("<Name>") : len(element)-len("</Name>")])
		return []byte("<Name>" + strings.ToLower(name) + "</Name>")
	})
}

// notifiedEvents are all that a bucket can notify of.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
var notifiedEvents = []string{
	"s3:ReducedRedundancyLostObject",
	"s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Post", "s3:ObjectCreated:Copy", "s3:ObjectCreated:CompleteMultipartUpload",
	"s3:ObjectRemoved:*", "s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated",
	"s3:ObjectRestore:*", "s3:ObjectRestore:Post", "s3:ObjectRestore:Completed", "s3:ObjectRestore:Delete",
	"s3:Replication:*", "s3:Replication:OperationFailedReplication", "s3:Replication:OperationNotTracked",
	"s3:Replication:OperationMissedThreshold", "s3:Replication:OperationReplicatedAfterThreshold",
	"s3:LifecycleTransition", "s3:IntelligentTiering", "s3:ObjectAcl:Put",
	"s3:LifecycleExpiration:*", "s3:LifecycleExpiration:Delete", "s3:LifecycleExpiration:DeleteMarkerCreated",
	"s3:ObjectTagging:*", "s3:ObjectTagging:Put", "s3:ObjectTagging:Delete",
}
