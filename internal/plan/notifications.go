package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// The replication events. S3 sends them only under rules with metrics, and the two
// about lateness only under rules with replication time control. EventBridge gets none
// of them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-metrics-events.html
const (
	operationFailed          = "s3:Replication:OperationFailedReplication"
	operationNotTracked      = "s3:Replication:OperationNotTracked"
	missedThreshold          = "s3:Replication:OperationMissedThreshold"
	replicatedAfterThreshold = "s3:Replication:OperationReplicatedAfterThreshold"
)

// EventRoutes divides the replication events into those for the failure queue and all
// others. S3 sends an event to one target only.
type EventRoutes struct{ Failures, Others []string }

// RoutesOf returns the routes of the events under rules, with a failure queue or not, and
// with another target or not.
func RoutesOf(rules []replication.Rule, failureQueue, target bool) EventRoutes {
	var failures, late []string
	for _, rule := range rules {
		if !Publishes(rule) {
			continue
		}
		failures = []string{operationFailed, operationNotTracked}
		if rule.ReplicationTimeControl {
			late = []string{missedThreshold, replicatedAfterThreshold}
		}
	}
	switch {
	case failureQueue && target:
		return EventRoutes{Failures: failures, Others: late}
	case failureQueue:
		return EventRoutes{Failures: failures}
	case target:
		return EventRoutes{Others: append(failures, late...)}
	default:
		return EventRoutes{}
	}
}

// NotifiesOf reports whether a bucket has notifications.
func (a Monitoring) NotifiesOf(bucket Bucket, rules []replication.Rule) bool {
	routes := a.routes(bucket, rules)
	return len(routes.Failures)+len(routes.Others)+len(bucket.Notifications) > 0 || isTrue(bucket.EventBridge)
}

func isTrue(setting *bool) bool { return setting != nil && *setting }

// routes returns the routes of a bucket's replication events.
func (a Monitoring) routes(bucket Bucket, rules []replication.Rule) EventRoutes {
	target := a.Events[bucket.Region]
	return RoutesOf(rules, a.FailureQueue, target.Given() > 0)
}

// validateNotifications checks the notifications of each bucket.
func (a *ReplicatedBucket) validateNotifications() replication.Problems {
	if len(a.Topology().Validate()) > 0 {
		return nil // without valid rules the events are unknown
	}
	var problems replication.Problems
	sending := map[string]bool{} // regions
	rules := a.Topology().ReplicationRules()
	for i, bucket := range a.namedBuckets() {
		path := "source"
		if i > 0 {
			path = fmt.Sprintf("destinations[%d]", i-1)
		}
		from := RulesFrom(rules, bucket.name)
		sending[bucket.args.Region] = sending[bucket.args.Region] || slices.ContainsFunc(from, Publishes)
		problems = append(problems, a.Monitoring.validateReplaced(bucket, from).Under(path)...)
		problems = append(problems, ValidateNotifications(bucket.args.Notifications, bucket.args.Region).Under(path+".notifications")...)
		problems = append(problems, Overlaps(bucket.args.Notifications, a.Monitoring.routes(bucket.args, from)).Under(path+".notifications")...)
	}
	problems = append(problems, a.validateAlarmTargets(rules)...)
	return append(problems, a.Monitoring.validateEvents(rules, sending).Under("monitoring")...)
}

// validateReplaced requires replaceNotifications for replacing the notifications of an
// existing bucket.
func (a Monitoring) validateReplaced(described namedBucket, rules []replication.Rule) replication.Problems {
	var problems replication.Problems
	bucket, notifies := described.args, a.NotifiesOf(described.args, rules)
	if bucket.Existing && notifies && !bucket.ReplaceNotifications {
		name := bucket.NameOr("<bucket>")
		problems.AddSee(awsdocs.PutBucketNotification, "replaceNotifications", "is required: S3 keeps one set of notifications for each bucket, and the current ones of %q would be "+
			"replaced. List them with `aws s3api get-bucket-notification-configuration --bucket %s`, copy those to keep into notifications, and set "+
			"replaceNotifications: true; or remove monitoring.events, monitoring.failureQueue and eventBridge", name, name)
	}
	if bucket.ReplaceNotifications && (!bucket.Existing || !notifies) {
		problems.Add("replaceNotifications", "is only for an existing bucket with notifications")
	}
	if bucket.Existing && !notifies && bucket.EventBridge != nil {
		problems.Add("eventBridge", "can be false only together with other notifications of the bucket, which S3 keeps in one set; "+
			"without any, the existing bucket is not changed")
	}
	return problems
}

