package alarms

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// retained stands for "Retain current state" in AWS's tables.
const retained State = ""

// pointsOf parses datapoints in the notation of AWS's documentation: 0 does not
// breach, X breaches, - is missing; the latest is on the right.
func pointsOf(t *testing.T, text string) []datapoint {
	t.Helper()
	signs := strings.Fields(text)
	latest := make([]datapoint, len(signs))
	for i, sign := range signs {
		point, known := map[string]datapoint{"0": {known: true}, "X": {known: true, value: 1}, "-": {}}[sign]
		require.True(t, known, "%q in %q", sign, text)
		latest[len(signs)-1-i] = point
	}
	return latest
}

func TestEvaluate_DecidesAsTheTablesOfAWS(t *testing.T) {
	t.Parallel()
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
	tests := []struct {
		points                                   string
		needed, filled                           int
		missing, ignore, breaching, notBreaching State
	}{
		// the first table: 3 out of 3
		{"0 - X - X", 3, 0, StateOK, StateOK, StateOK, StateOK},
		{"0 - - - -", 3, 2, StateOK, StateOK, StateOK, StateOK},
		{"- - - - -", 3, 3, StateInsufficientData, retained, StateAlarm, StateOK},
		{"0 X X - X", 3, 0, StateAlarm, StateAlarm, StateAlarm, StateAlarm},
		{"- - X - -", 3, 2, StateAlarm, retained, StateAlarm, StateOK},
		// the second table: 2 out of 3
		{"0 - X - X", 2, 0, StateAlarm, StateAlarm, StateAlarm, StateAlarm},
		{"0 0 X 0 X", 2, 0, StateAlarm, StateAlarm, StateAlarm, StateAlarm},
		{"0 - X - -", 2, 1, StateOK, StateOK, StateAlarm, StateOK},
		{"- - - - 0", 2, 2, StateOK, StateOK, StateAlarm, StateOK},
		{"- - - X -", 2, 2, StateAlarm, retained, StateAlarm, StateOK},
		// "Avoiding premature transitions to alarm state": 3 out of 3
		{"- - - - X", 3, 2, retained, retained, StateAlarm, StateOK},
		{"- - - X -", 3, 2, retained, retained, StateAlarm, StateOK},
		{"- - - X 0", 3, 1, StateOK, StateOK, StateOK, StateOK},
	}
	for _, test := range tests {
		t.Run(test.points, func(t *testing.T) {
			t.Parallel()
			for treatment, want := range map[string]State{
				"": test.missing, "missing": test.missing, missingIgnore: test.ignore, missingBreaching: test.breaching, missingNotBreaching: test.notBreaching,
			} {
				c := condition{breaches: breaches("GreaterThanThreshold", 0), evaluated: 3, needed: test.needed, missing: treatment}
				got := c.evaluate(pointsOf(t, test.points))
				assert.Equal(t, want, got.state, "%d out of 3, missing data treated as %q", test.needed, treatment)
				assert.Equal(t, test.filled, got.filled, "datapoints that must be filled")
				assert.Len(t, got.used, 3-test.filled)
			}
		})
	}
}

func TestEvaluate_ComparesAsTheOperatorSays(t *testing.T) {
	t.Parallel()
	tests := map[string][3]bool{ // of a value below, at and above the threshold
		"GreaterThanThreshold":          {false, false, true},
		"GreaterThanOrEqualToThreshold": {false, true, true},
		"LessThanThreshold":             {true, false, false},
		"LessThanOrEqualToThreshold":    {true, true, false},
	}
	for operator, want := range tests {
		compare := breaches(operator, 900)
		require.NotNil(t, compare, operator)
		assert.Equal(t, want, [3]bool{compare(899), compare(900), compare(901)}, operator)
	}
	assert.Nil(t, breaches("GreaterThanUpperThreshold", 900), "anomaly bands are not evaluated here")
}
