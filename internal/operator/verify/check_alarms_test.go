package verify

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const told = "arn:aws:sns:us-east-1:111111111111:ops"

// inVirginia is CloudWatch of us-east-1 with one composite alarm.
func inVirginia(found map[string]cwtypes.CompositeAlarm) (*station, replication.Descriptor) {
	s := &station{
		at:         replication.DeployedBucket{Region: "us-east-1"},
		composites: []replication.CompositeAlarm{{Name: "all", Region: "us-east-1", Alarms: []string{"failed", "late"}}},
	}
	s.found.value.composite = found
	return s, replication.Descriptor{Topics: []replication.Topic{{ARN: told, Region: "us-east-1"}, {ARN: "other", Region: "us-west-2"}}}
}

func TestJudgeComposite_WantsItToTellOfAllItsAlarms(t *testing.T) {
	t.Parallel()
	whole := cwtypes.CompositeAlarm{
		AlarmName: aws.String("all"), AlarmRule: aws.String(`ALARM("failed") OR ALARM("late")`), ActionsEnabled: aws.Bool(true), AlarmActions: []string{told},
	}
	partial, silent, off := whole, whole, whole
	partial.AlarmRule = aws.String(`ALARM("failed")`)
	silent.AlarmActions = []string{"arn:aws:sns:us-east-1:111111111111:somebody-else"}
	off.ActionsEnabled = aws.Bool(false)
	rule := func(text string) map[string]cwtypes.CompositeAlarm {
		changed := whole
		changed.AlarmRule = &text
		return map[string]cwtypes.CompositeAlarm{"all": changed}
	}
	suppressed := whole
	suppressed.ActionsSuppressor = aws.String("night")
	const without = "the composite alarm all in us-east-1 does not fire with "
	for name, c := range map[string]struct {
		found map[string]cwtypes.CompositeAlarm
		want  string
	}{
		"as deployed":       {map[string]cwtypes.CompositeAlarm{"all": whole}, ""},
		"deleted":           {nil, "the composite alarm all in us-east-1 does not exist, so its alarms send no notifications"},
		"without one alarm": {map[string]cwtypes.CompositeAlarm{"all": partial}, `the composite alarm all in us-east-1 does not fire with late: its rule is ALARM("failed")`},
		"in another order":  {rule(`ALARM("late") OR ALARM("failed")`), ""},
		"with all at once":  {rule(`ALARM("failed") AND ALARM("late")`), without + `failed: its rule is ALARM("failed") AND ALARM("late")`},
		"never": {
			rule(`FALSE AND (ALARM("failed") OR ALARM("late"))`), without + `failed: its rule is FALSE AND (ALARM("failed") OR ALARM("late"))`,
		},
		"the other way round": {rule(`NOT ALARM("failed") OR ALARM("late")`), without + `failed: its rule is NOT ALARM("failed") OR ALARM("late")`},
		"with one more": {
			rule(`ALARM("failed") OR ALARM("late") OR ALARM("busy")`),
			`the rule of the composite alarm all in us-east-1 has more than the deployed alarms: ALARM("failed") OR ALARM("late") OR ALARM("busy")`,
		},
		"always": {
			rule(`ALARM("failed") OR ALARM("late") OR TRUE`),
			`the rule of the composite alarm all in us-east-1 has more than the deployed alarms: ALARM("failed") OR ALARM("late") OR TRUE`,
		},
		"suppressed": {
			map[string]cwtypes.CompositeAlarm{"all": suppressed},
			"the composite alarm all in us-east-1 sends no notifications while night is in ALARM, which suppresses its actions",
		},
		"with another topic":   {map[string]cwtypes.CompositeAlarm{"all": silent}, "the composite alarm all in us-east-1 does not notify " + told},
		"with its actions off": {map[string]cwtypes.CompositeAlarm{"all": off}, "the actions of the composite alarm all in us-east-1 are disabled, so it sends no notifications"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, descriptor := inVirginia(c.found)
			assert.Equal(t, c.want, s.judgeComposite(s.composites[0], descriptor).reason)
		})
	}
}

