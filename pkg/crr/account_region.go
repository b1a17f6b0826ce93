package crr

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// accountRegion identifies an account and region before deployment. Alarms, topics and
// keys can be shared within it.
type accountRegion struct {
	region, account string
	// provider of the user, whose account is unknown.
	provider pulumi.ProviderResource
}

func (p environment) accountRegion() accountRegion {
	if p.assumeRoleARN == nil {
		return accountRegion{region: p.region, provider: p.provider}
	}
	return accountRegion{region: p.region, account: accountInName(p.providerName)}
}

// suffix returns the suffix of resource names in the account and region.
func (s accountRegion) suffix() string {
	if s.account == "" {
		return s.region
	}
	return s.region + "-" + s.account
}
