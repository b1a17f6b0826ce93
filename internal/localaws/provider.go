package localaws

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// ProviderVariable is the environment variable that overrides the path of
// terraform-provider-aws.
const ProviderVariable = "CRR_TERRAFORM_PROVIDER_AWS"

// Provider is a terraform-provider-aws binary, which deployments need if Pulumi's
// AWS plugin is not available.
type Provider struct {
	// Path is the path of the binary, or "".
	Path string `json:"path,omitempty"`
	// Looked are the places that were searched, in order.
	Looked []string `json:"looked"`
}

// FindProvider searches the usual folders of Terraform's mirrors.
// https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
func FindProvider() Provider {
	var p Provider
	if path := os.Getenv(ProviderVariable); path != "" {
		p.Looked = append(p.Looked, "$"+ProviderVariable+" ("+path+")")
		if isProgram(path) {
			p.Path = path
			return p
		}
	}
	for _, mirror := range mirrors() {
		p.Looked = append(p.Looked, mirror)
		if found := newestIn(mirror); found != "" {
			p.Path = found
			return p
		}
	}
	return p
}

// mirrors returns the folders that contain registry.terraform.io.
func mirrors() []string {
	var folders []string
	if home, err := os.UserHomeDir(); err == nil {
		folders = append(folders, filepath.Join(home, ".terraform.d", "plugins"), filepath.Join(home, ".local", "share", "terraform", "plugins"))
	}
	return append(folders, "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins", "/opt/*")
}

// newestIn returns the binary of the highest version in a mirror, or "".
func newestIn(mirror string) string {
	pattern := filepath.Join(mirror, "registry.terraform.io", "hashicorp", "aws", "*", platform(), "terraform-provider-aws*")
	matches, err := filepath.Glob(pattern)
	if err != nil {
		return ""
	}
	matches = slices.DeleteFunc(matches, func(path string) bool { return !isProgram(path) })
	if len(matches) == 0 {
		return ""
	}
	return slices.MaxFunc(matches, func(a, b string) int {
		return compareVersions(filepath.Base(filepath.Dir(filepath.Dir(a))), filepath.Base(filepath.Dir(filepath.Dir(b))))
	})
}

func platform() string { return runtime.GOOS + "_" + runtime.GOARCH }

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
