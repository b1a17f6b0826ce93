package crr

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// config returns the configuration of the function, as JSON for its environment
// variable.
func (c *Canary) config(readers map[string]pulumi.StringInput) pulumi.StringOutput {
	names := append(c.destinations(), c.from)
	var inputs pulumi.StringArray
	for _, name := range names {
		inputs = append(inputs, c.args.Bucket.buckets[name].Bucket, orEmpty(readers[name]), c.args.Bucket.buckets[name].AccountID)
	}
	return inputs.ToStringArrayOutput().ApplyT(func(texts []string) (string, error) {
		buckets := map[string]heartbeat.Place{}
		for i, name := range names {
			buckets[name] = heartbeat.Place{
				Bucket: texts[3*i], Region: c.args.Bucket.buckets[name].env.region, RoleARN: texts[3*i+1], AccountID: texts[3*i+2],
			}
		}
		data, err := json.Marshal(canaryConfig(c.from, c.rules, buckets))
		return string(data), err
	}).(pulumi.StringOutput)
}

func canaryConfig(from string, rules []replication.Rule, buckets map[string]heartbeat.Place) heartbeat.Config {
	config := heartbeat.Config{Source: buckets[from], Destinations: map[string]heartbeat.Place{}, WaitSeconds: canaryWaitSeconds}
	for _, rule := range rules {
		config.Destinations[rule.Destination] = buckets[rule.Destination]
		config.Heartbeats = append(config.Heartbeats, heartbeat.Beat{
			Rule: rule.ID, Prefix: rule.Prefix, Tags: rule.Tags, Destination: rule.Destination,
		})
	}
	return config
}

func orEmpty(input pulumi.StringInput) pulumi.StringInput {
	if input == nil {
		return pulumi.String("")
	}
	return input
}

// hasCanary reports whether a canary watches a rule.
func (a *ReplicatedBucketArgs) hasCanary(rule replication.Rule) bool {
	return a.Canary != nil && rule.Status == replication.Enabled
}

// validateCanary rejects more rules than fit in the configuration of a function.
func (a *ReplicatedBucketArgs) validateCanary() replication.Problems {
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
		if err := checkConfigSize(bucket.name, watchedRules(rules, bucket.name), regions); err != nil {
			problems.Add("canary", "%s", err)
		}
	}
	return problems
}

// checkConfigSize returns an error if rules don't fit in the environment variables of a
// function. Generated names of buckets and roles are assumed to have the maximum
// length.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func checkConfigSize(from string, rules []replication.Rule, regions map[string]string) error {
	const (
		mostOfEnvironment = 4096
		longestBucket     = 63
		longestRole       = len("arn:aws-us-gov:iam::111111111111:role/") + 64
	)
	buckets := map[string]heartbeat.Place{}
	for name, region := range regions {
		buckets[name] = heartbeat.Place{Bucket: strings.Repeat("b", longestBucket), Region: region, RoleARN: strings.Repeat("r", longestRole), AccountID: placeholderAccount}
	}
	data, err := json.Marshal(canaryConfig(from, rules, buckets))
	if err != nil {
		return err
	}
	if size := len(heartbeat.Variable) + len(data); size > mostOfEnvironment {
		return fmt.Errorf("the configuration of the %d rules that replicate from %s has up to %d bytes, and Lambda accepts %d; "+
			"combine rules, or disable the canary", len(rules), from, size, mostOfEnvironment)
	}
	return nil
}
