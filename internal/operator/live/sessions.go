package live

import (
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// homeRegion is asked where a question belongs to no region.
const homeRegion = "us-east-1"

// sessionName is what CloudTrail shows of a role that was assumed.
const sessionName = "crr"

// Sessions are the credentials at hand, and those of the roles that are assumed
// with them, each once.
type Sessions struct {
	base aws.Config

	mu      sync.Mutex
	assumed map[string]aws.CredentialsProvider
}

// Open finds the credentials at hand, where the AWS CLI finds them.
func Open(ctx context.Context) (*Sessions, error) {
	base, err := config.LoadDefaultConfig(ctx, config.WithDefaultRegion(homeRegion), config.WithLogger(logging.Nop{}))
	if err != nil {
		return nil, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	if _, err := base.Credentials.Retrieve(ctx); err != nil {
		return nil, fmt.Errorf("there are no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "+
			"or sign in with `aws login` or `aws sso login`; to try this without an account, use the stack local (%w)", err)
	}
	return &Sessions{base: base, assumed: map[string]aws.CredentialsProvider{}}, nil
}

// Home is how to reach the account of the credentials at hand.
func (s *Sessions) Home() aws.Config { return s.base.Copy() }

// At is how to reach a bucket's account, in the bucket's region.
func (s *Sessions) At(place replication.DeployedPlace) aws.Config {
	return s.In(place, place.Region)
}

// In is how to reach a bucket's account in another region: alarms are where S3
// publishes the metrics.
func (s *Sessions) In(place replication.DeployedPlace, region string) aws.Config {
	there := s.base.Copy()
	there.Region = region
	if place.AssumeRoleARN != "" {
		there.Credentials = s.assume(place.AssumeRoleARN, place.Region)
	}
	return there
}

// assume is the credentials of a role. Every region has an STS of its own, and
// one that works while another region is gone is as good as any.
func (s *Sessions) assume(role, region string) aws.CredentialsProvider {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := role + " " + region
	if known, ok := s.assumed[key]; ok {
		return known
	}
	from := s.base.Copy()
	from.Region = region
	provider := aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(from), role,
		func(options *stscreds.AssumeRoleOptions) { options.RoleSessionName = sessionName }))
	s.assumed[key] = provider
	return provider
}
