package verify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// checkAlarms checks the alarms and returns their checks by alarm name.
func (l *checklist) checkAlarms(descriptor replication.Descriptor, flows []*flow, stations []*station) map[string]*Check {
	checks := map[string]*Check{}
	for _, s := range stations {
		var readable []*Check
		if err := s.found.err; err != nil {
			readable = append(readable, l.check("alarms", "in "+s.at.Region, nil, func() outcome {
				o := unanswered("reading the alarms in "+s.at.Region, s.at, err)
				o.harmless = false
				return o
			}))
		}
		for _, alarm := range s.alarms {
			checks[alarm.Name] = l.check("alarms", alarm.Name, readable, func() outcome { return s.judge(alarm, descriptor, flows) })
		}
		for _, composite := range s.composites {
			l.check("alarms", composite.Name, readable, func() outcome { return s.judgeComposite(composite, descriptor) })
		}
	}
	return checks
}

func (s *station) judge(wanted replication.Alarm, descriptor replication.Descriptor, flows []*flow) outcome {
	alarm, there := s.found.value.metric[wanted.Name]
	name := fmt.Sprintf("the alarm %s in %s", wanted.Name, s.at.Region)
	if !there {
		return fails(fmt.Sprintf("%s does not exist, so %s sends no notification", name, wanted.Metric), restore)
	}
	metric := watched(alarm, wanted.Metric)
	switch found := aws.ToString(metric.Metric.MetricName); {
	case found != wanted.Metric:
		return fails(fmt.Sprintf("%s watches %s, but was deployed to watch %s", name, words.OrNothing(found), wanted.Metric), restore)
	case aws.ToString(metric.Metric.Namespace) != namespaceOf(found):
		return fails(fmt.Sprintf("%s watches %s in the namespace %s, but it is published in %s", name, found, aws.ToString(metric.Metric.Namespace), namespaceOf(found)), restore)
	}
	if o, ok := s.judgeDimensions(name, wanted, metric, descriptor, flows); !ok {
		return o
	}
	if changes := unlike(wanted, descriptor.Canary, alarm, metric); len(changes) > 0 {
		return failsAlone(fmt.Sprintf("%s is not as deployed: %s", name, strings.Join(changes, "; ")), restore)
	}
	actions := actionsOf{aws.ToString(alarm.AlarmName), aws.ToBool(alarm.ActionsEnabled), alarm.AlarmActions, slices.Concat(alarm.OKActions, alarm.InsufficientDataActions)}
	if s.composed(wanted) {
		return judgeAddedActions(name, actions, descriptor)
	}
	return s.judgeActions(name, actions, descriptor)
}

// alarmSettings returns the settings with which an alarm was deployed, if they are
// known.
func alarmSettings(alarm replication.Alarm, canary *replication.Canary) (replication.AlarmSettings, bool) {
	if alarm.Metric == heartbeat.MetricName && canary != nil {
		return replication.HeartbeatAlarmSettings(canary.EveryMinutes), true
	}
	return replication.AlarmSettingsOf(alarm.Metric)
}

