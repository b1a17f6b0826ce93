// Package environ decides what the programs that a local AWS starts learn of the
// environment in which it was started.
package environ

import (
	"os"
	"slices"
	"strings"
)

// kept are the variables that programs need, and that hold no secrets.
var kept = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
	"PYTHONPATH", "VIRTUAL_ENV", "PYENV_ROOT", "PYENV_VERSION", "SSL_CERT_FILE", "SSL_CERT_DIR", "GOCOVERDIR", "GORACE", "CRR_E2E",
}

// Clean returns the variables of this process that programs need. Credentials,
// tokens, proxies and all that is unknown are not among them.
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
