package localaws

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
)

// buildOfThis identifies this build of the program by a digest of the executable,
// because builds of a modified working tree have no other identity.
func buildOfThis() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding this program: %w", err)
	}
	program, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("reading this program: %w", err)
	}
	defer func() { _ = program.Close() }() // opened for reading
	digest := sha256.New()
	if _, err := io.Copy(digest, program); err != nil {
		return "", fmt.Errorf("reading this program: %w", err)
	}
	return hex.EncodeToString(digest.Sum(nil)[:8]), nil
}