// unlike returns the differences between an alarm and its deployed settings.
func unlike(wanted replication.Alarm, canary *replication.Canary, found cwtypes.MetricAlarm, metric cwtypes.MetricStat) []string {
	settings, known := alarmSettings(wanted, canary)
	if !known {
		return []string{"it watches a metric that is unknown to this version"}
	}
	var changes []string
	compare := func(what, is, was string) {
		if is != was {
			changes = append(changes, fmt.Sprintf("%s is %s, was deployed as %s", what, is, was))
		}
	}
	if len(found.Metrics) > 0 {
		changes = append(changes, "it watches metric math, was deployed with the metric alone")
	}
	compare("Statistic", cmp.Or(aws.ToString(found.ExtendedStatistic), aws.ToString(metric.Stat)), settings.Statistic)
	if unit := cmp.Or(string(found.Unit), string(metric.Unit)); unit != "" {
		changes = append(changes, fmt.Sprintf("Unit is %s, was deployed without one: data in other units is ignored", unit))
	}
	compare("ComparisonOperator", string(found.ComparisonOperator), replication.AlarmComparison)
	if is := aws.ToFloat64(found.Threshold); is != float64(wanted.Threshold) {
		compare("Threshold", strconv.FormatFloat(is, 'f', -1, 64), strconv.Itoa(wanted.Threshold))
	}
	periods := aws.ToInt32(found.EvaluationPeriods)
	compare("Period", fmt.Sprint(aws.ToInt32(metric.Period)), strconv.Itoa(settings.PeriodSeconds))
	compare("EvaluationPeriods", fmt.Sprint(periods), strconv.Itoa(settings.Periods))
	datapoints := periods // CloudWatch's default
	if found.DatapointsToAlarm != nil {
		datapoints = *found.DatapointsToAlarm
	}
	compare("DatapointsToAlarm", fmt.Sprint(datapoints), strconv.Itoa(settings.Datapoints))
	compare("TreatMissingData", cmp.Or(aws.ToString(found.TreatMissingData), "missing"), settings.MissingData)
	return changes
}

// namespaceOf a metric: the canary's or S3's.
func namespaceOf(metric string) string {
	if metric == heartbeat.MetricName {
		return heartbeat.Namespace
	}
	return "AWS/S3"
}

// judgeDimensions checks that the alarm can find its metric, and that the metric
// belongs to its rule.
func (s *station) judgeDimensions(
	name string, wanted replication.Alarm, metric cwtypes.MetricStat, descriptor replication.Descriptor, flows []*flow,
) (outcome, bool) {
	dimensions := map[string]string{}
	for _, dimension := range metric.Metric.Dimensions {
		dimensions[aws.ToString(dimension.Name)] = aws.ToString(dimension.Value)
	}
	for _, finding := range lint(subjectOf(flows, dimensions, model.AlarmFacts{
		Name: wanted.Name, Metric: wanted.Metric, Region: s.at.Region, Statistic: aws.ToString(metric.Stat),
		Dimensions: slices.Sorted(maps.Keys(dimensions)), Rule: wanted.Rule,
	})) {
		return fails(finding.Message, finding.Fix+" "+restore), false
	}
	for _, rule := range descriptor.Rules {
		if wanted.Rule != "" && rule.ID != wanted.Rule {
			continue
		}
		from, to := placeOf(descriptor, rule.From()), placeOf(descriptor, rule.Destination)
		if dimensions["RuleId"] != rule.ID || dimensions["SourceBucket"] != from.Bucket || dimensions["DestinationBucket"] != to.Bucket {
			continue
		}
		if wanted.Metric == heartbeat.MetricName && to.Region != s.at.Region { // usually the other direction of a two-way replication
			return fails(fmt.Sprintf("%s watches heartbeats from %s to %s, whose age is published in %s", name, from.Bucket, to.Bucket, to.Region), restore), false
		}
		return outcome{}, true
	}
	return fails(fmt.Sprintf("%s watches the rule %q from %s to %s, which is not a rule of this deployment",
		name, dimensions["RuleId"], dimensions["SourceBucket"], dimensions["DestinationBucket"]), restore), false
}

// lint returns the findings about the alarm of a subject. The model does not know
// the canary's metric.
func lint(subject model.Subject) []model.Finding {
	if subject.Monitoring.Alarms[0].Metric == heartbeat.MetricName {
		return nil
	}
	return slices.DeleteFunc(model.Lint(subject), func(f model.Finding) bool { return !strings.HasPrefix(f.ID, "alarm-") })
}

// subjectOf returns the replication that an alarm watches, by its source bucket,
// with only that alarm.
func subjectOf(flows []*flow, dimensions map[string]string, alarm model.AlarmFacts) model.Subject {
	subject := flows[0].live
	for _, f := range flows {
		if f.from.Bucket == dimensions["SourceBucket"] {
			subject = f.live
		}
	}
	subject.Monitoring = &model.Monitoring{Requested: true, Alarms: []model.AlarmFacts{alarm}}
	return subject
}

