package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// WatchedMetrics returns the metrics of a rule that have alarms. S3 publishes none for
// rules that are disabled or without metrics.
func (a Monitoring) WatchedMetrics(rule replication.Rule) []string {
	var names []string
	for _, metric := range a.Watched(rule) {
		names = append(names, metric.Name)
	}
	return names
}

// Publishes reports whether S3 publishes metrics and sends events under a rule.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-metrics-events.html
func Publishes(rule replication.Rule) bool {
	return rule.Metrics && rule.Status == replication.Enabled
}

// ThresholdsFor returns the thresholds of the alarms on a rule.
func (a Monitoring) ThresholdsFor(rule replication.Rule) replication.Thresholds {
	return rule.Thresholds.Or(replication.Thresholds{
		LatencySeconds:    cmp.Or(a.LatencySeconds, defaultLatencySeconds),
		PendingOperations: a.PendingOperations,
		PendingBytes:      a.PendingBytes,
	})
}

// Notifies reports whether alarms send notifications.
func (a Monitoring) Notifies() bool {
	return a.Subscribed() || len(a.TopicARNs) > 0
}

// Subscribed reports whether created topics have subscribers.
func (a Monitoring) Subscribed() bool {
	return len(a.Emails)+len(a.QueueARNs)+len(a.FunctionARNs)+len(a.Webhooks) > 0
}

// SameAccount reports whether an ARN belongs to an account. The account "" is the one
// of the deployment's own credentials, which differs from the accounts of assumed
// roles.
func SameAccount(arn, account string, assumed []string) bool {
	found := awsid.AccountOf(arn)
	switch {
	case found == "":
		return true
	case account == "":
		return !slices.Contains(assumed, found)
	default:
		return found == account
	}
}

func (a Monitoring) validate(regions []string) replication.Problems {
	problems := replication.Thresholds{
		LatencySeconds: a.LatencySeconds, PendingOperations: a.PendingOperations, PendingBytes: a.PendingBytes,
	}.Validate()
	if a.Account != "" && a.Account != SourceAccount && a.Account != DestinationAccount {
		problems.Add("account", "%q is unknown; use %s or %s", a.Account, SourceAccount, DestinationAccount)
	}
	if a.RunbookURL != "" && !isHTTPS(a.RunbookURL) {
		problems.Add("runbookUrl", "%q is not an HTTPS URL", a.RunbookURL)
	}
	problems = append(problems, a.ValidateSubscribers()...)
	for _, region := range slices.Sorted(maps.Keys(a.TopicARNs)) {
		path := "topicArns." + region
		if !slices.Contains(regions, region) {
			problems.Add(path, "there are no alarms in %s, only in %s", region, strings.Join(regions, ", "))
		}
		if a.TopicARNs[region] == "" {
			problems.Add(path, "%s", isEmpty)
		}
		if arn := known(a.TopicARNs[region]); arn != "" {
			if err := checkTopicARN(arn, region); err != nil {
				problems.Add(path, "%s", err)
			}
		}
	}
	return problems
}

// validateMetricsAccount rejects alarms in an account that the program can't access:
// the account of an existing bucket without an assumed role.
func (a *ReplicatedBucket) validateMetricsAccount() replication.Problems {
	var problems replication.Problems
	if a.Monitoring.Account != DestinationAccount {
		return nil
	}
	for i, destination := range a.Destinations {
		if account := a.unmanaged(destination.Bucket); account != "" {
			problems.Add("", "requires alarms in the account of destinations[%d], %s, which needs assumeRoleArn (or a Provider in Go); "+
				"set it, or remove account", i, account)
		}
	}
	return problems
}

// unmanaged returns the account of an existing bucket that has no role or provider and
// may be in another account than the program's credentials. It is empty if the account
// can be managed or is unknown.
func (a *ReplicatedBucket) unmanaged(bucket Bucket) string {
	account := awsid.AccountOf(known(bucket.KMSKeyARN))
	if !bucket.Existing || bucket.AssumeRoleARN != "" || bucket.OwnProvider || account == a.ownAccount() {
		return ""
	}
	return account
}

// alarmRegion is an account and region with alarms.
type alarmRegion struct{ account, region string }

// validateAlarmTargets reports alarms without notifications because all targets are in
// other regions or accounts.
func (a *ReplicatedBucket) validateAlarmTargets(rules []replication.Rule) replication.Problems {
	to := a.Monitoring
	if !to.Notifies() {
		return nil
	}
	var assumed []string
	for _, bucket := range a.namedBuckets() {
		assumed = append(assumed, awsid.AccountOf(bucket.args.AssumeRoleARN))
	}
	var accounts, regions []string
	silent := map[string][]string{} // regions by account
	for _, at := range a.alarmRegions(rules) {
		if to.notifiesIn(at, assumed) {
			continue
		}
		if !slices.Contains(accounts, at.account) {
			accounts = append(accounts, at.account)
		}
		silent[at.account], regions = append(silent[at.account], at.region), append(regions, at.region)
	}
	var problems replication.Problems
	if !to.Subscribed() && len(regions) > 0 {
		problems.Add("monitoring.topicArns", "has no topic in %s, so the alarms there would notify no one: CloudWatch publishes only to "+
			"topics in the alarm's region; add a topic, or emails", strings.Join(slices.Compact(slices.Sorted(slices.Values(regions))), ", "))
		return problems
	}
	for _, account := range accounts {
		problems.Add("monitoring", "has alarms in %s (%s), but no queue or function there to notify; add one, or emails",
			accountPhrase(account), strings.Join(silent[account], ", "))
	}
	return problems
}

// alarmRegions returns the accounts and regions where S3 and canaries publish the
// metrics of rules, without duplicates.
func (a *ReplicatedBucket) alarmRegions(rules []replication.Rule) []alarmRegion {
	at := map[string]alarmRegion{}
	for _, bucket := range a.namedBuckets() {
		at[bucket.name] = alarmRegion{awsid.AccountOf(bucket.args.AssumeRoleARN), bucket.args.Region}
	}
	var all []alarmRegion
	for _, rule := range rules {
		source, destination := at[rule.From()], at[rule.Destination]
		heartbeats := alarmRegion{source.account, destination.region}
		if a.Monitoring.Account != DestinationAccount {
			destination = heartbeats
		}
		var alarmed []alarmRegion
		if Publishes(rule) {
			alarmed = append(alarmed, source, destination)
		}
		if a.hasCanary(rule) {
			alarmed = append(alarmed, heartbeats)
		}
		for _, each := range alarmed {
			if !slices.Contains(all, each) {
				all = append(all, each)
			}
		}
	}
	return all
}

// notifiesIn reports whether alarms in an account and region have a target, given the
// accounts of the assumed roles.
func (a Monitoring) notifiesIn(at alarmRegion, assumed []string) bool {
	return a.TopicARNs[at.region] != "" || len(a.Emails)+len(a.Webhooks) > 0 ||
		slices.ContainsFunc(slices.Concat(a.QueueARNs, a.FunctionARNs), func(arn Text) bool {
			return SameAccount(known(arn), at.account, assumed)
		})
}

func accountPhrase(account string) string {
	if account == "" {
		return "the account of the deployment's own credentials"
	}
	return "the account " + account
}

const defaultLatencySeconds = 900
