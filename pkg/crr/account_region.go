package crr

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// spot is a region of an account, in so far as that is known before anything is
// deployed: what alarms, topics and keys can be shared in.
type accountRegion struct {
	region, account string
	// provider that was brought along, since nobody knows its account.
	provider pulumi.ProviderResource
}

func (p environment) accountRegion() accountRegion {
	if p.assumeRoleARN == nil {
		return accountRegion{region: p.region, provider: p.provider}
	}
	return accountRegion{region: p.region, account: accountInName(p.providerName)}
}

// suffix for the names of resources in the spot.
func (s accountRegion) suffix() string {
	if s.account == "" {
		return s.region
	}
	return s.region + "-" + s.account
}
