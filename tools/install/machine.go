package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// machine is the environment that decisions depend on.
type machine struct {
	Getenv func(string) string
	Home   string   // the user's home directory
	Path   []string // the folders of PATH
	AWS    bool     // the deployment is to AWS, for which the official plugin is preferred
	// Ask runs a program and returns its short output.
	Ask func(program string, args ...string) (string, error)
}

func thisMachine(l layout) machine {
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	}
	return machine{
		Getenv: os.Getenv,
		Home:   home,
		Path:   without(filepath.SplitList(os.Getenv("PATH")), l.Bin()),
		Ask:    ask,
	}
}

// without removes our own folder: programs that were built here are not "installed".
func without(dirs []string, own string) []string {
	var kept []string
	for _, dir := range dirs {
		if abs, err := filepath.Abs(dir); err == nil && dir != "" && abs != own {
			kept = append(kept, abs)
		}
	}
	return kept
}

const answerTime = 10 * time.Second

func ask(program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "PULUMI_SKIP_UPDATE_CHECK=true")
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}

// look finds a program in the folders, in order.
func look(name string, dirs ...string) string {
	for _, dir := range dirs {
		if path := filepath.Join(dir, exe(name)); runnable(path) {
			return path
		}
	}
	return ""
}

func runnable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode()&0o111 != 0)
}
