package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// stamps are hashes of the sources of the tools. A tool is rebuilt when its hash
// changes.
type stamps struct{ Engine, Host, Plugin string }

func newStamps(l layout, p pins) (stamps, error) {
	module := []string{filepath.Join(l.Tools, "go.mod"), filepath.Join(l.Tools, "go.sum")}
	host := []string{
		filepath.Join(l.Tools, "language-host", "go.mod"), filepath.Join(l.Tools, "language-host", "go.sum"),
	}
	sources, err := goFiles(filepath.Join(l.Tools, pluginName), filepath.Join(l.Tools, "internal"))
	if err != nil {
		return stamps{}, err
	}
	var s stamps
	// The engine is made from the versions in go.sum, which the plugin shares.
	if s.Engine, err = hash(p.Engine.String(), module); err != nil {
		return stamps{}, err
	}
	if s.Host, err = hash(p.Host.String(), host); err != nil {
		return stamps{}, err
	}
	s.Plugin, err = hash(p.AWS.String(), append(module, sources...))
	return s, err
}

// goFiles lists the Go files below the folders that are part of a program.
func goFiles(dirs ...string) ([]string, error) {
	var all []string
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				all = append(all, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func hash(seed string, files []string) (string, error) {
	h := sha256.New()
	h.Write([]byte(seed))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		sum := sha256.Sum256(text)
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// stampFile lies beside a program that was built here: empty while the program is
// being replaced, then with its stamp.
func stampFile(program string) string {
	return filepath.Join(filepath.Dir(program), "."+filepath.Base(program)+".built-from")
}

// builtHere reports whether a program, or the target of a link, was built by an
// installer like this one.
func builtHere(program string) bool {
	real, err := filepath.EvalSymlinks(program)
	return exists(stampFile(program)) || err == nil && exists(stampFile(real))
}

func stampOf(program string) string {
	text, err := os.ReadFile(stampFile(program))
	if err != nil { // not built here, or not finished
		return ""
	}
	return string(text)
}

func writeStamp(program, stamp string) error {
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		return err
	}
	return os.WriteFile(stampFile(program), []byte(stamp), 0o644)
}

// discard removes a program if it was built here.
func discard(program string) error {
	if !builtHere(program) {
		return nil
	}
	return errors.Join(os.Remove(program), os.Remove(stampFile(program)))
}
