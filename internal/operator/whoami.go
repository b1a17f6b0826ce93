package operator

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Identity is the identity of the caller.
type Identity struct {
	Account string `json:"account"`
	ARN     string `json:"arn"`
	// Source of the credentials: "EnvConfigCredentials".
	Source string `json:"source"`
}

// identityPatience is how long credentials and AWS may take to answer. Without
// credentials the SDK asks a metadata service that most machines don't have.
const identityPatience = 10 * time.Second

// Whoami returns the identity of the caller, or an error that says how to get valid
// credentials.
func Whoami(ctx context.Context, options live.Options) (Identity, error) {
	options.Patience = identityPatience
	sessions, err := live.OpenWith(ctx, options)
	if err != nil {
		return Identity{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, identityPatience)
	defer cancel()
	cfg := sessions.Home()
	credentials, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return Identity{}, live.Failed("getting the AWS credentials", replication.DeployedBucket{Region: cfg.Region}, err)
	}
	answer, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		doing := fmt.Sprintf("asking AWS in %s whose credentials these are (from %s)", cfg.Region, credentials.Source)
		return Identity{}, live.Failed(doing, replication.DeployedBucket{Region: cfg.Region}, err)
	}
	return Identity{Account: aws.ToString(answer.Account), ARN: aws.ToString(answer.Arn), Source: credentials.Source}, nil
}
