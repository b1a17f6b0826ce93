package terraform

import (
	"os"
	"path/filepath"
	"time"
)

const (
	socketPrefix = "crr-aws-"
	// staleAfter is how old a socket directory must be to be nobody's: one is used
	// for a fraction of a second.
	staleAfter = 10 * time.Minute
)

// socketDir makes a private directory for a socket, and removes those that were
// left by a process that was killed while its provider started.
func socketDir() (string, error) {
	old, err := filepath.Glob(filepath.Join(os.TempDir(), socketPrefix+"*"))
	if err != nil { // only for a "[" in the name of the temporary directory
		old = nil
	}
	for _, dir := range old {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() && time.Since(info.ModTime()) > staleAfter {
			_ = os.RemoveAll(dir) // another's, on a shared machine, stays
		}
	}
	return os.MkdirTemp("", socketPrefix)
}
