package operator

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Describe writes what is deployed, for people to read.
func Describe(w io.Writer, descriptors []replication.Descriptor) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, descriptor := range descriptors {
		if i > 0 {
			fmt.Fprintln(table)
		}
		describe(table, descriptor)
	}
	return table.Flush()
}

func describe(table io.Writer, d replication.Descriptor) {
	fmt.Fprintf(table, "%s, %s\n", d.Name, d.Direction)
	for _, place := range d.Buckets() {
		fmt.Fprintf(table, "  %s\ts3://%s\t%s\n", place.Name, place.Bucket, place.Region)
		fmt.Fprintf(table, "  \t%s\n", keyOf(place))
		for _, key := range place.DecryptKeyARNs {
			fmt.Fprintf(table, "  \tdecrypts %s\n", key)
		}
	}
	fmt.Fprintf(table, "  role\t%s\n", d.RoleARN)
	for _, rule := range d.Rules {
		fmt.Fprintf(table, "  rule %s\t%s\t%s\n", rule.ID, selection(rule), strings.Join(traits(rule), ", "))
	}
	for _, alarm := range d.Alarms {
		fmt.Fprintf(table, "  alarm\t%s\t%s\n", alarm.Name, alarm.Region)
	}
	for _, alarm := range d.CompositeAlarms {
		fmt.Fprintf(table, "  composite alarm\t%s\t%s\n", alarm.Name, alarm.Region)
	}
	for _, topic := range d.Topics {
		fmt.Fprintf(table, "  topic\t%s\t%s\n", topic.ARN, topic.Region)
	}
	for _, notification := range d.Notifications {
		fmt.Fprintf(table, "  events of %s\t%s\t%s\n", notification.Bucket, notification.TargetARN, events(notification))
	}
	if d.Canary != nil {
		fmt.Fprintf(table, "  canary\tevery %d minutes\n", d.Canary.EveryMinutes)
	}
	if d.Dashboard != "" {
		fmt.Fprintf(table, "  dashboard\t%s\t%s\n", d.Dashboard, d.Source.Region)
	}
	if d.TrailARN != "" {
		fmt.Fprintf(table, "  trail\t%s\n", d.TrailARN)
	}
	for _, place := range d.Destinations {
		if place.TrailARN != "" {
			fmt.Fprintf(table, "  trail of %s\t%s\n", place.Name, place.TrailARN)
		}
	}
}

// keyOf is what a bucket encrypts with.
func keyOf(place replication.DeployedBucket) string {
	if place.KMSKeyARN == "" {
		return "no key: SSE-S3"
	}
	return "key " + place.KMSKeyARN
}

// events that are sent, without what all their names begin with.
func events(notification replication.Notification) string {
	names := make([]string, len(notification.Events))
	for i, event := range notification.Events {
		names[i] = strings.TrimPrefix(event, "s3:Replication:Operation")
	}
	return strings.Join(names, ", ")
}

// selection says which objects a rule replicates, and where to.
func selection(rule replication.Rule) string {
	objects := "everything"
	if rule.Prefix != "" {
		objects = rule.Prefix + "*"
	}
	if len(rule.Tags) > 0 {
		objects += fmt.Sprintf(" tagged %v", rule.Tags)
	}
	return objects + " to " + rule.Destination
}

func traits(rule replication.Rule) []string {
	traits := []string{strings.ToLower(string(rule.Status))}
	if rule.StorageClass != "" {
		traits = append(traits, string(rule.StorageClass))
	}
	for _, trait := range []struct {
		has  bool
		name string
	}{
		{rule.DeleteMarkers, "delete markers"},
		{rule.ReplicationTimeControl, "replication time control"},
		{rule.Metrics, "metrics"},
	} {
		if trait.has {
			traits = append(traits, trait.name)
		}
	}
	return traits
}
