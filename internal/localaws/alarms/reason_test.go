package alarms

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The texts are those that CloudWatch writes into messages of alarms, with
// DatapointsToAlarm and without it.
func TestReasonOfAState(t *testing.T) {
	t.Parallel()
	first, second := noon.Add(-2*time.Minute), noon.Add(-time.Minute)
	known := func(at time.Time, value float64) datapoint {
		return datapoint{known: true, value: value, samples: 2, at: at}
	}
	tests := map[string]struct {
		periods, needed whole
		unit            string
		latest          []datapoint
		from            State
		reason, data    string
	}{
		"one datapoint": {
			1, 0, "",
			[]datapoint{known(second, 3), {at: first}},
			StateOK,
			"Threshold Crossed: 1 datapoint [3.0 (21/11/26 11:59:00)] was greater than the threshold (0.0).",
			`{"version":"1.0","queryDate":"2026-11-21T12:00:00.000+0000","startDate":"2026-11-21T11:59:00.000+0000","statistic":"Sum","period":60,
			 "recentDatapoints":[3],"threshold":0,"evaluatedDatapoints":[{"timestamp":"2026-11-21T11:59:00.000+0000","sampleCount":2,"value":3}]}`,
		},
		"one datapoint that is well": {
			1, 0, "Count",
			[]datapoint{known(second, 0)},
			StateAlarm,
			"Threshold Crossed: 1 datapoint [0.0 (21/11/26 11:59:00)] was not greater than the threshold (0.0).",
			`{"version":"1.0","queryDate":"2026-11-21T12:00:00.000+0000","startDate":"2026-11-21T11:59:00.000+0000","unit":"Count","statistic":"Sum","period":60,
			 "recentDatapoints":[0],"threshold":0,"evaluatedDatapoints":[{"timestamp":"2026-11-21T11:59:00.000+0000","sampleCount":2,"value":0}]}`,
		},
		"several datapoints": {
			2, 0, "",
			[]datapoint{known(second, 2), known(first, 1.5)},
			StateOK,
			"Threshold Crossed: 2 datapoints [2.0 (21/11/26 11:59:00), 1.5 (21/11/26 11:58:00)] were greater than the threshold (0.0).",
			`{"version":"1.0","queryDate":"2026-11-21T12:00:00.000+0000","startDate":"2026-11-21T11:58:00.000+0000","statistic":"Sum","period":60,
			 "recentDatapoints":[1.5,2],"threshold":0,"evaluatedDatapoints":[{"timestamp":"2026-11-21T11:59:00.000+0000","sampleCount":2,"value":2},
			 {"timestamp":"2026-11-21T11:58:00.000+0000","sampleCount":2,"value":1.5}]}`,
		},
		"M out of N": {
			2, 1, "",
			[]datapoint{{at: second}, known(first, 1)},
			StateOK,
			"Threshold Crossed: 1 out of the last 1 datapoints [1.0 (21/11/26 11:58:00)] was greater than the threshold (0.0) (minimum 1 datapoint for OK -> ALARM transition).",
			`{"version":"1.0","queryDate":"2026-11-21T12:00:00.000+0000","startDate":"2026-11-21T11:58:00.000+0000","statistic":"Sum","period":60,
			 "recentDatapoints":[1],"threshold":0,"evaluatedDatapoints":[{"timestamp":"2026-11-21T11:59:00.000+0000"},
			 {"timestamp":"2026-11-21T11:58:00.000+0000","sampleCount":2,"value":1}]}`,
		},
		"no datapoint": {
			1, 0, "",
			[]datapoint{{at: second}},
			StateAlarm,
			"Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].",
			`{"version":"1.0","queryDate":"2026-11-21T12:00:00.000+0000","statistic":"Sum","period":60,
			 "recentDatapoints":[],"threshold":0,"evaluatedDatapoints":[{"timestamp":"2026-11-21T11:59:00.000+0000"}]}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			threshold := number(0)
			m := &Metric{
				Statistic: "Sum", Period: 60, EvaluationPeriods: test.periods, DatapointsToAlarm: test.needed, Threshold: &threshold, Unit: test.unit,
				ComparisonOperator: "GreaterThanThreshold", TreatMissingData: missingNotBreaching,
			}
			o := m.condition().evaluate(test.latest)
			assert.Equal(t, test.reason, m.reason(o, test.from))
			assert.JSONEq(t, test.data, m.reasonData(o, noon))
		})
	}
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-mute-rules.html
func TestMessageSaysThatNoMuteRuleHeldItBack(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(report{})
	require.NoError(t, err)
	assert.Contains(t, string(text), `"ActionExecutedAfterMuteWindow":false`)
}
