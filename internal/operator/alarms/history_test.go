package alarms

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// recorded is a CloudWatch with a history. The items have the form of those that
// `aws cloudwatch describe-alarm-history` prints.
type recorded struct {
	items []types.AlarmHistoryItem
	err   error
}

func (r recorded) DescribeAlarmHistory(
	_ context.Context, in *cloudwatch.DescribeAlarmHistoryInput, _ ...func(*cloudwatch.Options),
) (*cloudwatch.DescribeAlarmHistoryOutput, error) {
	out := &cloudwatch.DescribeAlarmHistoryOutput{}
	for _, item := range r.items {
		name, kind := aws.ToString(in.AlarmName), in.HistoryItemType
		if (name == "" || name == *item.AlarmName) && (kind == "" || kind == item.HistoryItemType) {
			out.AlarmHistoryItems = append(out.AlarmHistoryItems, item)
		}
	}
	return out, r.err
}

var (
	start  = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	finish = start.Add(24 * time.Hour)
)

func at(hour int) time.Time { return start.Add(time.Duration(hour) * time.Hour) }

func configuration(kind, name, rule string, hour int) types.AlarmHistoryItem {
	data := fmt.Sprintf(`{"version":"1.0","type":%q,"%sdAlarm":{"alarmName":%q,"namespace":"AWS/S3","metricName":"ReplicationLatency","dimensions":[`+
		`{"value":"data-source","name":"SourceBucket"},{"value":"data-dr","name":"DestinationBucket"},{"value":%q,"name":"RuleId"}]}}`,
		kind, map[string]string{"Create": "create", "Update": "update", "Delete": "delete"}[kind], name, rule)
	return types.AlarmHistoryItem{
		AlarmName: &name, AlarmType: types.AlarmTypeMetricAlarm, Timestamp: aws.Time(at(hour)), HistoryItemType: types.HistoryItemTypeConfigurationUpdate, HistoryData: &data,
	}
}

func raised(name string, hour int) types.AlarmHistoryItem {
	return types.AlarmHistoryItem{
		AlarmName: &name, AlarmType: types.AlarmTypeMetricAlarm, Timestamp: aws.Time(at(hour)), HistoryItemType: types.HistoryItemTypeStateUpdate,
		HistoryData: aws.String(`{"version":"1.0","newState":{"stateValue":"ALARM"}}`),
	}
}

func past(from recorded) Past {
	d := replication.Descriptor{
		Name:         "data",
		Source:       replication.DeployedBucket{Name: "source", Bucket: "data-source", Region: "us-east-1", AccountID: "111111111111"},
		Destinations: []replication.DeployedBucket{{Name: "dr", Bucket: "data-dr", Region: "us-west-2", AccountID: "111111111111"}},
		Rules:        []replication.Rule{{ID: "dr", Destination: "dr"}},
		Alarms:       []replication.Alarm{{Name: "latency-new", Region: "us-west-2", Metric: "ReplicationLatency", Rule: "dr"}},
	}
	var p Past
	p.add(context.Background(), from, d, where{d.Source, "us-west-2"}, d.Alarms, start, finish)
	return p
}

func TestHistory_ShowsAlarmsThatWereDeletedAndMadeAgain(t *testing.T) {
	t.Parallel()
	gap := func(from, to int) []Gap {
		return []Gap{{Region: "us-west-2", Rule: "dr", Metric: "ReplicationLatency", Start: at(from), End: at(to)}}
	}
	for name, test := range map[string]struct {
		items []types.AlarmHistoryItem
		gaps  []Gap
		seen  []string
	}{
		"an alarm that was there all the time": {[]types.AlarmHistoryItem{raised("latency-new", 3)}, nil, []string{"latency-new alarm"}},
		"nothing happened":                     {nil, nil, nil},
		"made again under the same name": {
			[]types.AlarmHistoryItem{configuration("Delete", "latency-new", "dr", 5), configuration("Create", "latency-new", "dr", 7)},
			gap(5, 7),
			[]string{"latency-new deleted", "latency-new created"},
		},
		"made again under another name": {
			[]types.AlarmHistoryItem{raised("latency-old", 2), configuration("Delete", "latency-old", "dr", 5), configuration("Create", "latency-new", "dr", 7)},
			gap(5, 7),
			[]string{"latency-old alarm", "latency-old deleted", "latency-new created"},
		},
		"replaced without a gap": {
			[]types.AlarmHistoryItem{configuration("Create", "latency-new", "dr", 4), configuration("Delete", "latency-old", "dr", 5)},
			nil,
			[]string{"latency-new created", "latency-old deleted"},
		},
		"deleted, and not made again": {[]types.AlarmHistoryItem{configuration("Delete", "latency-new", "dr", 5)}, gap(5, 24), []string{"latency-new deleted"}},
		"made in the window":          {[]types.AlarmHistoryItem{configuration("Create", "latency-new", "dr", 6)}, gap(0, 6), []string{"latency-new created"}},
		"changed":                     {[]types.AlarmHistoryItem{configuration("Update", "latency-new", "dr", 6)}, nil, []string{"latency-new changed"}},
		"one of another rule":         {[]types.AlarmHistoryItem{configuration("Delete", "latency-other", "other", 5)}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := past(recorded{items: test.items})
			require.Empty(t, p.Missing)
			assert.Equal(t, test.gaps, p.Gaps)
			var seen []string
			for hour := range 24 {
				for _, change := range p.Changes {
					if change.Time.Equal(at(hour)) {
						seen = append(seen, change.Alarm+" "+string(change.State))
					}
				}
			}
			assert.Equal(t, test.seen, seen)
		})
	}
}

func TestHistory_ThatCannotBeReadIsMissing(t *testing.T) {
	t.Parallel()
	p := past(recorded{err: errors.New("no route")})
	require.Len(t, p.Missing, 2, "that of the alarm, and of those before it")
	for _, missing := range p.Missing {
		assert.ErrorContains(t, missing, "no route")
	}
	assert.Empty(t, p.Gaps, "nothing is known of gaps")
}
