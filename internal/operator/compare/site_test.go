package compare

import (
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/crr-io/pulumi-aws-crr/internal/cannedlist"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// access leads to a canned server, wherever a place is.
type access struct{ url string }

func (a access) At(place replication.DeployedBucket) aws.Config {
	return aws.Config{
		Region: place.Region, BaseEndpoint: aws.String(a.url), Credentials: credentials.NewStaticCredentialsProvider("canned", "canned", ""),
	}
}

// serve lists buckets called data and data-dr.
func serve(t *testing.T, source, destination cannedlist.Bucket) (*cannedlist.Server, access) {
	t.Helper()
	lists := &cannedlist.Server{Buckets: map[string]cannedlist.Bucket{"data": source, "data-dr": destination}}
	server := httptest.NewServer(lists)
	t.Cleanup(server.Close)
	return lists, access{server.URL}
}

func deployedPlace(name, bucket, region string) replication.DeployedBucket {
	return replication.DeployedBucket{Name: name, Bucket: bucket, ARN: "arn:aws:s3:::" + bucket, Region: region, AccountID: "111111111111"}
}

// deployed is a replication of data to data-dr, by rules without a destination.
func deployed(rules ...replication.Rule) replication.Descriptor {
	if len(rules) == 0 {
		rules = []replication.Rule{{ID: "all", DeleteMarkers: true}}
	}
	for i := range rules {
		rules[i].Destination, rules[i].Priority = "dr", len(rules)-i
		if rules[i].Status == "" {
			rules[i].Status = replication.Enabled
		}
	}
	return replication.Descriptor{
		Version: replication.DescriptorVersion, Name: "data", Direction: replication.OneWay, Rules: rules,
		Source:       deployedPlace("source", "data", "us-east-1"),
		Destinations: []replication.DeployedBucket{deployedPlace("dr", "data-dr", "us-west-2")},
	}
}

// collected are the findings of a run.
type collected []Finding

func (c *collected) take(finding Finding) error {
	*c = append(*c, finding)
	return nil
}

func (c *collected) options(options Options) Options {
	options.Concurrency, options.Found = 8, c.take
	return options
}
