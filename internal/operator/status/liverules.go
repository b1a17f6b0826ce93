package status

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// patience is how long S3 may take to tell the rules of a bucket.
const patience = 30 * time.Second

// liveRule is a rule as the bucket has it now.
type liveRule struct {
	status replication.Status
	gone   bool
}

// liveRules are the rules of a bucket, by id.
type liveRules map[string]replication.Status

// rule as the bucket has it; where the bucket could not be asked, as it was
// deployed.
func (l liveRules) rule(deployed replication.Rule) liveRule {
	if l == nil {
		return liveRule{status: deployed.Status}
	}
	status, there := l[deployed.ID]
	return liveRule{status: status, gone: !there}
}

// readRules reads the rules that a bucket has. It has none where S3 says so.
func readRules(ctx context.Context, sessions *live.Sessions, place replication.DeployedPlace) (liveRules, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answer, err := live.S3(sessions.At(place), place.AccountID).GetBucketReplication(ctx, &s3.GetBucketReplicationInput{Bucket: &place.Bucket})
	if live.Code(err) == "ReplicationConfigurationNotFoundError" {
		return liveRules{}, nil
	}
	if err != nil {
		return nil, live.Failed("reading the rules of s3://"+place.Bucket, place, err)
	}
	rules := liveRules{}
	for _, rule := range answer.ReplicationConfiguration.Rules {
		rules[aws.ToString(rule.ID)] = replication.Status(rule.Status)
	}
	return rules, nil
}
