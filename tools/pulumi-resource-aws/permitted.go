package main

import "fmt"

const (
	// allow is the variable that allows this plugin to deploy to AWS.
	allow = "CRR_ALLOW_STANDIN_PLUGIN"
	// localAWS is the variable that holds the local AWS's proxy, see `crr local start`.
	localAWS = "CRR_LOCAL_AWS"
)

// permitted returns an error if this plugin would call AWS and the user has not
// allowed that: the official plugin may see differences in resources that this one
// has deployed.
func permitted(getenv func(string) string, provider string) error {
	if getenv(allow) == "1" {
		return nil
	}
	if proxy := getenv(localAWS); proxy != "" && getenv("HTTPS_PROXY") == proxy {
		return nil
	}
	return fmt.Errorf("this AWS plugin is a stand-in for pulumi-aws %s, built from terraform-provider-aws %s, and deploys to the local AWS only. "+
		"For AWS, install the official one with `pulumi plugin install resource aws %s`, or set %s=1 to deploy with this one", version, provider, version, allow)
}
