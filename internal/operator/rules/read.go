// Package rules reads the replication rules that a bucket has, and compares
// them with those that were deployed.
package rules

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// missing is S3's word for a bucket without replication rules.
const missing = "ReplicationConfigurationNotFoundError"

// Read reads the replication configuration of a bucket. It is nil where the
// bucket has none. The SDK's names of its parts are those of the AWS CLI, which
// the model reads.
func Read(ctx context.Context, client *s3.Client, place replication.DeployedBucket) (*s3config.Configuration, error) {
	found, err := client.GetBucketReplication(ctx, &s3.GetBucketReplicationInput{Bucket: &place.Bucket})
	if live.Code(err) == missing {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(found.ReplicationConfiguration)
	if err != nil {
		return nil, fmt.Errorf("reading the rules of s3://%s: %w", place.Bucket, err)
	}
	configuration, err := s3config.ParseJSON(data)
	if err != nil {
		return nil, fmt.Errorf("reading the rules of s3://%s: %w", place.Bucket, err)
	}
	return &configuration, nil
}
