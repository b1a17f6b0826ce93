package crr

import (
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func (a MonitoringArgs) validate(regions []string) replication.Problems {
	problems := replication.Thresholds{
		LatencySeconds: a.LatencySeconds, PendingOperations: a.PendingOperations, PendingBytes: a.PendingBytes,
	}.Validate()
	if a.Account != "" && a.Account != SourceAccount && a.Account != DestinationAccount {
		problems.Add("account", "%q is unknown; use %s or %s", a.Account, SourceAccount, DestinationAccount)
	}
	if a.RunbookURL != "" && !isHTTPS(a.RunbookURL) {
		problems.Add("runbookUrl", "%q is not an HTTPS URL", a.RunbookURL)
	}
	problems = append(problems, validateSubscribers(a.Emails, a.QueueARNs, a.FunctionARNs, a.Webhooks)...)
	for _, region := range slices.Sorted(maps.Keys(a.TopicARNs)) {
		path := "topicArns." + region
		if !slices.Contains(regions, region) {
			problems.Add(path, "there are no alarms in %s, only in %s", region, strings.Join(regions, ", "))
		}
		if arn := known(a.TopicARNs[region]); arn != "" {
			if err := checkTopicARN(arn, region); err != nil {
				problems.Add(path, "%s", err)
			}
		}
	}
	return problems
}

func (args *NotificationTopicArgs) validate() replication.Problems {
	problems := replication.BucketSpec{Region: args.Region, AssumeRoleARN: args.AssumeRoleARN, KMSKeyARN: known(args.KMSKeyARN)}.Validate()
	problems = append(problems, validateTags(args.Tags).Under("tags")...)
	if err := CheckDeletionWindow(args.DeletionWindowInDays); err != nil {
		problems.AddSee(awsdocs.KeyDeletion, "deletionWindowInDays", "%s", err)
	}
	return append(problems, validateSubscribers(args.Emails, args.QueueARNs, args.FunctionARNs, args.Webhooks)...)
}

// validateMetricsAccount rejects alarms in an account that the program can't access:
// the account of an existing bucket without an assumed role.
func (a *ReplicatedBucketArgs) validateMetricsAccount() replication.Problems {
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
func (a *ReplicatedBucketArgs) unmanaged(bucket BucketArgs) string {
	account := awsid.AccountOf(known(bucket.KMSKeyARN))
	if !bucket.Existing || bucket.AssumeRoleARN != "" || bucket.Provider != nil || account == a.ownAccount() {
		return ""
	}
	return account
}

// alarmRegion is an account and region with alarms.
type alarmRegion struct{ account, region string }

// validateAlarmTargets reports alarms without notifications because all targets are in
// other regions or accounts.
func (a *ReplicatedBucketArgs) validateAlarmTargets(rules []replication.Rule) replication.Problems {
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
	if !to.subscribed() && len(regions) > 0 {
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
func (a *ReplicatedBucketArgs) alarmRegions(rules []replication.Rule) []alarmRegion {
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
		if publishes(rule) {
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
func (a MonitoringArgs) notifiesIn(at alarmRegion, assumed []string) bool {
	return a.TopicARNs[at.region] != nil || len(a.Emails)+len(a.Webhooks) > 0 ||
		slices.ContainsFunc(slices.Concat(a.QueueARNs, a.FunctionARNs), func(arn pulumi.StringInput) bool {
			return sameAccount(known(arn), at.account, assumed)
		})
}

func accountPhrase(account string) string {
	if account == "" {
		return "the account of the deployment's own credentials"
	}
	return "the account " + account
}

func validateSubscribers(emails []string, queueARNs, functionARNs, webhooks []pulumi.StringInput) replication.Problems {
	var problems replication.Problems
	for i, email := range emails {
		path := fmt.Sprintf("emails[%d]", i)
		if address, err := mail.ParseAddress(email); err != nil || address.Address != email {
			problems.Add(path, "%q is not an e-mail address", email)
		} else if slices.Index(emails, email) != i {
			problems.Add(path, "%q is listed twice", email)
		}
	}
	problems = append(problems, validateARNs("queueArns", queueARNs, queueARN)...)
	problems = append(problems, validateARNs("functionArns", functionARNs, functionARN)...)
	for i, webhook := range webhooks {
		if address := known(webhook); address != "" && !isHTTPS(address) {
			problems.Add(fmt.Sprintf("webhooks[%d]", i), "is not an HTTPS URL")
		} else if j := slices.IndexFunc(webhooks, func(other pulumi.StringInput) bool { return known(other) == address }); address != "" && j != i {
			problems.Add(fmt.Sprintf("webhooks[%d]", i), "is the same as webhooks[%d]", j)
		}
	}
	return problems
}

func isHTTPS(text string) bool {
	address, err := url.Parse(text)
	return err == nil && address.Scheme == "https" && address.Host != ""
}

// arnShape describes the ARNs of a type of resource.
type arnShape struct {
	pattern *regexp.Regexp // its group is the region
	// name of the kind, and an example of the ARN's end.
	name, example string
}

// Names end in .fifo where SNS and SQS keep the order of messages, which
// neither alarms nor S3 can be sent to.
var (
	topicARN = arnShape{
		regexp.MustCompile(`^arn:[a-z-]+:sns:([a-z0-9-]+):\d{12}:[A-Za-z0-9_-]{1,256}$`), "a standard SNS topic", "sns:%s:<account>:<name>",
	}
	queueARN = arnShape{
		regexp.MustCompile(`^arn:[a-z-]+:sqs:([a-z0-9-]+):\d{12}:[A-Za-z0-9_-]{1,80}$`), "a standard SQS queue", "sqs:%s:<account>:<name>",
	}
	functionARN = arnShape{
		regexp.MustCompile(`^arn:[a-z-]+:lambda:([a-z0-9-]+):\d{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9$_-]+)?$`), "a Lambda function", "lambda:%s:<account>:function:<name>",
	}
)

// check says why a text is not an ARN of the shape, and which region is in it.
func (s arnShape) check(arn, region string) (string, error) {
	match := s.pattern.FindStringSubmatch(arn)
	if match == nil {
		return "", fmt.Errorf("%q is not the ARN of %s; it looks like arn:aws:"+s.example, arn, s.name, region)
	}
	return match[1], nil
}

func validateARNs(path string, arns []pulumi.StringInput, shape arnShape) replication.Problems {
	var problems replication.Problems
	for i, arn := range arns {
		at := fmt.Sprintf("%s[%d]", path, i)
		text := known(arn)
		if text == "" {
			continue
		}
		if _, err := shape.check(text, "<region>"); err != nil {
			problems.Add(at, "%s", err)
		} else if slices.IndexFunc(arns, func(other pulumi.StringInput) bool { return known(other) == text }) != i {
			problems.Add(at, "%q is listed twice", text)
		}
	}
	return problems
}

func checkTopicARN(arn, region string) error {
	found, err := topicARN.check(arn, region)
	if err == nil && found != region {
		return fmt.Errorf("the topic %q is in %s, and alarms in %s can notify only topics of %s", arn, found, region, region)
	}
	return err
}
