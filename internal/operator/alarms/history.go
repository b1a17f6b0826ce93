package alarms

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// HistoryKept is how long CloudWatch remembers the changes of alarms, those of
// alarms that were deleted too.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
const HistoryKept = 30 * 24 * time.Hour

// configurationPages is how many pages of the changes of all alarms of a region are
// read, of 100 each.
const configurationPages = 50

// Past is what became of a deployment's alarms between two times.
type Past struct {
	// Changes, oldest first. Alarms that were deleted and made again under another
	// name are among them.
	Changes []Change
	// Gaps are times in which there was no alarm.
	Gaps []Gap
	// Missing says, for each region whose history could not be read, why.
	Missing []error
}

// Change of an alarm.
type Change struct {
	Alarm  string    `json:"alarm"`
	Region string    `json:"region"`
	Rule   string    `json:"rule,omitempty"`
	Metric string    `json:"metric"`
	Time   time.Time `json:"time"`
	State  State     `json:"state"`
}

// Gap is a time in which no alarm watched what one was deployed to watch.
type Gap struct {
	Region string    `json:"region"`
	Rule   string    `json:"rule,omitempty"`
	Metric string    `json:"metric"`
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
}

// History of a deployment's alarms between two times.
func History(ctx context.Context, sessions *live.Sessions, d replication.Descriptor, from, to time.Time) Past {
	var past Past
	all := All(d)
	for _, at := range byPlace(d, all) {
		var known []replication.Alarm
		for _, i := range at.indexes {
			known = append(known, all[i])
		}
		past.add(ctx, cloudwatch.NewFromConfig(sessions.In(at.place, at.region)), d, at.where, known, from, to)
	}
	slices.SortFunc(past.Changes, func(a, b Change) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Alarm, b.Alarm)) })
	slices.SortFunc(past.Gaps, func(a, b Gap) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Rule+a.Metric, b.Rule+b.Metric))
	})
	slices.SortFunc(past.Missing, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return past
}

// add reads the history of the alarms in one place.
func (p *Past) add(
	ctx context.Context, client cloudwatch.DescribeAlarmHistoryAPIClient, d replication.Descriptor, at where, known []replication.Alarm, from, to time.Time,
) {
	former, err := formerAlarms(ctx, client, d, known, from, to)
	if err != nil {
		p.Missing = append(p.Missing, live.Failed("looking for alarms that were deleted in "+at.region, at.inRegion(), err))
	}
	watched := map[string][]Change{}
	for n, alarm := range append(slices.Clone(known), former...) {
		found, err := historyOf(ctx, client, alarm, from, to)
		if err != nil {
			// What goes wrong with one goes wrong with the others too.
			var names []string
			for _, each := range append(slices.Clone(known), former...)[n:] {
				names = append(names, each.Name)
			}
			p.Missing = append(p.Missing, live.Failed("reading the history of "+strings.Join(names, ", ")+" in "+at.region, at.inRegion(), err))
			p.Changes = append(p.Changes, found...)
			return
		}
		p.Changes = append(p.Changes, found...)
		watched[purpose(alarm)] = append(watched[purpose(alarm)], found...)
	}
	for _, alarm := range known {
		if changes, open := watched[purpose(alarm)]; open {
			delete(watched, purpose(alarm))
			names := namesFor(purpose(alarm), append(slices.Clone(known), former...))
			p.Gaps = append(p.Gaps, gaps(alarm, names, changes, from, to)...)
		}
	}
}

// purpose is what an alarm is for: others that are for the same take its place.
func purpose(alarm replication.Alarm) string { return alarm.Metric + " " + alarm.Rule }

func namesFor(wanted string, all []replication.Alarm) []string {
	var names []string
	for _, alarm := range all {
		if purpose(alarm) == wanted {
			names = append(names, alarm.Name)
		}
	}
	return names
}

