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
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// checkAlarms judges the alarms, and returns the check of each by its name.
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
		return wrong(fmt.Sprintf("%s is gone, so nobody is told of %s", name, wanted.Metric), restore)
	}
	metric := watched(alarm, wanted.Metric)
	switch found := aws.ToString(metric.Metric.MetricName); {
	case found != wanted.Metric:
		return wrong(fmt.Sprintf("%s watches %s, and was deployed to watch %s", name, words.OrNothing(found), wanted.Metric), restore)
	case aws.ToString(metric.Metric.Namespace) != namespaceOf(found):
		return wrong(fmt.Sprintf("%s looks for %s in the namespace %s, and it is published in %s", name, found, aws.ToString(metric.Metric.Namespace), namespaceOf(found)), restore)
	}
	if o, ok := s.judgeDimensions(name, wanted, metric, descriptor, flows); !ok {
		return o
	}
	if changes := unlike(wanted, descriptor.Canary, alarm, metric); len(changes) > 0 {
		return amiss(fmt.Sprintf("%s does not go off as it was deployed to: %s", name, strings.Join(changes, "; ")), restore)
	}
	if s.composed(wanted) {
		return outcome{}
	}
	return s.judgeActions(name, actionsOf{aws.ToString(alarm.AlarmName), aws.ToBool(alarm.ActionsEnabled), alarm.AlarmActions}, descriptor)
}

// alarmSettings are those with which an alarm was deployed, and whether they are known.
func alarmSettings(alarm replication.Alarm, canary *replication.Canary) (replication.AlarmSettings, bool) {
	if alarm.Metric == heartbeat.MetricName && canary != nil {
		return replication.HeartbeatAlarmSettings(canary.EveryMinutes), true
	}
	return replication.AlarmSettingsOf(alarm.Metric)
}