// validateEvents checks the targets of replication events, given the regions with
// buckets that send events.
func (a Monitoring) validateEvents(rules []replication.Rule, sending map[string]bool) replication.Problems {
	var problems replication.Problems
	if a.FailureQueue && !slices.ContainsFunc(rules, Publishes) {
		problems.AddSee(awsdocs.ReplicationEvents, "failureQueue", "would stay empty: S3 sends events only under rules with metrics, and no rule has metrics")
	}
	timed := slices.ContainsFunc(rules, func(rule replication.Rule) bool { return Publishes(rule) && rule.ReplicationTimeControl })
	for _, region := range slices.Sorted(maps.Keys(a.Events)) {
		target, path := a.Events[region], "events."+region
		switch {
		case !sending[region]:
			problems.AddSee(awsdocs.ReplicationEvents, path, "no bucket in %s replicates under a rule with metrics, so S3 sends no events there", region)
		case a.FailureQueue && !timed:
			problems.AddSee(awsdocs.ReplicationEvents, path, "gets no events: failure events go to the failure queue, S3 sends an event to one target only, and no rule has "+
				"replication time control, which has further events; remove one of the two")
		case target.AlarmTopic && !a.Subscribed() && a.TopicARNs[region] == "":
			problems.Add(path+".alarmTopic", "there is no alarm topic without subscribers; add for example monitoring.emails")
		}
		problems = append(problems, target.Validate(region, target.AlarmTopic).Under(path)...)
	}
	return problems
}

// Given returns the number of targets, which must be one.
func (a Target) Given() int {
	n := 0
	for _, arn := range []Text{a.TopicARN, a.QueueARN, a.FunctionARN} {
		if arn != "" {
			n++
		}
	}
	return n
}

// Given returns the number of targets, which must be one.
func (a EventTarget) Given() int {
	if a.AlarmTopic {
		return a.Target.Given() + 1
	}
	return a.Target.Given()
}

// Validate checks a target for the notifications of a bucket in a region. another
// reports that there is a further target.
func (a Target) Validate(region string, another bool) replication.Problems {
	var problems replication.Problems
	if n := a.Given(); n > 1 || (n == 1 && another) {
		problems.Add("", "has several targets, but S3 sends an event to one only; use a topic to forward it to the others")
	}
	for _, target := range []struct {
		key   string
		arn   Text
		shape arnShape
	}{
		{"topicArn", a.TopicARN, topicARN}, {"queueArn", a.QueueARN, queueARN}, {"functionArn", a.FunctionARN, functionARN},
	} {
		arn := known(target.arn)
		if arn == "" {
			continue
		}
		found, err := target.shape.check(arn, region)
		switch {
		case err != nil:
			problems.Add(target.key, "%s", err)
		case found != region:
			problems.Add(target.key, "%q is in %s, but S3 sends notifications of a bucket in %s only within that region", arn, found, region)
		}
	}
	return problems
}

// ValidateNotifications checks notifications of a bucket in a region.
func ValidateNotifications(notifications []Notification, region string) replication.Problems {
	var problems replication.Problems
	for i, each := range notifications {
		path := fmt.Sprintf("[%d]", i)
		if each.Given() == 0 {
			problems.Add(path, "has no target; set topicArn, queueArn or functionArn")
		}
		if len(each.Events) == 0 {
			problems.Add(path+".events", "is missing; list events such as s3:ObjectCreated:*")
		}
		for _, event := range each.Events {
			if !strings.HasPrefix(event, "s3:") {
				problems.Add(path+".events", "%q is not an S3 event, such as s3:ObjectCreated:*", event)
			}
		}
		problems = append(problems, each.Validate(region, false).Under(path)...)
	}
	return problems
}

// Overlaps reports notifications for the same events of the same objects, which S3
// rejects.
func Overlaps(notifications []Notification, routes EventRoutes) replication.Problems {
	var problems replication.Problems
	ours := Notification{Events: slices.Concat(routes.Failures, routes.Others)}
	for i, each := range notifications {
		path := fmt.Sprintf("[%d]", i)
		if each.Overlaps(ours) {
			problems.AddSee(awsdocs.NotificationOverlap, path+".events", "replication events are configured in monitoring, and S3 sends an event to one target only")
		}
		for j, other := range notifications[:i] {
			if each.Overlaps(other) {
				problems.AddSee(awsdocs.NotificationOverlap, path, "is for the same events of the same objects as [%d]; S3 sends an event to one target only", j)
			}
		}
	}
	return problems
}

// Overlaps reports whether two notifications are for the same events of the same
// objects.
func (a Notification) Overlaps(other Notification) bool {
	return either(strings.HasPrefix, a.Prefix, other.Prefix) && either(strings.HasSuffix, a.Suffix, other.Suffix) &&
		slices.ContainsFunc(a.Events, func(event string) bool {
			return slices.ContainsFunc(other.Events, func(another string) bool { return either(model.EventCovers, event, another) })
		})
}

func either(within func(string, string) bool, a, b string) bool { return within(a, b) || within(b, a) }
