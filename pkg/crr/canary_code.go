package crr

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
)

// canaryPackage is the package of the function's program.
const canaryPackage = "github.com/crr-io/pulumi-aws-crr/cmd/crr-canary"

// built has the functions by architecture. Each is built once per program.
var built = map[string]func() (pulumi.Archive, error){
	"x86_64": sync.OnceValues(func() (pulumi.Archive, error) { return buildCanary("x86_64", "crr-canary.zip") }),
	"arm64":  sync.OnceValues(func() (pulumi.Archive, error) { return buildCanary("arm64", "crr-canary-arm64.zip") }),
}

func builtCanary(architecture string) (pulumi.Archive, error) { return built[architecture]() }

// buildCanary builds the function for Lambda. The engine reads the archive after the
// program has ended, so it is kept in the user's cache directory: one file, which the
// next run replaces.
func buildCanary(architecture, name string) (pulumi.Archive, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("finding the cache directory to build the canary in: %w", err)
	}
	dir := filepath.Join(cache, "pulumi-aws-crr")
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // nothing secret
		return nil, fmt.Errorf("creating a directory to build the canary in: %w", err)
	}
	program, err := compileCanary(dir, plan.GoArchitectures[architecture])
	if err != nil {
		return nil, err
	}
	archive := filepath.Join(dir, name)
	if err := replaceFile(archive, func(w io.Writer) error { return zipBootstrap(w, program) }); err != nil {
		return nil, fmt.Errorf("packing the canary: %w", err)
	}
	return pulumi.NewFileArchive(archive), nil
}

// compileCanary returns the program. It contains no paths and no state of the checkout,
// so the same source yields the same function everywhere.
func compileCanary(dir, goArchitecture string) ([]byte, error) {
	work, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return nil, fmt.Errorf("creating a directory to build the canary in: %w", err)
	}
	defer os.RemoveAll(work)
	program := filepath.Join(work, "bootstrap")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc", "-ldflags", "-s -w -buildid=", "-o", program, canaryPackage)
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+goArchitecture, "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the canary's function: %w: %s; add it to the program's module with `go get -tool %s`, or set code",
			err, strings.TrimSpace(string(output)), canaryPackage)
	}
	return os.ReadFile(program)
}

// zipBootstrap packs the program as Lambda requires: an executable named bootstrap.
func zipBootstrap(w io.Writer, program []byte) error {
	archive := zip.NewWriter(w)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	header.SetMode(0o755)
	file, err := archive.CreateHeader(header)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, bytes.NewReader(program)); err != nil {
		return err
	}
	return archive.Close()
}

// replaceFile replaces a file atomically: readers see the old or the new content.
func replaceFile(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // already renamed on success
	if err := write(file); err != nil {
		_ = file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