func placeOf(descriptor replication.Descriptor, name string) replication.DeployedBucket {
	for _, p := range descriptor.Buckets() {
		if p.Name == name {
			return p
		}
	}
	return replication.DeployedBucket{}
}

// composed reports whether a composite alarm was deployed to notify in place of an
// alarm.
func (s *station) composed(alarm replication.Alarm) bool {
	return slices.ContainsFunc(s.composites, func(c replication.CompositeAlarm) bool { return slices.Contains(c.Alarms, alarm.Name) })
}

// judgeComposite checks that the composite alarm fires with each of its alarms and
// with no other, and that it notifies a topic. Another alarm in its rule could keep
// it in ALARM, where CloudWatch does not notify again.
func (s *station) judgeComposite(wanted replication.CompositeAlarm, descriptor replication.Descriptor) outcome {
	alarm, there := s.found.value.composite[wanted.Name]
	name := fmt.Sprintf("the composite alarm %s in %s", wanted.Name, s.at.Region)
	if !there {
		return failsAlone(name+" does not exist, so its alarms send no notifications", restore)
	}
	rule := aws.ToString(alarm.AlarmRule)
	terms := strings.Split(rule, " OR ")
	for _, each := range wanted.Alarms {
		if term := fmt.Sprintf("ALARM(%q)", each); !slices.Contains(terms, term) {
			return failsAlone(fmt.Sprintf("%s does not fire with %s: its rule is %s", name, each, rule), restore)
		}
	}
	if len(terms) > len(wanted.Alarms) {
		return failsAlone(fmt.Sprintf("the rule of %s has more than the deployed alarms: %s", name, rule), restore)
	}
	if suppressor := aws.ToString(alarm.ActionsSuppressor); suppressor != "" {
		return failsAlone(fmt.Sprintf("%s sends no notifications while %s is in ALARM, which suppresses its actions", name, suppressor), restore)
	}
	return s.judgeActions(name, actionsOf{
		wanted.Name, aws.ToBool(alarm.ActionsEnabled), alarm.AlarmActions, slices.Concat(alarm.OKActions, alarm.InsufficientDataActions),
	}, descriptor)
}

// actionsOf are the actions of an alarm.
type actionsOf struct {
	alarm   string
	enabled bool
	notify  []string
	// others are its actions in other states than ALARM.
	others []string
}

// judgeActions checks that an alarm notifies a topic of the deployment, if there is
// one in its region.
func (s *station) judgeActions(name string, actions actionsOf, descriptor replication.Descriptor) outcome {
	var topics []string
	for _, topic := range descriptor.Topics {
		if topic.Region == s.at.Region {
			topics = append(topics, topic.ARN)
		}
	}
	notifies := slices.ContainsFunc(actions.notify, func(arn string) bool { return slices.Contains(topics, arn) })
	switch {
	case !actions.enabled:
		return failsAlone(fmt.Sprintf("the actions of %s are disabled, so it sends no notifications", name),
			fmt.Sprintf("aws cloudwatch enable-alarm-actions --alarm-names %s --region %s", actions.alarm, s.at.Region))
	case len(topics) > 0 && !notifies:
		return failsAlone(fmt.Sprintf("%s does not notify %s", name, strings.Join(topics, " or ")), restore)
	}
	return judgeAddedActions(name, actions, descriptor)
}

// judgeAddedActions reports actions that were not deployed, if the deployment has
// topics: its alarms notify only these. Without topics, actions are added by hand.
func judgeAddedActions(name string, actions actionsOf, descriptor replication.Descriptor) outcome {
	if len(descriptor.Topics) == 0 {
		return outcome{}
	}
	var added []string
	for _, action := range slices.Concat(actions.notify, actions.others) {
		deployed := slices.ContainsFunc(descriptor.Topics, func(t replication.Topic) bool { return t.ARN == action })
		if !deployed && !slices.Contains(added, action) {
			added = append(added, action)
		}
	}
	if len(added) == 0 {
		return outcome{}
	}
	return failsAlone(fmt.Sprintf("%s has actions that were not deployed: %s", name, strings.Join(added, ", ")), restore)
}