func TestJudgeActions_WantsATopicOfTheAlarmsRegion(t *testing.T) {
	t.Parallel()
	s, descriptor := inVirginia(nil)
	for name, c := range map[string]struct {
		found actionsOf
		want  string
	}{
		"its topic": {actionsOf{"late", true, []string{told}, []string{told}}, ""},
		"another topic too": {
			actionsOf{"late", true, []string{told, "arn:aws:sns:us-east-1:222222222222:stranger"}, nil},
			"the alarm has actions that were not deployed: arn:aws:sns:us-east-1:222222222222:stranger",
		},
		"another topic on OK": {actionsOf{"late", true, []string{told}, []string{"stranger"}}, "the alarm has actions that were not deployed: stranger"},
		"no topic":            {actionsOf{"late", true, nil, nil}, "the alarm does not notify " + told},
		"a foreign one":       {actionsOf{"late", true, []string{"other"}, nil}, "the alarm does not notify " + told},
		"switched off":        {actionsOf{"late", false, []string{told}, nil}, "the actions of the alarm are disabled, so it sends no notifications"},
	} {
		assert.Equal(t, c.want, s.judgeActions("the alarm", c.found, descriptor).reason, name)
	}
	assert.Empty(t, judgeAddedActions("the alarm", actionsOf{"late", true, []string{"by hand"}, nil}, replication.Descriptor{}).reason, "without topics")
	assert.True(t, s.composed(replication.Alarm{Name: "late"}))
	assert.False(t, s.composed(replication.Alarm{Name: "alone"}), "it must tell by itself")
}

func TestUnlike_NamesWhatKeepsAnAlarmFromGoingOff(t *testing.T) {
	t.Parallel()
	wanted := replication.Alarm{Name: "late", Metric: "ReplicationLatency", Threshold: 900}
	deployed := cwtypes.MetricAlarm{
		Statistic: cwtypes.StatisticMaximum,
		Threshold: aws.Float64(900), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold, Period: aws.Int32(300),
		EvaluationPeriods: aws.Int32(3), DatapointsToAlarm: aws.Int32(3), TreatMissingData: aws.String("ignore"),
	}
	for name, c := range map[string]struct {
		change func(*cwtypes.MetricAlarm)
		want   []string
	}{
		"nothing":           {func(*cwtypes.MetricAlarm) {}, nil},
		"a great threshold": {func(a *cwtypes.MetricAlarm) { a.Threshold = aws.Float64(900000000) }, []string{"Threshold is 900000000, was deployed as 900"}},
		"the other way round": {
			func(a *cwtypes.MetricAlarm) { a.ComparisonOperator = cwtypes.ComparisonOperatorLessThanThreshold },
			[]string{"ComparisonOperator is LessThanThreshold, was deployed as GreaterThanThreshold"},
		},
		"a long time": {
			func(a *cwtypes.MetricAlarm) {
				a.Period, a.EvaluationPeriods, a.DatapointsToAlarm = aws.Int32(3600), aws.Int32(24), nil
			},
			[]string{"Period is 3600, was deployed as 300", "EvaluationPeriods is 24, was deployed as 3", "DatapointsToAlarm is 24, was deployed as 3"},
		},
		"a small statistic": {
			func(a *cwtypes.MetricAlarm) { a.Statistic = cwtypes.StatisticMinimum }, []string{"Statistic is Minimum, was deployed as Maximum"},
		},
		"a percentile": {
			func(a *cwtypes.MetricAlarm) { a.Statistic, a.ExtendedStatistic = "", aws.String("p0") },
			[]string{"Statistic is p0, was deployed as Maximum"},
		},
		"a unit": {
			func(a *cwtypes.MetricAlarm) { a.Unit = cwtypes.StandardUnitBits },
			[]string{"Unit is Bits, was deployed without one: data in other units is ignored"},
		},
		"a calculation": {
			func(a *cwtypes.MetricAlarm) {
				a.Statistic, a.Period = "", nil
				a.Metrics = []cwtypes.MetricDataQuery{
					{Id: aws.String("e"), Expression: aws.String("0*m")},
					{Id: aws.String("m"), MetricStat: &cwtypes.MetricStat{
						Metric: &cwtypes.Metric{MetricName: aws.String("ReplicationLatency")}, Stat: aws.String("Maximum"), Period: aws.Int32(300),
					}},
				}
			},
			[]string{"it watches metric math, was deployed with the metric alone"},
		},
		"no data is good": {
			func(a *cwtypes.MetricAlarm) { a.TreatMissingData = nil }, []string{"TreatMissingData is missing, was deployed as ignore"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := deployed
			c.change(&found)
			assert.Equal(t, c.want, unlike(wanted, nil, found, watched(found, wanted.Metric)))
		})
	}
}

