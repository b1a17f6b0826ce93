package moto

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// installDeadline limits an installation, which usually takes a minute or two.
const installDeadline = 10 * time.Minute

// Install creates a Python environment in the state folder and installs moto from
// the package index. It writes pip's output to progress.
func Install(ctx context.Context, stateDir string, progress io.Writer) (Command, error) {
	python, err := findPython()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, installDeadline)
	defer cancel()
	venv := Venv(stateDir)
	fmt.Fprintf(progress, "installing %s into %s; this takes a minute or two\n", Requirement, venv)
	for _, step := range [][]string{
		{python, "-m", "venv", "--clear", venv},
		{venv + "/bin/python", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--retries", "1", Requirement},
	} {
		if err := runStep(ctx, step, progress); err != nil {
			return nil, errors.Join(installError(ctx, python, err), os.RemoveAll(venv))
		}
	}
	return Locate(ctx, stateDir)
}

func findPython() (string, error) {
	for _, name := range []string{"python3", "python"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no python3 on PATH, which the local AWS needs to run moto: " +
		"install Python 3.9 or newer (Debian: apt-get install python3 python3-venv; macOS: brew install python), " +
		"or use a running emulator: crr local start --backend URL")
}

func runStep(ctx context.Context, step []string, progress io.Writer) error {
	cmd := exec.CommandContext(ctx, step[0], step[1:]...)
	cmd.Stdout, cmd.Stderr = progress, progress
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", cmd, err)
	}
	return nil
}

func installError(ctx context.Context, python string, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("installing moto was interrupted: %w", ctx.Err())
	}
	return fmt.Errorf("installing moto failed: %w\ninstall it yourself where the Python package index can be reached:\n  %s -m pip install '%s'\n"+
		"or use a running emulator: crr local start --backend URL", err, python, Requirement)
}
