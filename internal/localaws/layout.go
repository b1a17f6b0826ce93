package localaws

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
)

const motoLogName = "moto.log"

// layout returns the paths below a folder such as .local.
type layout struct {
	root string
}

// openLayout creates the folders below dir.
func openLayout(dir string) (layout, error) {
	l, err := layoutOf(dir)
	if err != nil {
		return layout{}, err
	}
	if err := errors.Join(os.MkdirAll(l.state(), 0o700), os.Chmod(l.state(), 0o700)); err != nil {
		return layout{}, fmt.Errorf("the local AWS keeps its state in %s: %w; make that folder writable or choose another with --dir", l.state(), err)
	}
	return l, nil
}

func layoutOf(dir string) (layout, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return layout{}, fmt.Errorf("finding the folder %q: %w", dir, err)
	}
	return layout{root: root}, nil
}

func (l layout) bin() string         { return filepath.Join(l.root, "bin") }
func (l layout) env() string         { return filepath.Join(l.root, "env") }
func (l layout) pulumiHome() string  { return filepath.Join(l.root, "pulumi") }
func (l layout) pulumiState() string { return filepath.Join(l.root, "pulumi-state") }

func (l layout) state() string       { return filepath.Join(l.root, "localaws") }
func (l layout) stateFile() string   { return filepath.Join(l.state(), "state.json") }
func (l layout) daemonLock() string  { return filepath.Join(l.state(), "daemon.lock") }
func (l layout) commandLock() string { return filepath.Join(l.state(), "command.lock") }
func (l layout) engineLock() string  { return filepath.Join(l.state(), "engine.lock") }
func (l layout) daemonLog() string   { return filepath.Join(l.state(), "daemon.log") }
func (l layout) motoLog() string     { return filepath.Join(l.state(), motoLogName) }
func (l layout) portFile() string    { return filepath.Join(l.state(), "port") }
func (l layout) caBundle() string    { return proxy.BundlePath(l.state()) }
