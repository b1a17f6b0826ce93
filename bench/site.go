package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// site is the environment of the contestants: a folder and a local AWS of their own.
type site struct {
	root, dir string
	env       []string
	provider  string
}

// newSite starts a local AWS. The working directory must be the root of the
// repository, after `make build`.
func newSite(ctx context.Context) (*site, error) {
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "crr-bench")
	if err != nil {
		return nil, err
	}
	s := &site{root: root, dir: dir, env: append(os.Environ(), "PATH="+filepath.Join(root, ".local", "bin")+":"+os.Getenv("PATH"))}
	if err := s.start(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *site) start(ctx context.Context) error {
	if _, err := s.run(ctx, s.dir, "crr", "local", "start", "--dir", s.dir); err != nil {
		return err
	}
	status, err := s.run(ctx, s.dir, "crr", "local", "status", "--dir", s.dir, "--output", "json")
	if err != nil {
		return err
	}
	var found struct {
		Provider struct{ Path string } `json:"provider"`
	}
	if err := json.Unmarshal([]byte(status), &found); err != nil {
		return fmt.Errorf("reading the status of the local AWS: %w", err)
	}
	s.provider = found.Provider.Path
	environment, err := s.run(ctx, s.dir, "sh", "-c", ". ./env && env -0")
	if err != nil {
		return err
	}
	s.env = strings.Split(strings.TrimRight(environment, "\x00"), "\x00")
	plugins := filepath.Join(s.dir, "pulumi", "plugins")
	if err := os.MkdirAll(filepath.Dir(plugins), 0o755); err != nil {
		return err
	}
	return os.Symlink(filepath.Join(s.root, ".local", "pulumi", "plugins"), plugins)
}

func (s *site) close() {
	_, _ = s.run(context.Background(), s.root, "crr", "local", "stop", "--dir", s.dir)
	_ = os.RemoveAll(s.dir)
}

// run runs a command with the environment of the local AWS and returns its standard
// output. env are further settings.
func (s *site) run(ctx context.Context, dir, name string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "env", append([]string{name}, args...)...)
	var output, complaint bytes.Buffer
	command.Dir, command.Env, command.Stdout, command.Stderr = dir, s.env, &output, &complaint
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s%s", name, strings.Join(args, " "), err, output.String(), complaint.String())
	}
	return output.String(), nil
}
