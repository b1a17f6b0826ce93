package alarms

import (
	"encoding/json"
	"encoding/xml"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var virginia = Place{Account: "123456789012", Region: "us-east-1"}

// newService returns a service that is evaluated explicitly: tests don't wait.
func newService(t *testing.T) *Service {
	t.Helper()
	emulator := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(emulator.Close)
	address, err := url.Parse(emulator.URL)
	require.NoError(t, err)
	s := Start(Options{Emulator: address, Minute: time.Hour, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(s.Close)
	return s
}

// ask calls an API in AWS's JSON protocol, and returns the status.
func ask(t *testing.T, s *Service, api string, input any, into any) int {
	t.Helper()
	body, err := json.Marshal(input)
	require.NoError(t, err)
	w := httptest.NewRecorder()
	s.Answer(w, virginia, api, http.Header{"X-Amz-Target": {"GraniteServiceVersion20100801." + api}}, body)
	if into != nil {
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), into), w.Body.String())
	}
	return w.Code
}

type fields = map[string]any

// metricAlarmNamed returns a valid alarm.
func metricAlarmNamed(name string) fields {
	return fields{
		"AlarmName": name, "Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
		"Threshold": 0, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
	}
}

// with returns a copy of an alarm with other fields; nil removes one.
func with(alarm fields, changes fields) fields {
	changed := fields{}
	for _, from := range []fields{alarm, changes} {
		for name, value := range from {
			changed[name] = value
			if value == nil {
				delete(changed, name)
			}
		}
	}
	return changed
}

func states(t *testing.T, s *Service, kinds ...string) map[string]State {
	t.Helper()
	var found struct{ MetricAlarms, CompositeAlarms []Alarm }
	require.Equal(t, http.StatusOK, ask(t, s, "DescribeAlarms", fields{"AlarmTypes": kinds}, &found))
	states := map[string]State{}
	for _, a := range append(found.MetricAlarms, found.CompositeAlarms...) {
		states[a.AlarmName] = a.StateValue
	}
	return states
}

func TestService_RefusesAlarmsThatCannotBe(t *testing.T) {
	t.Parallel()
	good := metricAlarmNamed("a")
	tests := map[string]fields{
		"AlarmName is required":                                            {"AlarmName": ""},
		"neither MetricName nor Metrics":                                   {"MetricName": nil, "Namespace": nil, "Statistic": nil, "Period": nil, "EvaluationPeriods": nil, "Threshold": nil, "ComparisonOperator": nil, "TreatMissingData": nil},
		"EvaluationPeriods must be":                                        {"EvaluationPeriods": 0},
		"DatapointsToAlarm (2)":                                            {"DatapointsToAlarm": 2},
		`"never" is none of missing`:                                       {"TreatMissingData": "never"},
		"Threshold or ThresholdMetricId is required":                       {"Threshold": nil},
		"MetricName and Namespace are required":                            {"Namespace": nil},
		"Period 45 must be":                                                {"Period": 45},
		"exactly one of Statistic":                                         {"ExtendedStatistic": "p99"},
		`"Mean" is none of`:                                                {"Statistic": "Mean"},
		"Invalid region us-west-2 specified. Only us-east-1 is supported.": {"OKActions": []string{"arn:aws:sns:us-west-2:123456789012:ops"}},
		"Invalid arn syntax: ops":                                          {"AlarmActions": []string{"ops"}},
		"at most 5 actions":                                                {"AlarmActions": strings.Split(strings.Repeat("arn:aws:sns:us-east-1:123456789012:ops ", 6), " ")},
		"can't be read":                                                    {"Period": "an hour"},
	}
	s := newService(t)
	for message, changes := range tests {
		var refused map[string]string
		assert.Equal(t, http.StatusBadRequest, ask(t, s, "PutMetricAlarm", with(good, changes), &refused), message)
		assert.Equal(t, "ValidationError", refused["__type"])
		assert.Contains(t, refused["message"], message)
	}
	assert.Empty(t, states(t, s))
}

