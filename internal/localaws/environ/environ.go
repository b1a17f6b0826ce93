// Package environ selects the environment variables that a local AWS passes on to
// the programs it starts.
package environ

import (
	"os"
	"slices"
	"strings"
)

// kept are the variables that programs need and that hold no secrets.
var kept = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
	"PYTHONPATH", "VIRTUAL_ENV", "PYENV_ROOT", "PYENV_VERSION", "SSL_CERT_FILE", "SSL_CERT_DIR", "GOCOVERDIR", "GORACE", "CRR_E2E",
}

// Clean returns the environment of this process without credentials, tokens, proxies
// and unknown variables.
func Clean() []string {
	var clean []string
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if slices.Contains(kept, name) || strings.HasPrefix(name, "LC_") {
			clean = append(clean, variable)
		}
	}
	return clean
}
