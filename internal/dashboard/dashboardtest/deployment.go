// Package dashboardtest makes descriptors of deployments that never were, for
// tests and pictures of dashboards.
package dashboardtest

import (
	"fmt"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Home is the account of all buckets but those that name a role to assume, which
// are in the account Elsewhere.
const (
	Home      = "111111111111"
	Elsewhere = "222222222222"
)

// Deployment is the descriptor of a topology as if it had been deployed.
func Deployment(name string, topology replication.Topology) replication.Descriptor {
	if topology.Direction == "" {
		topology.Direction = replication.OneWay
	}
	d := replication.Descriptor{
		Version: replication.DescriptorVersion, Name: name, Direction: topology.Direction,
		Source: place(name, replication.SourceName, topology.Source), Rules: topology.ReplicationRules(),
	}
	places := map[string]replication.DeployedBucket{replication.SourceName: d.Source}
	for _, each := range topology.Destinations {
		made := place(name, each.Name, each)
		d.Destinations = append(d.Destinations, made)
		places[each.Name] = made
	}
	for _, rule := range d.Rules {
		if !rule.Metrics {
			continue
		}
		prefix := prefixOf(name, rule)
		alarm := replication.Alarm{AccountID: places[rule.From()].AccountID, Rule: rule.ID}
		failed, late := alarm, alarm
		failed.Name, failed.Region, failed.Metric = prefix+"-failed", places[rule.From()].Region, "OperationsFailedReplication"
		late.Name, late.Region, late.Metric, late.Threshold = prefix+"-latency", places[rule.Destination].Region, "ReplicationLatency", 900
		d.Alarms = append(d.Alarms, failed, late)
	}
	d.CompositeAlarms = composites(name, d.Alarms)
	return d
}

// WithCanary adds the alarms of canaries to a deployment.
func WithCanary(d replication.Descriptor) replication.Descriptor {
	places := map[string]replication.DeployedBucket{}
	for _, each := range d.Buckets() {
		places[each.Name] = each
	}
	for _, rule := range d.Rules {
		if rule.Status == replication.Enabled {
			d.Alarms = append(d.Alarms, replication.Alarm{
				Name: prefixOf(d.Name, rule) + "-heartbeat", Region: places[rule.Destination].Region, AccountID: places[rule.From()].AccountID,
				Metric: heartbeat.MetricName, Rule: rule.ID, Threshold: 1200,
			})
		}
	}
	d.CompositeAlarms = composites(d.Name, d.Alarms)
	return d
}

func prefixOf(name string, rule replication.Rule) string {
	if rule.Source == "" {
		return name + "-" + rule.ID
	}
	return name + "-" + rule.Source + "-" + rule.ID
}

// composites are one alarm for each region and account of others, in the order
// of the first of them.
func composites(deployment string, alarms []replication.Alarm) []replication.CompositeAlarm {
	var all []replication.CompositeAlarm
	for _, alarm := range alarms {
		at := slices.IndexFunc(all, func(c replication.CompositeAlarm) bool {
			return c.Region == alarm.Region && c.AccountID == alarm.AccountID
		})
		if at < 0 {
			at = len(all)
			all = append(all, replication.CompositeAlarm{Name: deployment + "-" + alarm.Region, Region: alarm.Region, AccountID: alarm.AccountID})
		}
		all[at].Alarms = append(all[at].Alarms, alarm.Name)
	}
	return all
}

func place(deployment, name string, of replication.BucketSpec) replication.DeployedBucket {
	account := Home
	if of.AssumeRoleARN != "" {
		account = Elsewhere
	}
	bucket := deployment + "-" + name
	return replication.DeployedBucket{
		Name: name, Bucket: bucket, ARN: replication.BucketARN(of.Region, bucket), Region: of.Region, AccountID: account,
		KMSKeyARN: fmt.Sprintf("arn:aws:kms:%s:%s:key/of-%s", of.Region, account, bucket),
	}
}