func TestService_KeepsTheStateOfAnAlarmThatChanges(t *testing.T) {
	t.Parallel()
	s := newService(t)
	require.Equal(t, http.StatusOK, ask(t, s, "PutMetricAlarm", with(metricAlarmNamed("a"), fields{"TreatMissingData": "ignore"}), nil))
	require.Equal(t, http.StatusOK, ask(t, s, "SetAlarmState", fields{"AlarmName": "a", "StateValue": "ALARM", "StateReason": "a drill"}, nil))
	require.Equal(t, http.StatusOK, ask(t, s, "PutMetricAlarm", with(metricAlarmNamed("a"), fields{"TreatMissingData": "ignore", "Threshold": 5}), nil))
	assert.Equal(t, map[string]State{"a": StateAlarm}, states(t, s))

	var refused map[string]string
	assert.Equal(t, http.StatusNotFound, ask(t, s, "SetAlarmState", fields{"AlarmName": "b", "StateValue": "ALARM"}, &refused))
	assert.Equal(t, "ResourceNotFound", refused["__type"])
	assert.Equal(t, http.StatusBadRequest, ask(t, s, "SetAlarmState", fields{"AlarmName": "a", "StateValue": "RED"}, &refused))
	assert.Equal(t, "ValidationError", refused["__type"])
}

func TestService_SaysWhatItDoesNotEvaluate(t *testing.T) {
	t.Parallel()
	s := newService(t)
	require.Equal(t, http.StatusOK, ask(t, s, "PutMetricAlarm", with(metricAlarmNamed("p"), fields{"Statistic": nil, "ExtendedStatistic": "p99"}), nil))
	s.evaluate(time.Now())
	var found struct{ MetricAlarms []Alarm }
	ask(t, s, "DescribeAlarms", fields{}, &found)
	require.Len(t, found.MetricAlarms, 1)
	assert.Equal(t, StateInsufficientData, found.MetricAlarms[0].StateValue, "although missing data would not breach")
	assert.Equal(t, "the local AWS does not evaluate alarms on the statistic p99", found.MetricAlarms[0].StateReason)
}

func TestService_EvaluatesCompositeAlarms(t *testing.T) {
	t.Parallel()
	s := newService(t)
	var refused map[string]string
	assert.Equal(t, http.StatusBadRequest, ask(t, s, "PutCompositeAlarm", fields{"AlarmName": "any", "AlarmRule": `ALARM("a") OR ALARM("b")`}, &refused))
	assert.Equal(t, "Could not save the composite alarm as alarms [a, b] in the alarm rule do not exist", refused["message"])
	for _, name := range []string{"a", "b"} {
		require.Equal(t, http.StatusOK, ask(t, s, "PutMetricAlarm", with(metricAlarmNamed(name), fields{"TreatMissingData": "ignore"}), nil))
	}
	for _, composite := range [][2]string{
		{"any", `ALARM("a") OR ALARM("arn:aws:cloudwatch:us-east-1:123456789012:alarm:b")`},
		{"loop", `OK("loop") AND FALSE`},
		{"top", `ALARM(any) AND NOT ALARM(loop)`},
	} {
		require.Equal(t, http.StatusOK, ask(t, s, "PutCompositeAlarm", fields{"AlarmName": composite[0], "AlarmRule": composite[1]}, nil), composite[0])
	}
	s.evaluate(time.Now())
	assert.Equal(t, map[string]State{"any": StateOK, "top": StateOK, "loop": StateOK}, states(t, s, compositeAlarm))
	require.Equal(t, http.StatusOK, ask(t, s, "SetAlarmState", fields{"AlarmName": "b", "StateValue": "ALARM", "StateReason": "a drill"}, nil))
	s.evaluate(time.Now())
	assert.Equal(t, map[string]State{"any": StateAlarm, "top": StateAlarm, "loop": StateOK}, states(t, s, compositeAlarm))
	assert.Equal(t, map[string]State{"a": StateInsufficientData, "b": StateAlarm}, states(t, s), "metric alarms alone, where nothing else is asked for")

	assert.Equal(t, http.StatusBadRequest, ask(t, s, "DeleteAlarms", fields{"AlarmNames": []string{"a", "b"}}, &refused))
	assert.Equal(t, "Cannot delete a,b as there are composite alarm(s) depending on them.", refused["message"])
	assert.Equal(t, http.StatusOK, ask(t, s, "DeleteAlarms", fields{"AlarmNames": []string{"top", "any", "a", "b", "nobody"}}, nil))
	assert.Equal(t, map[string]State{"loop": StateOK}, states(t, s, metricAlarm, compositeAlarm))
}

