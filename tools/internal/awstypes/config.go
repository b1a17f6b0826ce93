package awstypes

import "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"

// config is how pulumi-aws shows the provider's own settings. Its defaults are
// pulumi-aws's: no waiting for a metadata service that only EC2 has, no list of
// regions that must be kept up to date, but credentials are checked at once.
func config() map[string]*info.Schema {
	yes := true
	return map[string]*info.Schema{
		"assume_role":                   {MaxItemsOne: &yes},
		"assume_role_with_web_identity": {MaxItemsOne: &yes},
		"default_tags":                  {MaxItemsOne: &yes},
		"ignore_tags":                   {MaxItemsOne: &yes},
		// Resources cannot move: in another region they are other resources.
		"region":                      {ForcesProviderReplace: &yes, Default: &info.Default{EnvVars: []string{"AWS_REGION", "AWS_DEFAULT_REGION"}}},
		"skip_credentials_validation": {Default: &info.Default{Value: false}},
		"skip_metadata_api_check":     {Type: "boolean", Default: &info.Default{Value: true}},
		"skip_region_validation":      {Default: &info.Default{Value: true}},
	}
}
