package awstypes

import "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"

// config maps the provider's settings as pulumi-aws does. The defaults are
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

// SettingsWithRules are the Terraform settings whose values the provider validates.
// For the others it checks only the type, or fails when it uses them.
var SettingsWithRules = []string{
	"allowed_account_ids",
	"assume_role",
	"assume_role_with_web_identity",
	"ec2_metadata_service_endpoint",
	"ec2_metadata_service_endpoint_mode",
	"forbidden_account_ids",
	"retry_mode",
	"s3_us_east_1_regional_endpoint",
	"token_bucket_rate_limiter_capacity",
}