func TestService_TakesNoActionsWhereTheyAreDisabled(t *testing.T) {
	t.Parallel()
	s := newService(t)
	topic := []string{"arn:aws:sns:us-east-1:123456789012:ops"}
	require.Equal(t, http.StatusOK, ask(t, s, "PutMetricAlarm", with(metricAlarmNamed("a"), fields{"AlarmActions": topic, "TreatMissingData": "ignore"}), nil))
	actions := func() (found struct{ AlarmHistoryItems []historyItem }) {
		ask(t, s, "DescribeAlarmHistory", fields{"HistoryItemType": "Action"}, &found)
		return found
	}
	set := func(state State) {
		require.Equal(t, http.StatusOK, ask(t, s, "SetAlarmState", fields{"AlarmName": "a", "StateValue": state, "StateReason": "a drill"}, nil))
		s.deliver(t.Context())
	}
	require.Equal(t, http.StatusOK, ask(t, s, "DisableAlarmActions", fields{"AlarmNames": []string{"a"}}, nil))
	set(StateAlarm)
	set(StateOK)
	assert.Empty(t, actions().AlarmHistoryItems)
	require.Equal(t, http.StatusOK, ask(t, s, "EnableAlarmActions", fields{"AlarmNames": []string{"a"}}, nil))
	set(StateAlarm)
	require.Eventually(t, func() bool { return len(actions().AlarmHistoryItems) > 0 }, 10*time.Second, time.Millisecond)
	assert.Equal(t, "Failed to execute action "+topic[0], actions().AlarmHistoryItems[0].HistorySummary, "there is no such topic")
}

func TestService_PagesAlarmsAndTheirHistory(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, name := range []string{"c", "a", "b"} {
		require.Equal(t, http.StatusOK, ask(t, s, "PutMetricAlarm", metricAlarmNamed(name), nil))
	}
	var names []string
	token := ""
	for {
		var found struct {
			MetricAlarms []Alarm
			NextToken    string
		}
		require.Equal(t, http.StatusOK, ask(t, s, "DescribeAlarms", fields{"MaxRecords": 2, "NextToken": token}, &found))
		for _, a := range found.MetricAlarms {
			names = append(names, a.AlarmName)
		}
		if token = found.NextToken; token == "" {
			break
		}
	}
	assert.Equal(t, []string{"a", "b", "c"}, names)
	var refused map[string]string
	assert.Equal(t, http.StatusBadRequest, ask(t, s, "DescribeAlarmHistory", fields{"NextToken": "x"}, &refused))
	assert.Equal(t, "InvalidNextToken", refused["__type"])
}

// The history outlives an alarm, and describes its configuration.
func TestService_KeepsTheHistoryOfDeletedAlarms(t *testing.T) {
	t.Parallel()
	s := newService(t)
	alarm := with(metricAlarmNamed("a"), fields{"Dimensions": []fields{{"Name": "RuleId", "Value": "dr"}}})
	require.Equal(t, http.StatusOK, ask(t, s, "PutMetricAlarm", alarm, nil))
	require.Equal(t, http.StatusOK, ask(t, s, "DeleteAlarms", fields{"AlarmNames": []string{"a"}}, nil))
	var found struct{ AlarmHistoryItems []historyItem }
	require.Equal(t, http.StatusOK, ask(t, s, "DescribeAlarmHistory", fields{"AlarmName": "a", "HistoryItemType": "ConfigurationUpdate"}, &found))
	require.Len(t, found.AlarmHistoryItems, 2)
	for i, kind := range []string{"Delete", "Create"} {
		assert.Contains(t, found.AlarmHistoryItems[i].HistoryData, `"type":"`+kind+`"`)
		assert.Contains(t, found.AlarmHistoryItems[i].HistoryData, `"dimensions":[{"name":"RuleId","value":"dr"}]`)
	}
}