// gaps are the times in which none of the alarms of one purpose was there. An alarm
// that was made before is there from the beginning.
func gaps(alarm replication.Alarm, names []string, changes []Change, from, to time.Time) []Gap {
	changes = slices.DeleteFunc(slices.Clone(changes), func(c Change) bool { return c.State != Created && c.State != Deleted })
	slices.SortStableFunc(changes, func(a, b Change) int { return a.Time.Compare(b.Time) })
	there := map[string]bool{}
	for _, name := range names {
		first := slices.IndexFunc(changes, func(c Change) bool { return c.Alarm == name })
		if first < 0 || changes[first].State == Deleted {
			there[name] = true
		}
	}
	var found []Gap
	since := from
	for _, change := range changes {
		before := len(there)
		if change.State == Created {
			there[change.Alarm] = true
		} else {
			delete(there, change.Alarm)
		}
		switch {
		case before > 0 && len(there) == 0:
			since = change.Time
		case before == 0 && len(there) > 0 && change.Time.After(since):
			found = append(found, Gap{alarm.Region, alarm.Rule, alarm.Metric, since, change.Time})
		}
	}
	if len(there) == 0 {
		found = append(found, Gap{alarm.Region, alarm.Rule, alarm.Metric, since, to})
	}
	return found
}

// configured is what CloudWatch keeps of an alarm that was made, changed or deleted.
// AWS documents only that it is JSON; if it can't be parsed, it is not an alarm of the
// deployment.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmHistoryItem.html
type configured struct {
	Type                                     string
	CreatedAlarm, UpdatedAlarm, DeletedAlarm *alarmConfiguration
}

type alarmConfiguration struct {
	Namespace, MetricName, AlarmRule string
	Dimensions                       []struct{ Name, Value string }
}

func (c configured) alarm() alarmConfiguration {
	for _, each := range []*alarmConfiguration{c.DeletedAlarm, c.CreatedAlarm, c.UpdatedAlarm} {
		if each != nil {
			return *each
		}
	}
	return alarmConfiguration{}
}

// state of an alarm after it was configured.
func (c configured) state() State {
	switch kind := strings.ToLower(c.Type); {
	case strings.HasPrefix(kind, "create"):
		return Created
	case strings.HasPrefix(kind, "delete"):
		return Deleted
	default:
		return Changed
	}
}

// formerAlarms are alarms that the deployment has no more: they were for what its
// alarms are for, under other names. Names are generated, so that an alarm that is
// deleted and made again has another one.
func formerAlarms(
	ctx context.Context, client cloudwatch.DescribeAlarmHistoryAPIClient, d replication.Descriptor, known []replication.Alarm, from, to time.Time,
) ([]replication.Alarm, error) {
	var former []replication.Alarm
	var composites []types.AlarmHistoryItem
	names := map[string]bool{}
	for _, alarm := range known {
		names[alarm.Name] = true
	}
	more, err := eachItem(ctx, client, &cloudwatch.DescribeAlarmHistoryInput{HistoryItemType: types.HistoryItemTypeConfigurationUpdate}, from, to, configurationPages,
		func(item types.AlarmHistoryItem) error {
			var change configured
			name := aws.ToString(item.AlarmName)
			if names[name] || json.Unmarshal([]byte(aws.ToString(item.HistoryData)), &change) != nil {
				return nil
			}
			if item.AlarmType == types.AlarmTypeCompositeAlarm {
				composites = append(composites, item)
				return nil
			}
			if alarm, ours := watching(change.alarm(), d, known); ours {
				alarm.Name, names[name] = name, true
				former = append(former, alarm)
			}
			return nil
		})
	composite := slices.IndexFunc(known, func(a replication.Alarm) bool { return a.Metric == Composite })
	for _, item := range composites {
		var change configured
		_ = json.Unmarshal([]byte(aws.ToString(item.HistoryData)), &change) // as above
		name, rule := aws.ToString(item.AlarmName), change.alarm().AlarmRule
		watches := func(each string) bool { return strings.Contains(rule, fmt.Sprintf("%q", each)) }
		if composite >= 0 && !names[name] && slices.ContainsFunc(slices.Collect(maps.Keys(names)), watches) {
			alarm := known[composite]
			alarm.Name, names[name] = name, true
			former = append(former, alarm)
		}
	}
	if err == nil && more {
		err = fmt.Errorf("there were more than %d changes of alarms, and only the latest were looked at", configurationPages*100)
	}
	return former, err
}

