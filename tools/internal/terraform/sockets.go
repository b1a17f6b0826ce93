package terraform

import (
	"os"
	"path/filepath"
	"time"
)

const (
	socketPrefix = "crr-aws-"
	// staleAfter is the age at which a socket directory is abandoned: one is used
	// for a fraction of a second.
	staleAfter = 10 * time.Minute
)

// socketDir creates a private directory for a socket, and removes those of processes
// that were killed while their provider started.
func socketDir() (string, error) {
	old, err := filepath.Glob(filepath.Join(os.TempDir(), socketPrefix+"*"))
	if err != nil { // only for a "[" in the name of the temporary directory
		old = nil
	}
	for _, dir := range old {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() && time.Since(info.ModTime()) > staleAfter {
			_ = os.RemoveAll(dir) // another user's, on a shared machine
		}
	}
	return os.MkdirTemp("", socketPrefix)
}
