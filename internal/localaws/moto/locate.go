package moto

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/environ"
)

// Command is the command line of the moto server without its options.
type Command []string

func (c Command) String() string { return strings.Join(c, " ") }

// Requirement is the requirement for pip.
const Requirement = "moto[server,all-needed]==5.2.*"

// Venv is the Python environment that [Install] creates in a state folder.
func Venv(stateDir string) string { return filepath.Join(stateDir, "venv") }

// MissingError is returned when there is no moto server on the machine.
type MissingError struct {
	// Looked are the places that were searched, in order.
	Looked []string
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("no moto server found (looked for %s)", strings.Join(e.Looked, ", "))
}

// Locate returns the first moto server of: the environment that [Install] created,
// moto_server on PATH, and the moto.server module of a python3 on PATH.
func Locate(ctx context.Context, stateDir string) (Command, error) {
	var looked []string
	for _, candidate := range []Command{
		{filepath.Join(Venv(stateDir), "bin", "moto_server")},
		{"moto_server"},
		{"python3", "-m", "moto.server"},
		{"python", "-m", "moto.server"},
	} {
		looked = append(looked, candidate.String())
		if candidate.works(ctx) {
			return candidate, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("looking for moto: %w", err)
		}
	}
	return nil, &MissingError{Looked: looked}
}

// works runs the program to check it. The file alone proves little: pyenv leaves
// shims of programs that the selected Python doesn't have.
func (c Command) works(ctx context.Context) bool {
	if _, err := exec.LookPath(c[0]); err != nil {
		return false
	}
	check := c.command(ctx, "--help")
	check.Env = environment()
	return check.Run() == nil
}

func (c Command) command(ctx context.Context, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, c[0], append(append([]string{}, c[1:]...), args...)...)
}

// environment keeps moto's own AWS clients from the user's profiles.
func environment() []string {
	return append(environ.Clean(), "PYTHONUNBUFFERED=1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
}