// watching is the alarm of the deployment that is for the same as another one.
func watching(is alarmConfiguration, d replication.Descriptor, known []replication.Alarm) (replication.Alarm, bool) {
	dimensions := map[string]string{}
	for _, each := range is.Dimensions {
		dimensions[each.Name] = each.Value
	}
	for _, rule := range d.Rules {
		from, to := named(d, rule.From()), named(d, rule.Destination)
		if dimensions["RuleId"] != rule.ID || dimensions["SourceBucket"] != from.Bucket || dimensions["DestinationBucket"] != to.Bucket {
			continue
		}
		for _, alarm := range known {
			if alarm.Rule == rule.ID && alarm.Metric == is.MetricName {
				return alarm, true
			}
		}
	}
	return replication.Alarm{}, false
}

func named(d replication.Descriptor, name string) replication.DeployedBucket {
	places := d.Buckets()
	if i := slices.IndexFunc(places, func(p replication.DeployedBucket) bool { return p.Name == name }); i >= 0 {
		return places[i]
	}
	return replication.DeployedBucket{}
}

func historyOf(ctx context.Context, client cloudwatch.DescribeAlarmHistoryAPIClient, alarm replication.Alarm, from, to time.Time) ([]Change, error) {
	var changes []Change
	_, err := eachItem(ctx, client, &cloudwatch.DescribeAlarmHistoryInput{AlarmName: &alarm.Name}, from, to, 0, func(item types.AlarmHistoryItem) error {
		var state State
		var err error
		switch item.HistoryItemType {
		case types.HistoryItemTypeStateUpdate:
			state, err = newState(aws.ToString(item.HistoryData))
		case types.HistoryItemTypeConfigurationUpdate:
			var change configured
			err = read(aws.ToString(item.HistoryData), &change)
			state = change.state()
		default:
			return nil
		}
		if err != nil {
			return err
		}
		changes = append(changes, Change{
			Alarm: alarm.Name, Region: alarm.Region, Rule: alarm.Rule, Metric: alarm.Metric, Time: aws.ToTime(item.Timestamp).UTC(), State: state,
		})
		return nil
	})
	return changes, err
}

// eachItem reads a history, newest first, and reports whether there was more than the
// pages asked for. No limit is 0.
func eachItem(
	ctx context.Context, client cloudwatch.DescribeAlarmHistoryAPIClient, input *cloudwatch.DescribeAlarmHistoryInput, from, to time.Time, limit int,
	item func(types.AlarmHistoryItem) error,
) (more bool, err error) {
	input.StartDate, input.EndDate, input.MaxRecords = &from, &to, aws.Int32(100)
	input.AlarmTypes = []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm}
	pages := cloudwatch.NewDescribeAlarmHistoryPaginator(client, input)
	for read := 0; pages.HasMorePages(); read++ {
		if limit > 0 && read == limit {
			return true, nil
		}
		page, err := nextPage(ctx, pages)
		if err != nil {
			return false, err
		}
		for _, each := range page.AlarmHistoryItems {
			if err := item(each); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

func nextPage(ctx context.Context, pages *cloudwatch.DescribeAlarmHistoryPaginator) (*cloudwatch.DescribeAlarmHistoryOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return pages.NextPage(ctx)
}

// newState reads the state out of what CloudWatch keeps of a change.
func newState(data string) (State, error) {
	var change struct {
		NewState struct {
			Value types.StateValue `json:"stateValue"`
		} `json:"newState"`
	}
	if err := read(data, &change); err != nil {
		return "", err
	}
	return stateOf(change.NewState.Value), nil
}

func read(data string, into any) error {
	if err := json.Unmarshal([]byte(data), into); err != nil {
		return fmt.Errorf("reading what CloudWatch keeps of a change: %w", err)
	}
	return nil
}
