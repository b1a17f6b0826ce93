package crr

import (
	"encoding/json"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// config is what the function writes and looks for, as its variable holds it.
func (c *Canary) config(readers map[string]pulumi.StringInput) pulumi.StringOutput {
	names := append(c.destinations(), c.from)
	var inputs pulumi.StringArray
	for _, name := range names {
		inputs = append(inputs, c.args.Bucket.buckets[name].Bucket, orEmpty(readers[name]))
	}
	return inputs.ToStringArrayOutput().ApplyT(func(texts []string) (string, error) {
		places := map[string]heartbeat.Place{}
		for i, name := range names {
			places[name] = heartbeat.Place{Bucket: texts[2*i], Region: c.args.Bucket.buckets[name].place.region, RoleARN: texts[2*i+1]}
		}
		data, err := json.Marshal(canaryConfig(c.from, c.rules, places))
		return string(data), err
	}).(pulumi.StringOutput)
}

func canaryConfig(from string, rules []replication.Rule, places map[string]heartbeat.Place) heartbeat.Config {
	config := heartbeat.Config{Source: places[from], Destinations: map[string]heartbeat.Place{}, WaitSeconds: canaryWaitSeconds}
	for _, rule := range rules {
		config.Destinations[rule.Destination] = places[rule.Destination]
		config.Heartbeats = append(config.Heartbeats, heartbeat.Beat{
			Rule: rule.ID, Key: heartbeat.Key(rule), Tags: rule.Tags, Destination: rule.Destination,
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

// beaten tells whether a canary watches a rule.
func (a *ReplicatedBucketArgs) beaten(rule replication.Rule) bool {
	return a.Canary != nil && rule.Status == replication.Enabled
}

// validateCanary refuses more rules than a function can be told of. What is made
// only later, buckets and roles, is taken to have names as long as can be.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func (a *ReplicatedBucketArgs) validateCanary() replication.Problems {
	const (
		mostOfEnvironment = 4096
		longestBucket     = 63
		longestRole       = len("arn:aws-us-gov:iam::111111111111:role/") + 64
	)
	var problems replication.Problems
	if a.Canary == nil {
		return nil
	}
	places := map[string]heartbeat.Place{}
	for _, place := range a.places() {
		places[place.name] = heartbeat.Place{
			Bucket: strings.Repeat("b", longestBucket), Region: place.args.Region, RoleARN: strings.Repeat("r", longestRole),
		}
	}
	for _, place := range a.places() {
		rules := watchedRules(a.Topology().ReplicationRules(), place.name)
		data, err := json.Marshal(canaryConfig(place.name, rules, places))
		if err != nil {
			problems.Add("canary", "%s", err)
		}
		if size := len(heartbeat.Variable) + len(data); size > mostOfEnvironment {
			problems.Add("canary", "the %d rules that replicate from %s take up to %d bytes to describe, and Lambda has room for %d; "+
				"join rules, or watch this bucket without a canary", len(rules), place.name, size, mostOfEnvironment)
		}
	}
	return problems
}
