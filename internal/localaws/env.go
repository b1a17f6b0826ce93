package localaws

import (
	"fmt"
	"os"
	"strings"
)

type variable struct{ name, value string }

// awsVariables direct a program to the local AWS only.
//
// SSL_CERT_FILE is not among them: it would replace the certificates for every
// program in a shell, while AWS clients support the narrower variables below.
func awsVariables(with access, bundle string) []variable {
	proxyURL := with.Proxy
	const loopback = "localhost,127.0.0.1,::1"
	return []variable{
		{"HTTPS_PROXY", proxyURL},
		{"HTTP_PROXY", proxyURL},
		{"NO_PROXY", loopback},
		{"https_proxy", proxyURL},
		{"http_proxy", proxyURL},
		{"no_proxy", loopback},
		{"CRR_LOCAL_AWS", proxyURL}, // checked by programs that must not run on AWS
		{"AWS_CA_BUNDLE", bundle},
		{"CURL_CA_BUNDLE", bundle},
		{"NODE_EXTRA_CA_CERTS", bundle},
		{"REQUESTS_CA_BUNDLE", bundle},
		{"AWS_ACCESS_KEY_ID", with.AccessKeyID},
		{"AWS_SECRET_ACCESS_KEY", with.SecretAccessKey},
		{"AWS_REGION", defaultRegion},
		{"AWS_DEFAULT_REGION", defaultRegion},
		{"AWS_EC2_METADATA_DISABLED", "true"},
		{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"},
		{"AWS_CONFIG_FILE", os.DevNull},
		{"AWS_SHARED_CREDENTIALS_FILE", os.DevNull},
	}
}

// strayVariables would direct a program away from the local AWS, or give it the
// user's own credentials.
var strayVariables = []string{
	"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_ENDPOINT_URL",
	"AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE",
}

// unsetEndpoints unsets the endpoints of individual services, such as
// AWS_ENDPOINT_URL_S3.
const unsetEndpoints = `for crr_name in $(env | sed -n 's/^\(AWS_ENDPOINT_URL_[A-Z0-9_]*\)=.*/\1/p'); do unset "$crr_name"; done
unset crr_name
`

func pulumiVariables(l layout) []variable {
	return []variable{
		{"PULUMI_HOME", l.pulumiHome()},
		{"PULUMI_BACKEND_URL", "file://" + l.pulumiState()},
		{"PULUMI_CONFIG_PASSPHRASE", "local"},
		{"PULUMI_SKIP_UPDATE_CHECK", "true"},
		{"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true"},
	}
}

// writeEnv writes the script that sets up a shell for the local AWS.
func writeEnv(l layout, with access) error {
	if err := os.MkdirAll(l.pulumiState(), 0o700); err != nil {
		return fmt.Errorf("making the folder of Pulumi's state: %w", err)
	}
	if err := replaceFile(l.env(), []byte(envScript(l, with))); err != nil {
		return fmt.Errorf("writing %s: %w", l.env(), err)
	}
	return nil
}

// envScript returns a script for any POSIX shell. Sourcing it twice has no further
// effect.
func envScript(l layout, with access) string {
	var script strings.Builder
	script.WriteString("# Puts a shell into the local AWS: `. " + l.env() + "`. Written by `crr local start`.\n")
	fmt.Fprintf(&script, "unset %s\n", strings.Join(strayVariables, " "))
	script.WriteString(unsetEndpoints)
	fmt.Fprintf(&script, "case \":$PATH:\" in\n*:%s:*) ;;\n*) PATH=%s:\"$PATH\" ;;\nesac\nexport PATH\n", quote(l.bin()), quote(l.bin()))
	for _, v := range append(awsVariables(with, l.caBundle()), pulumiVariables(l)...) {
		fmt.Fprintf(&script, "export %s=%s\n", v.name, quote(v.value))
	}
	return script.String()
}

// quote quotes text as one word for a POSIX shell.
func quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
