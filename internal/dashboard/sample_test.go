package dashboard_test

import (
	"fmt"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const home, elsewhere = "111111111111", "222222222222"

// deployment is the descriptor of a topology, as if it had been deployed.
func deployment(name string, topology replication.Topology) replication.Descriptor {
	d := replication.Descriptor{
		Version: replication.DescriptorVersion, Name: name, Direction: topology.Direction,
		Source: deployed(name, replication.SourceName, topology.Source), Rules: topology.ReplicationRules(),
	}
	regions := map[string]string{replication.SourceName: topology.Source.Region}
	for _, place := range topology.Destinations {
		d.Destinations = append(d.Destinations, deployed(name, place.Name, place))
		regions[place.Name] = place.Region
	}
	for _, rule := range d.Rules {
		if !rule.Metrics {
			continue
		}
		d.Alarms = append(d.Alarms,
			replication.Alarm{Name: fmt.Sprintf("%s-%s-failed", name, rule.ID), Region: regions[rule.From()], Metric: "OperationsFailedReplication", Rule: rule.ID},
			replication.Alarm{Name: fmt.Sprintf("%s-%s-latency", name, rule.ID), Region: regions[rule.Destination], Metric: "ReplicationLatency", Rule: rule.ID, Threshold: 900},
		)
	}
	return d
}

func deployed(name, place string, from replication.Place) replication.DeployedPlace {
	account := home
	if from.AssumeRoleARN != "" {
		account = elsewhere
	}
	bucket := name + "-" + place
	return replication.DeployedPlace{
		Name: place, Bucket: bucket, ARN: replication.BucketARN(from.Region, bucket), Region: from.Region, AccountID: account,
		KMSKeyARN: fmt.Sprintf("arn:aws:kms:%s:%s:key/of-%s", from.Region, account, bucket),
	}
}

// pair is the smallest deployment.
func pair() replication.Descriptor {
	return deployment("data", replication.Topology{
		Source: replication.Place{Region: "us-east-1"}, Destinations: []replication.Place{{Name: "dr", Region: "us-west-2"}},
	})
}

// twoWay replicates into another account and back.
func twoWay() replication.Descriptor {
	return deployment("shared", replication.Topology{
		Direction: replication.TwoWay, Source: replication.Place{Region: "eu-west-1"},
		Destinations: []replication.Place{{Name: "vault", Region: "eu-central-1", AssumeRoleARN: "arn:aws:iam::" + elsewhere + ":role/deploy"}},
	})
}

// crowded has more rules than a graph can have lines.
func crowded() replication.Descriptor {
	topology := replication.Topology{
		Source: replication.Place{Region: "us-east-1"}, Destinations: []replication.Place{{Name: "dr", Region: "us-west-2"}, {Name: "eu", Region: "eu-west-1"}},
	}
	for i := range 11 {
		topology.Rules = append(topology.Rules, replication.RuleSpec{ID: fmt.Sprintf("r%02d", i), Prefix: fmt.Sprintf("%02d/", i)})
	}
	return deployment("crowded", topology)
}
