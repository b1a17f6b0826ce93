package alarms

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// What CloudWatch keeps of a change.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmHistoryItem.html
func TestNewState_ReadsWhatCloudWatchKeeps(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]State{"ALARM": Raised, "OK": OK, "INSUFFICIENT_DATA": NoData, "SOMETHING_NEW": NoData} {
		state, err := newState(`{"version":"1.0","oldState":{"stateValue":"OK"},"newState":{"stateValue":"` + value + `","stateReason":"Threshold Crossed"}}`)
		require.NoError(t, err)
		assert.Equal(t, want, state, "only OK is good")
	}
	_, err := newState("{")
	assert.ErrorContains(t, err, "what CloudWatch keeps of a change")
}

func TestOwner_IsAPlaceInTheAlarmsAccount(t *testing.T) {
	t.Parallel()
	d := replication.Descriptor{
		Source:       replication.DeployedBucket{Name: "source", AccountID: "111111111111"},
		Destinations: []replication.DeployedBucket{{Name: "dr", AccountID: "222222222222"}},
		Rules:        []replication.Rule{{ID: "there", Destination: "dr"}, {ID: "back", Source: "dr", Destination: "source"}},
	}
	for _, test := range []struct {
		alarm replication.Alarm
		want  string
	}{
		{replication.Alarm{Rule: "there"}, "source"},
		{replication.Alarm{Rule: "back"}, "dr"},
		{replication.Alarm{}, "source"},
		{replication.Alarm{Rule: "there", AccountID: "222222222222"}, "dr"},
		{replication.Alarm{Rule: "back", AccountID: "999999999999"}, "source"},
	} {
		assert.Equal(t, test.want, Owner(d, test.alarm).Name, "%+v", test.alarm)
	}
}

func TestWell_IsOnlyWhatCanFireAndDoesNot(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	young, old := now.Add(-59*time.Minute), now.Add(-61*time.Minute)
	assert.True(t, Alarm{State: OK}.Well(now))
	assert.True(t, Alarm{State: NoData, Since: &young}.Well(now))
	assert.False(t, Alarm{State: NoData, Since: &old}.Well(now))
	assert.False(t, Alarm{State: NoData}.Well(now))
	for _, state := range []State{Raised, Gone, Unknown} {
		assert.False(t, Alarm{State: state, Since: &young}.Well(now), state)
	}
}

func TestCompose_SaysNoMoreThanItsMembers(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		is      State
		members []Alarm
		want    State
	}{
		"all are OK":                   {OK, []Alarm{{State: OK}, {State: OK}}, OK},
		"one has no data":              {OK, []Alarm{{State: OK}, {State: NoData, Since: &since}}, NoData},
		"one is gone":                  {OK, []Alarm{{State: Gone}, {State: OK}}, Gone},
		"one could not be read":        {OK, []Alarm{{State: Unknown}}, Unknown},
		"one was raised a moment ago":  {OK, []Alarm{{State: Raised}}, OK},
		"one is raised, one is silent": {Raised, []Alarm{{State: NoData}, {State: Raised}}, Raised},
		"it is gone itself":            {Gone, []Alarm{{State: NoData}}, Gone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			composite := Alarm{State: c.is, Reason: "as it was"}
			composite.compose(c.members)
			assert.Equal(t, c.want, composite.State)
			if composite.State == NoData {
				assert.Equal(t, &since, composite.Since)
			}
		})
	}
}
