package alarms

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// HistoryKept is how long CloudWatch remembers the changes of alarms.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
const HistoryKept = 30 * 24 * time.Hour

// Change of an alarm's state.
type Change struct {
	Alarm  string    `json:"alarm"`
	Region string    `json:"region"`
	Rule   string    `json:"rule,omitempty"`
	Metric string    `json:"metric"`
	Time   time.Time `json:"time"`
	State  State     `json:"state"`
}

// History of a deployment's alarms between two times, oldest change first, and
// for each region whose alarms could not be read, why.
func History(ctx context.Context, sessions *live.Sessions, d replication.Descriptor, from, to time.Time) ([]Change, []error) {
	var changes []Change
	var missing []error
	all := All(d)
	for _, at := range byPlace(d, all) {
		client := cloudwatch.NewFromConfig(sessions.In(at.place, at.region))
		for n, i := range at.indexes {
			found, err := historyOf(ctx, client, all[i], from, to)
			changes = append(changes, found...)
			if err != nil {
				// What goes wrong with one goes wrong with the others too.
				doing := "reading the history of " + strings.Join(namesOf(all, at.indexes[n:]), ", ") + " in " + at.region
				missing = append(missing, live.Failed(doing, at.inRegion(), err))
				break
			}
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Alarm, b.Alarm)) })
	slices.SortFunc(missing, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return changes, missing
}

func historyOf(ctx context.Context, client cloudwatch.DescribeAlarmHistoryAPIClient, alarm replication.Alarm, from, to time.Time) ([]Change, error) {
	var changes []Change
	pages := cloudwatch.NewDescribeAlarmHistoryPaginator(client, &cloudwatch.DescribeAlarmHistoryInput{
		AlarmName: &alarm.Name, HistoryItemType: types.HistoryItemTypeStateUpdate, StartDate: &from, EndDate: &to,
		AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
	})
	for pages.HasMorePages() {
		page, err := nextPage(ctx, pages)
		if err != nil {
			return changes, err
		}
		for _, item := range page.AlarmHistoryItems {
			state, err := newState(aws.ToString(item.HistoryData))
			if err != nil {
				return changes, err
			}
			changes = append(changes, Change{
				Alarm: alarm.Name, Region: alarm.Region, Rule: alarm.Rule, Metric: alarm.Metric,
				Time: aws.ToTime(item.Timestamp).UTC(), State: state,
			})
		}
	}
	return changes, nil
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
	if err := json.Unmarshal([]byte(data), &change); err != nil {
		return "", fmt.Errorf("reading what CloudWatch keeps of a change: %w", err)
	}
	return stateOf(change.NewState.Value), nil
}
