package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	defaultCanaryMinutes = 5
	// CanaryWaitSeconds covers replication that takes seconds. Heartbeats that take
	// longer are measured by the next run.
	CanaryWaitSeconds = 15
	// HeartbeatAlarm is the suffix of the names of heartbeat alarms.
	HeartbeatAlarm = "heartbeat"
)

// GoArchitectures are Go's names for the architectures of Lambda.
var GoArchitectures = map[string]string{"x86_64": "amd64", "arm64": "arm64"}

// Validate reports settings that no canary can have.
func (o Canary) Validate() replication.Problems {
	const day = 24 * 60
	var problems replication.Problems
	if o.EveryMinutes < 0 || o.EveryMinutes > day {
		problems.Add("everyMinutes", "%d is not between 1 and %d", o.EveryMinutes, day)
	}
	if o.AgeSeconds < 0 {
		problems.Add("ageSeconds", "%d is negative", o.AgeSeconds)
	}
	if _, known := GoArchitectures[o.Processor()]; !known {
		problems.Add("architecture", "%q is not an architecture of Lambda; use x86_64 or arm64", o.Architecture)
	}
	return problems
}

// Processor returns Lambda's name of the architecture.
func (o Canary) Processor() string { return cmp.Or(o.Architecture, "x86_64") }

// WatchedRules returns the enabled rules that replicate from a bucket.
func WatchedRules(rules []replication.Rule, from string) []replication.Rule {
	return slices.DeleteFunc(RulesFrom(rules, from), func(rule replication.Rule) bool { return rule.Status != replication.Enabled })
}

// Minutes returns the interval between heartbeats.
func (o Canary) Minutes() int {
	if o.EveryMinutes == 0 {
		return defaultCanaryMinutes
	}
	return o.EveryMinutes
}

// MaxAgeSeconds returns the age of the newest heartbeat above which its alarm goes off.
func (o Canary) MaxAgeSeconds() int {
	if o.AgeSeconds == 0 {
		return defaultLatencySeconds + 60*o.Minutes()
	}
	return o.AgeSeconds
}

// CanaryConfig returns the configuration of the function that watches the rules of a
// bucket.
func CanaryConfig(from string, rules []replication.Rule, buckets map[string]heartbeat.Place) heartbeat.Config {
	config := heartbeat.Config{Source: buckets[from], Destinations: map[string]heartbeat.Place{}, WaitSeconds: CanaryWaitSeconds}
	for _, rule := range rules {
		config.Destinations[rule.Destination] = buckets[rule.Destination]
		config.Heartbeats = append(config.Heartbeats, heartbeat.Beat{
			Rule: rule.ID, Prefix: rule.Prefix, Tags: rule.Tags, Destination: rule.Destination,
		})
	}
	return config
}

// hasCanary reports whether a canary watches a rule.
func (a *ReplicatedBucket) hasCanary(rule replication.Rule) bool {
	return a.Canary != nil && rule.Status == replication.Enabled
}

// validateCanary rejects more rules than fit in the configuration of a function.
func (a *ReplicatedBucket) validateCanary() replication.Problems {
	var problems replication.Problems
	if a.Canary == nil {
		return nil
	}
	regions := map[string]string{}
	for _, bucket := range a.namedBuckets() {
		regions[bucket.name] = bucket.args.Region
	}
	rules := a.Topology().ReplicationRules()
	for _, bucket := range a.namedBuckets() {
		if err := CheckCanarySize(bucket.name, WatchedRules(rules, bucket.name), regions); err != nil {
			problems.Add("canary", "%s", err)
		}
	}
	return problems
}

// CheckCanarySize returns an error if rules don't fit in the environment variables of a
// function. Generated names of buckets and roles are assumed to have the maximum
// length.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func CheckCanarySize(from string, rules []replication.Rule, regions map[string]string) error {
	const (
		mostOfEnvironment = 4096
		longestBucket     = 63
		longestRole       = len("arn:aws-us-gov:iam::111111111111:role/") + 64
	)
	buckets := map[string]heartbeat.Place{}
	for name, region := range regions {
		buckets[name] = heartbeat.Place{Bucket: strings.Repeat("b", longestBucket), Region: region, RoleARN: strings.Repeat("r", longestRole), AccountID: placeholderAccount}
	}
	data, err := json.Marshal(CanaryConfig(from, rules, buckets))
	if err != nil {
		return err
	}
	if size := len(heartbeat.Variable) + len(data); size > mostOfEnvironment {
		return fmt.Errorf("the configuration of the %d rules that replicate from %s has up to %d bytes, and Lambda accepts %d; "+
			"combine rules, or disable the canary", len(rules), from, size, mostOfEnvironment)
	}
	return nil
}