func TestUnlike_KnowsTheAlarmOfTheCanary(t *testing.T) {
	t.Parallel()
	wanted := replication.Alarm{Name: "heartbeat", Metric: heartbeat.MetricName, Threshold: 1200}
	canary := &replication.Canary{EveryMinutes: 10}
	deployed := cwtypes.MetricAlarm{
		Statistic: cwtypes.StatisticMaximum, Threshold: aws.Float64(1200), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold,
		Period: aws.Int32(600), EvaluationPeriods: aws.Int32(2), DatapointsToAlarm: aws.Int32(2), TreatMissingData: aws.String("breaching"),
	}
	assert.Empty(t, unlike(wanted, canary, deployed, watched(deployed, wanted.Metric)))
	deployed.TreatMissingData, deployed.Threshold, deployed.Statistic = aws.String("notBreaching"), aws.Float64(9e8), cwtypes.StatisticMinimum
	deployed.Period = aws.Int32(86400)
	assert.Equal(t, []string{
		"Statistic is Minimum, was deployed as Maximum", "Threshold is 900000000, was deployed as 1200",
		"Period is 86400, was deployed as 600", "TreatMissingData is notBreaching, was deployed as breaching",
	}, unlike(wanted, canary, deployed, watched(deployed, wanted.Metric)))
}

// Rules of both directions of a pair may have the same ids, so the dimensions of
// either are those of some rule.
func TestJudgeDimensions_TellsTheDirectionOfHeartbeats(t *testing.T) {
	t.Parallel()
	descriptor := replication.Descriptor{
		Source:       replication.DeployedBucket{Name: "source", Bucket: "here", Region: "us-east-1"},
		Destinations: []replication.DeployedBucket{{Name: "dr", Bucket: "there", Region: "us-west-2"}},
		Rules:        []replication.Rule{{ID: "r", Destination: "dr"}, {ID: "r", Source: "dr", Destination: "source"}},
	}
	s := &station{at: replication.DeployedBucket{Region: "us-west-2"}}
	for name, c := range map[string]struct{ from, to, want string }{
		"its own":   {"here", "there", ""},
		"the other": {"there", "here", "the alarm watches heartbeats from there to here, whose age is published in us-east-1"},
		"foreign":   {"here", "elsewhere", `the alarm watches the rule "r" from here to elsewhere, which is not a rule of this deployment`},
	} {
		metric := cwtypes.MetricStat{Stat: aws.String("Maximum"), Metric: &cwtypes.Metric{Dimensions: []cwtypes.Dimension{
			{Name: aws.String("SourceBucket"), Value: &c.from}, {Name: aws.String("DestinationBucket"), Value: &c.to}, {Name: aws.String("RuleId"), Value: aws.String("r")},
		}}}
		o, ok := s.judgeDimensions("the alarm", replication.Alarm{Metric: heartbeat.MetricName, Rule: "r"}, metric, descriptor, []*flow{{from: &place{}}})
		assert.Equal(t, c.want == "", ok, name)
		assert.Equal(t, c.want, o.reason, name)
	}
}
