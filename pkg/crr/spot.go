package crr

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// spot is a region of an account, in so far as that is known before anything is
// deployed: what alarms, topics and keys can be shared in.
type spot struct {
	region, account string
	// provider that was brought along, since nobody knows its account.
	provider pulumi.ProviderResource
}

func (p place) spot() spot {
	if p.assumeRoleARN == nil {
		return spot{region: p.region, provider: p.provider}
	}
	return spot{region: p.region, account: accountInName(p.providerName)}
}

// suffix for the names of resources in the spot.
func (s spot) suffix() string {
	if s.account == "" {
		return s.region
	}
	return s.region + "-" + s.account
}
