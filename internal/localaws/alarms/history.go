package alarms

import (
	"encoding/json"
	"slices"
	"time"
)

// Types of history items.
const (
	configurationUpdate = "ConfigurationUpdate"
	stateUpdate         = "StateUpdate"
	actionTaken         = "Action"
)

// maxHistory is the number of items kept per account and region. CloudWatch keeps 30
// days.
const maxHistory = 10_000

// historyItem is an event in the history of an alarm.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmHistoryItem.html
type historyItem struct {
	AlarmName       string
	AlarmType       string
	Timestamp       stamp
	HistoryItemType string
	HistorySummary  string
	HistoryData     string
}

// record adds an item to the history.
func (b *accountState) record(a *Alarm, kind string, now time.Time, summary string, data map[string]any) {
	text, err := json.Marshal(data)
	if err != nil {
		panic("alarms: documents of ours always marshal: " + err.Error())
	}
	b.history = append(b.history, historyItem{a.AlarmName, a.kind(), stamp(now), kind, summary, string(text)})
	if surplus := len(b.history) - maxHistory; surplus > 0 {
		b.history = slices.Delete(b.history, 0, surplus)
	}
}

// configuration returns the alarm as the history shows it when it is created,
// updated or deleted.
func (a *Alarm) configuration() map[string]any {
	is := map[string]any{"alarmName": a.AlarmName, "alarmArn": a.AlarmArn}
	if a.Composite != nil {
		is["alarmRule"] = a.AlarmRule
	}
	if a.Metric != nil {
		var dimensions []map[string]string
		for _, each := range a.Dimensions {
			dimensions = append(dimensions, map[string]string{"name": each.Name, "value": each.Value})
		}
		is["namespace"], is["metricName"], is["dimensions"] = a.Namespace, a.MetricName, dimensions
	}
	return is
}

type describeHistory struct {
	AlarmName, HistoryItemType, ScanBy string
	AlarmTypes                         list[string]
	StartDate, EndDate                 *stamp
	page
}

type historyResult struct {
	AlarmHistoryItems list[historyItem]
	NextToken         string `json:",omitempty" xml:",omitempty"`
}

func (s *Service) describeAlarmHistory(place Place, in *describeHistory) (any, error) {
	items := slices.DeleteFunc(slices.Clone(s.at(place).history), func(i historyItem) bool { return !in.asksFor(&i) })
	if in.ScanBy != "TimestampAscending" {
		slices.Reverse(items)
	}
	found, next, err := paged(items, in.page, maxPage)
	return historyResult{found, next}, err
}

func (in *describeHistory) asksFor(i *historyItem) bool {
	at := time.Time(i.Timestamp)
	switch {
	case in.AlarmName != "" && in.AlarmName != i.AlarmName,
		in.HistoryItemType != "" && in.HistoryItemType != i.HistoryItemType,
		in.StartDate != nil && at.Before(time.Time(*in.StartDate)),
		in.EndDate != nil && at.After(time.Time(*in.EndDate)):
		return false
	}
	return wantsKind(in.AlarmTypes, i.AlarmType)
}

// wantsKind reports whether alarms of a kind are requested. The default is metric
// alarms.
func wantsKind(asked []string, kind string) bool {
	if len(asked) == 0 {
		return kind == metricAlarm
	}
	return slices.Contains(asked, kind)
}
