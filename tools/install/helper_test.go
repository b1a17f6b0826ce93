package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// world is a fake machine, with a tools module and an empty .local.
type world struct {
	t       *testing.T
	root    string
	layout  layout
	machine machine
	pins    pins
	answers map[string]string // the output of programs for their version
	vars    map[string]string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	root := t.TempDir()
	w := &world{
		t: t, root: root, answers: map[string]string{}, vars: map[string]string{},
		layout: layout{Tools: filepath.Join(root, "repo", "tools"), Local: filepath.Join(root, "repo", ".local")},
		pins:   pins{Engine: version{3, 145, 0}, Host: version{3, 60, 0}, AWS: version{6, 83, 2}},
	}
	w.machine = machine{
		Getenv: func(name string) string { return w.vars[name] },
		Home:   filepath.Join(root, "home"),
		Path:   []string{filepath.Join(root, "bin1"), filepath.Join(root, "bin2")},
		Ask: func(program string, _ ...string) (string, error) {
			if answer, ok := w.answers[program]; ok {
				return answer, nil
			}
			return "", errors.New("no answer")
		},
	}
	return w
}

// program creates an executable below the root, with the output for its version.
func (w *world) program(path, answer string) string {
	w.t.Helper()
	path = filepath.Join(w.root, path)
	w.write(path, "#!/bin/sh\n", 0o755)
	w.answers[path] = answer
	return path
}

// built creates a program that was built here from sources with that stamp.
func (w *world) built(path, stamp string) {
	w.t.Helper()
	w.write(path, "#!/bin/sh\n", 0o755)
	if err := writeStamp(path, stamp); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) write(path, text string, mode os.FileMode) {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		w.t.Fatal(err)
	}
}

var now = stamps{Engine: "e2", Host: "h2", Plugin: "p2"}

func (w *world) decide() plan { return decide(w.layout, w.pins, w.machine, now) }