// unlike names the settings in which an alarm is not as deployed.
func unlike(wanted replication.Alarm, canary *replication.Canary, found cwtypes.MetricAlarm, metric cwtypes.MetricStat) []string {
	settings, known := alarmSettings(wanted, canary)
	if !known {
		return []string{"it watches a metric that no alarm of this version does"}
	}
	var changes []string
	compare := func(what, is, was string) {
		if is != was {
			changes = append(changes, fmt.Sprintf("%s is %s, deployed was %s", what, is, was))
		}
	}
	if len(found.Metrics) > 0 {
		changes = append(changes, "it watches a calculation, deployed was the metric alone")
	}
	compare("Statistic", cmp.Or(aws.ToString(found.ExtendedStatistic), aws.ToString(metric.Stat)), settings.Statistic)
	if unit := cmp.Or(string(found.Unit), string(metric.Unit)); unit != "" {
		changes = append(changes, fmt.Sprintf("Unit is %s, deployed was none: data in another unit are left out", unit))
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

// judgeDimensions asks the model whether the alarm can find its metric, and
// looks whether it is that of its rule.
func (s *station) judgeDimensions(
	name string, wanted replication.Alarm, metric cwtypes.MetricStat, descriptor replication.Descriptor, flows []*flow,
) (outcome, bool) {
	dimensions := map[string]string{}
	for _, dimension := range metric.Metric.Dimensions {
		dimensions[aws.ToString(dimension.Name)] = aws.ToString(dimension.Value)
	}
	for _, finding := range lint(subjectOf(flows, dimensions, replication.AlarmFacts{
		Name: wanted.Name, Metric: wanted.Metric, Region: s.at.Region, Statistic: aws.ToString(metric.Stat),
		Dimensions: slices.Sorted(maps.Keys(dimensions)), Rule: wanted.Rule,
	})) {
		return wrong(finding.Message, finding.Fix+" "+restore), false
	}
	for _, rule := range descriptor.Rules {
		if wanted.Rule != "" && rule.ID != wanted.Rule {
			continue
		}
		from, to := placeOf(descriptor, rule.From()), placeOf(descriptor, rule.Destination)
		if dimensions["RuleId"] != rule.ID || dimensions["SourceBucket"] != from.Bucket || dimensions["DestinationBucket"] != to.Bucket {
			continue
		}
		if wanted.Metric == heartbeat.MetricName && to.Region != s.at.Region { // the other direction of a pair, as a rule
			return wrong(fmt.Sprintf("%s looks for heartbeats from %s to %s, whose age is published in %s", name, from.Bucket, to.Bucket, to.Region), restore), false
		}
		return outcome{}, true
	}
	return wrong(fmt.Sprintf("%s watches the rule %q from %s to %s, which is not one of this deployment",
		name, dimensions["RuleId"], dimensions["SourceBucket"], dimensions["DestinationBucket"]), restore), false
}

// lint finds what is wrong with the alarm of a subject. The model knows nothing of
// the canary's metric.
func lint(subject replication.Subject) []replication.Finding {
	if subject.Monitoring.Alarms[0].Metric == heartbeat.MetricName {
		return nil
	}
	return slices.DeleteFunc(replication.Lint(subject), func(f replication.Finding) bool { return !strings.HasPrefix(f.ID, "alarm-") })
}

// subjectOf is the replication that an alarm is about, by its source bucket,
// with that alarm alone.
func subjectOf(flows []*flow, dimensions map[string]string, alarm replication.AlarmFacts) replication.Subject {
	subject := flows[0].live
	for _, f := range flows {
		if f.from.Bucket == dimensions["SourceBucket"] {
			subject = f.live
		}
	}
	subject.Monitoring = &replication.Monitoring{Requested: true, Alarms: []replication.AlarmFacts{alarm}}
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

// composed tells whether a composite alarm was deployed to notify in the place of
// an alarm.
func (s *station) composed(alarm replication.Alarm) bool {
	return slices.ContainsFunc(s.composites, func(c replication.CompositeAlarm) bool { return slices.Contains(c.Alarms, alarm.Name) })
}

// judgeComposite wants the composite alarm to go off with each of its alarms and
// with nothing else, and to notify a topic. Another alarm in its rule could keep it in
// alarm, where CloudWatch does not notify again.
func (s *station) judgeComposite(wanted replication.CompositeAlarm, descriptor replication.Descriptor) outcome {
	alarm, there := s.found.value.composite[wanted.Name]
	name := fmt.Sprintf("the composite alarm %s in %s", wanted.Name, s.at.Region)
	if !there {
		return amiss(name+" is gone, so nobody is told when one of its alarms goes off", restore)
	}
	rule := aws.ToString(alarm.AlarmRule)
	terms := strings.Split(rule, " OR ")
	for _, each := range wanted.Alarms {
		if term := fmt.Sprintf("ALARM(%q)", each); !slices.Contains(terms, term) {
			return amiss(fmt.Sprintf("%s does not go off with %s: its rule is %s", name, each, rule), restore)
		}
	}
	if len(terms) > len(wanted.Alarms) {
		return amiss(fmt.Sprintf("the rule of %s has more than the alarms that it was deployed to watch: %s", name, rule), restore)
	}
	if suppressor := aws.ToString(alarm.ActionsSuppressor); suppressor != "" {
		return amiss(fmt.Sprintf("%s tells nobody while %s is in alarm, which suppresses its actions", name, suppressor), restore)
	}
	return s.judgeActions(name, actionsOf{wanted.Name, aws.ToBool(alarm.ActionsEnabled), alarm.AlarmActions}, descriptor)
}

// actionsOf is what an alarm does when it goes off.
type actionsOf struct {
	alarm   string
	enabled bool
	notify  []string
}

// judgeActions wants an alarm to tell a topic of the deployment, where there is
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
		return amiss(fmt.Sprintf("the actions of %s are switched off, so nobody is told", name),
			fmt.Sprintf("aws cloudwatch enable-alarm-actions --alarm-names %s --region %s", actions.alarm, s.at.Region))
	case len(topics) > 0 && !notifies:
		return amiss(fmt.Sprintf("%s does not notify %s, so nobody is told", name, strings.Join(topics, " or ")), restore)
	}
	return outcome{}
}
