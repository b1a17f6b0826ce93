package dashboard_test

import (
	"fmt"

	"github.com/crr-io/pulumi-aws-crr/internal/dashboard/dashboardtest"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const home, elsewhere = dashboardtest.Home, dashboardtest.Elsewhere

// pair is the smallest deployment.
func pair() replication.Descriptor {
	return dashboardtest.Deployment("data", replication.Topology{
		Source: replication.BucketSpec{Region: "us-east-1"}, Destinations: []replication.BucketSpec{{Name: "dr", Region: "us-west-2"}},
	})
}

// twoWay replicates into another account and back.
func twoWay() replication.Descriptor { return twoWayBetween("eu-west-1", "eu-central-1") }

func twoWayInOneRegion() replication.Descriptor { return twoWayBetween("eu-west-1", "eu-west-1") }

func twoWayBetween(source, destination string) replication.Descriptor {
	return dashboardtest.Deployment("shared", replication.Topology{
		Direction: replication.TwoWay, Source: replication.BucketSpec{Region: source},
		Destinations: []replication.BucketSpec{{Name: "vault", Region: destination, AssumeRoleARN: "arn:aws:iam::" + elsewhere + ":role/deploy"}},
	})
}

// crowded has more rules than a graph can have lines.
func crowded() replication.Descriptor {
	topology := replication.Topology{
		Source: replication.BucketSpec{Region: "us-east-1"}, Destinations: []replication.BucketSpec{{Name: "dr", Region: "us-west-2"}, {Name: "eu", Region: "eu-west-1"}},
	}
	for i := range 11 {
		topology.Rules = append(topology.Rules, replication.RuleSpec{ID: fmt.Sprintf("r%02d", i), Prefix: fmt.Sprintf("%02d/", i)})
	}
	return dashboardtest.Deployment("crowded", topology)
}
