package canary

import (
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
)

// accounts are the function's own credentials, and those of the roles that it
// assumes in other accounts.
type accounts struct {
	own aws.Config

	mu      sync.Mutex
	assumed map[string]aws.CredentialsProvider
}

func newAccounts(own aws.Config) *accounts {
	return &accounts{own: own, assumed: map[string]aws.CredentialsProvider{}}
}

// of is how to reach a bucket.
func (a *accounts) of(place heartbeat.Place) aws.Config {
	there := a.in(place.Region)
	if place.RoleARN == "" {
		return there
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.assumed[place.RoleARN] == nil {
		a.assumed[place.RoleARN] = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(there), place.RoleARN))
	}
	there.Credentials = a.assumed[place.RoleARN]
	return there
}

// in is the function's own account, in a region.
func (a *accounts) in(region string) aws.Config {
	there := a.own.Copy()
	there.Region = region
	return there
}
