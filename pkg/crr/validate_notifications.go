package crr

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// validateNotifications checks the notifications of each bucket.
func (a *ReplicatedBucketArgs) validateNotifications() replication.Problems {
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
		from := rulesFrom(rules, bucket.name)
		sending[bucket.args.Region] = sending[bucket.args.Region] || slices.ContainsFunc(from, publishes)
		problems = append(problems, a.Monitoring.validateReplaced(bucket, from).Under(path)...)
		problems = append(problems, validateEach(bucket.args.Notifications, bucket.args.Region).Under(path+".notifications")...)
		problems = append(problems, overlaps(bucket.args.Notifications, a.Monitoring.routes(bucket, from)).Under(path+".notifications")...)
	}
	problems = append(problems, a.validateAlarmTargets(rules)...)
	return append(problems, a.Monitoring.validateEvents(rules, sending).Under("monitoring")...)
}

// validateReplaced requires replaceNotifications for replacing the notifications of an
// existing bucket.
func (a MonitoringArgs) validateReplaced(described namedBucket, rules []replication.Rule) replication.Problems {
	var problems replication.Problems
	bucket, notifies := described.args, a.notifiesOf(described, rules)
	if bucket.Existing && notifies && !bucket.ReplaceNotifications {
		name := bucket.nameOr("<bucket>")
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
func (a MonitoringArgs) validateEvents(rules []replication.Rule, sending map[string]bool) replication.Problems {
	var problems replication.Problems
	if a.FailureQueue && !slices.ContainsFunc(rules, publishes) {
		problems.AddSee(awsdocs.ReplicationEvents, "failureQueue", "would stay empty: S3 sends events only under rules with metrics, and no rule has metrics")
	}
	timed := slices.ContainsFunc(rules, func(rule replication.Rule) bool { return publishes(rule) && rule.ReplicationTimeControl })
	for _, region := range slices.Sorted(maps.Keys(a.Events)) {
		target, path := a.Events[region], "events."+region
		switch {
		case !sending[region]:
			problems.AddSee(awsdocs.ReplicationEvents, path, "no bucket in %s replicates under a rule with metrics, so S3 sends no events there", region)
		case a.FailureQueue && !timed:
			problems.AddSee(awsdocs.ReplicationEvents, path, "gets no events: failure events go to the failure queue, S3 sends an event to one target only, and no rule has "+
				"replication time control, which has further events; remove one of the two")
		case target.AlarmTopic && !a.subscribed() && a.TopicARNs[region] == nil:
			problems.Add(path+".alarmTopic", "there is no alarm topic without subscribers; add for example monitoring.emails")
		}
		problems = append(problems, target.validate(region, target.AlarmTopic).Under(path)...)
	}
	return problems
}

// given returns the number of targets, which must be one.
func (a TargetArgs) given() int {
	n := 0
	for _, arn := range []pulumi.StringInput{a.TopicARN, a.QueueARN, a.FunctionARN} {
		if arn != nil {
			n++
		}
	}
	return n
}

func (a EventTargetArgs) given() int {
	if a.AlarmTopic {
		return a.TargetArgs.given() + 1
	}
	return a.TargetArgs.given()
}

// validate checks a target for the notifications of a bucket in a region. another
// reports that there is a further target.
func (a TargetArgs) validate(region string, another bool) replication.Problems {
	var problems replication.Problems
	if n := a.given(); n > 1 || (n == 1 && another) {
		problems.Add("", "has several targets, but S3 sends an event to one only; use a topic to forward it to the others")
	}
	for _, target := range []struct {
		key   string
		arn   pulumi.StringInput
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

func validateEach(notifications []NotificationArgs, region string) replication.Problems {
	var problems replication.Problems
	for i, each := range notifications {
		path := fmt.Sprintf("[%d]", i)
		if each.given() == 0 {
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
		problems = append(problems, each.validate(region, false).Under(path)...)
	}
	return problems
}

// overlaps reports notifications for the same events of the same objects, which S3
// rejects.
func overlaps(notifications []NotificationArgs, routes eventRoutes) replication.Problems {
	var problems replication.Problems
	ours := NotificationArgs{Events: slices.Concat(routes.failures, routes.others)}
	for i, each := range notifications {
		path := fmt.Sprintf("[%d]", i)
		if each.overlaps(ours) {
			problems.AddSee(awsdocs.NotificationOverlap, path+".events", "replication events are configured in monitoring, and S3 sends an event to one target only")
		}
		for j, other := range notifications[:i] {
			if each.overlaps(other) {
				problems.AddSee(awsdocs.NotificationOverlap, path, "is for the same events of the same objects as [%d]; S3 sends an event to one target only", j)
			}
		}
	}
	return problems
}

func (a NotificationArgs) overlaps(other NotificationArgs) bool {
	return either(strings.HasPrefix, a.Prefix, other.Prefix) && either(strings.HasSuffix, a.Suffix, other.Suffix) &&
		slices.ContainsFunc(a.Events, func(event string) bool {
			return slices.ContainsFunc(other.Events, func(another string) bool { return either(model.EventCovers, event, another) })
		})
}

func either(within func(string, string) bool, a, b string) bool { return within(a, b) || within(b, a) }