func TestService_SpeaksTheQueryProtocol(t *testing.T) {
	t.Parallel()
	s := newService(t)
	call := func(api string, form url.Values, into any) int {
		w := httptest.NewRecorder()
		s.Answer(w, virginia, api, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(form.Encode()))
		require.NoError(t, xml.Unmarshal(w.Body.Bytes(), into), w.Body.String())
		return w.Code
	}
	form := url.Values{
		"AlarmName": {"a"}, "Namespace": {"n"}, "MetricName": {"m"}, "Statistic": {"Sum"}, "Period": {"60"}, "EvaluationPeriods": {"1"}, "Threshold": {"0.5"},
		"ComparisonOperator": {"GreaterThanThreshold"}, "ActionsEnabled": {"false"}, "OKActions": {""}, "AlarmActions.member.1": {"arn:aws:sns:us-east-1:1:one"},
		"Tags.member.1.Key": {"team"}, "Tags.member.1.Value": {"storage"},
	}
	for i, name := range []string{"x", "y", "z"} {
		form.Set("Dimensions.member."+string(rune('1'+i))+".Name", name)
		form.Set("Dimensions.member."+string(rune('1'+i))+".Value", "of "+name)
	}
	var done struct {
		XMLName   xml.Name `xml:"http://monitoring.amazonaws.com/doc/2010-08-01/ PutMetricAlarmResponse"`
		RequestID string   `xml:"ResponseMetadata>RequestId"`
	}
	require.Equal(t, http.StatusOK, call("PutMetricAlarm", form, &done))
	assert.NotEmpty(t, done.RequestID)
	var found struct {
		Alarms []struct {
			ActionsEnabled        bool
			AlarmActions          []string    `xml:"AlarmActions>member"`
			Dimensions            []Dimension `xml:"Dimensions>member"`
			Threshold             float64
			StateUpdatedTimestamp time.Time
		} `xml:"DescribeAlarmsResult>MetricAlarms>member"`
	}
	require.Equal(t, http.StatusOK, call("DescribeAlarms", url.Values{"AlarmNames.member.1": {"a"}}, &found))
	require.Len(t, found.Alarms, 1)
	a := found.Alarms[0]
	assert.False(t, a.ActionsEnabled)
	assert.Equal(t, []string{"arn:aws:sns:us-east-1:1:one"}, a.AlarmActions)
	assert.Equal(t, []Dimension{{"x", "of x"}, {"y", "of y"}, {"z", "of z"}}, a.Dimensions)
	assert.InDelta(t, 0.5, a.Threshold, 0)
	assert.WithinDuration(t, time.Now(), a.StateUpdatedTimestamp, time.Minute)
	var tags struct {
		Tags []tag `xml:"ListTagsForResourceResult>Tags>member"`
	}
	require.Equal(t, http.StatusOK, call("ListTagsForResource", url.Values{"ResourceARN": {"arn:aws:cloudwatch:us-east-1:123456789012:alarm:a"}}, &tags))
	assert.Equal(t, []tag{{"team", "storage"}}, tags.Tags)
	var refused struct {
		Code string `xml:"Error>Code"`
	}
	require.Equal(t, http.StatusNotFound, call("SetAlarmState", url.Values{"AlarmName": {"b"}}, &refused))
	assert.Equal(t, "ResourceNotFound", refused.Code)
}

func TestService_EvaluatesWhatWasPutInAnyForm(t *testing.T) {
	t.Parallel()
	tests := map[string]fields{
		"a value":            {"Value": 3},
		"values with counts": {"Values": []int{0, 1}, "Counts": []int{7, 3}},
		"statistics":         {"StatisticValues": fields{"SampleCount": 10, "Sum": 3, "Minimum": 0, "Maximum": 1}},
	}
	for name, datum := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t)
			require.Equal(t, http.StatusOK, ask(t, s, "PutMetricAlarm", with(metricAlarmNamed("a"), fields{"Threshold": 2}), nil))
			body, err := json.Marshal(fields{"Namespace": "n", "MetricData": []fields{with(datum, fields{"MetricName": "m"})}})
			require.NoError(t, err)
			require.NoError(t, s.Observe(virginia, http.Header{"X-Amz-Target": {"x.PutMetricData"}}, body))
			s.evaluate(time.Now().Add(time.Second))
			assert.Equal(t, map[string]State{"a": StateAlarm}, states(t, s))
		})
	}
}
