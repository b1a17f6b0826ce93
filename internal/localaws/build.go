package localaws

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
)

// buildOfThis tells builds of this program apart: a digest of the program
// itself, since builds of a changed working tree have nothing else of their own.
func buildOfThis() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding this program: %w", err)
	}
	program, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("reading this program: %w", err)
	}
	defer func() { _ = program.Close() }() // it was only read
	digest := sha256.New()
	if _, err := io.Copy(digest, program); err != nil {
		return "", fmt.Errorf("reading this program: %w", err)
	}
	return hex.EncodeToString(digest.Sum(nil)[:8]), nil
}
