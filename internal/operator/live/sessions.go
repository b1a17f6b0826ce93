package live

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

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

// Options say where credentials are taken from. All are optional.
type Options struct {
	// Region to ask for what belongs to no region. Credentials of GovCloud and
	// China are valid in their own regions only.
	Region string
	// Profile, and the files to find it in.
	Profile                      string
	ConfigFiles, CredentialFiles []string
	// Patience is how long finding the credentials may take, without the time that
	// a user needs to enter a code.
	Patience time.Duration
}

// Open finds the credentials at hand, where the AWS CLI finds them.
func Open(ctx context.Context) (*Sessions, error) { return OpenWith(ctx, Options{}) }

// OpenWith finds the credentials that the options name.
func OpenWith(ctx context.Context, options Options) (*Sessions, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	clock := &patience{limit: options.Patience, end: func() { cancel(context.DeadlineExceeded) }}
	clock.start()
	defer clock.stop()
	base, err := config.LoadDefaultConfig(ctx, options.load(clock)...)
	if err != nil {
		return nil, Failed("reading the AWS configuration", replication.DeployedBucket{}, err)
	}
	if _, err := base.Credentials.Retrieve(ctx); err != nil {
		return nil, noCredentials(ctx, replication.DeployedBucket{Region: base.Region}, err)
	}
	return &Sessions{base: base, assumed: map[string]aws.CredentialsProvider{}}, nil
}

// noCredentials says why there are none, and what to do.
func noCredentials(ctx context.Context, place replication.DeployedBucket, err error) error {
	switch {
	case errors.Is(context.Cause(ctx), context.Canceled):
		return context.Canceled
	case asksMachine(err):
		return failure{Brief(err) + ": " + Advice(place, err), err}
	case ctx.Err() != nil: // the end of our patience
		return Failed("getting the AWS credentials", place, context.DeadlineExceeded)
	case troubleOf(err) != nil:
		return Failed("getting the AWS credentials", place, err)
	default:
		return failure{fmt.Sprintf("there are no AWS credentials: %s (%s)", signIn, Brief(err)), err}
	}
}

// Home is how to reach the account of the credentials at hand.
func (s *Sessions) Home() aws.Config { return s.base.Copy() }

// At is how to reach a bucket's account, in the bucket's region.
func (s *Sessions) At(place replication.DeployedBucket) aws.Config {
	return s.In(place, place.Region)
}

// In is how to reach a bucket's account in another region: alarms are where S3
// publishes the metrics.
func (s *Sessions) In(place replication.DeployedBucket, region string) aws.Config {
	there := s.base.Copy()
	there.Region = region
	if place.AssumeRoleARN != "" {
		there.Credentials = s.assume(place.AssumeRoleARN, place.ExternalID, place.Region)
	}
	return there
}

// assume is the credentials of a role. Every region has an STS of its own, and
// one that works while another region is gone is as good as any.
func (s *Sessions) assume(role, externalID, region string) aws.CredentialsProvider {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := role + " " + externalID + " " + region
	if known, ok := s.assumed[key]; ok {
		return known
	}
	from := s.base.Copy()
	from.Region = region
	provider := aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(from), role,
		func(options *stscreds.AssumeRoleOptions) {
			options.RoleSessionName = sessionName
			if externalID != "" {
				options.ExternalID = &externalID
			}
		}))
	s.assumed[key] = provider
	return provider
}
