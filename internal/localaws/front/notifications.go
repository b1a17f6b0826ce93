package front

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/bucketevents"
)

// parseNotifications parses a configuration, and rejects errors that don't depend on
// the targets.
func parseNotifications(body []byte) (*bucketevents.Configuration, error) {
	wanted := &bucketevents.Configuration{}
	if err := xml.Unmarshal(body, wanted); err != nil {
		return nil, errMalformedXML
	}
	targets := wanted.Targets()
	for _, target := range targets {
		if err := checkTarget(target); err != nil {
			return nil, err
		}
	}
	for i, target := range targets {
		for _, other := range targets[:i] {
			if target.ID != "" && target.ID == other.ID {
				return nil, invalidArgument("Id", target.ID, "Same ID used for multiple configurations. IDs must be unique")
			}
			if overlap(target, other) {
				return nil, badRequest("InvalidArgument", "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.")
			}
		}
	}
	return wanted, nil
}

// elementOf maps kinds of targets to the element with the target's ARN.
func elementOf(t bucketevents.Target) string {
	switch {
	case t.Topic != "":
		return "Topic"
	case t.Queue != "":
		return "Queue"
	default:
		return "CloudFunction"
	}
}

// notificationARN matches the ARNs of a kind of target.
var notificationARN = map[string]*regexp.Regexp{
	"Topic":         regexp.MustCompile(`^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[^:]+$`),
	"Queue":         regexp.MustCompile(`^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[^:]+$`),
	"CloudFunction": regexp.MustCompile(`^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[^:]+(?::[^:]+)?$`),
}

func checkTarget(t bucketevents.Target) error {
	if !notificationARN[elementOf(t)].MatchString(t.ARN()) {
		return invalidArgument(elementOf(t), t.ARN(), "The ARN could not be parsed")
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

// overlap reports whether one event can match both targets.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
func overlap(t, other bucketevents.Target) bool {
	common := slices.ContainsFunc(t.Events, func(event string) bool {
		return slices.ContainsFunc(other.Events, func(another string) bool {
			return bucketevents.Includes(event, another) || bucketevents.Includes(another, event)
		})
	})
	prefix, otherPrefix := t.Filter("prefix"), other.Filter("prefix")
	suffix, otherSuffix := t.Filter("suffix"), other.Filter("suffix")
	return common && (strings.HasPrefix(prefix, otherPrefix) || strings.HasPrefix(otherPrefix, prefix)) &&
		(strings.HasSuffix(suffix, otherSuffix) || strings.HasSuffix(otherSuffix, suffix))
}

// targetRefusal returns S3's error for a target that it can't send to.
func targetRefusal(t bucketevents.Target, missing bool) (name, value string) {
	kind := strings.ToLower(elementOf(t))
	switch {
	case t.Function != "":
		return t.Function + ", null", "Not authorized to invoke function [" + t.Function + "]"
	case missing:
		return t.ARN(), "The destination " + kind + " does not exist"
	default:
		return t.ARN(), "Permissions on the destination " + kind + " do not allow S3 to publish notifications from this bucket"
	}
}

// filterName matches the name of a filter rule. S3 accepts it in any case, and the
// emulator only in lower case.
var filterName = regexp.MustCompile(`<Name>[A-Za-z]+</Name>`)

func lowerFilterNames(body []byte) []byte {
	return filterName.ReplaceAllFunc(body, func(element []byte) []byte {
		name := string(element[len("<Name>") : len(element)-len("</Name>")])
		return []byte("<Name>" + strings.ToLower(name) + "</Name>")
	})
}

// notifiedEvents are the supported event types.
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
