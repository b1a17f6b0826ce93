package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// patience is the time without network traffic after which a download is given up.
const patience = 10 * time.Second

var errSilent = errors.New("the network does not answer")

// offline reports whether downloads are disabled.
func (in *installer) offline() bool { return in.machine.Getenv("CRR_OFFLINE") == "1" }

// fetch has the engine install the official AWS plugin. It gives up when no data
// arrives for a while.
func (in *installer) fetch(ctx context.Context, engine string) error {
	if in.offline() {
		return errors.New("CRR_OFFLINE is set")
	}
	tmp := filepath.Join(in.layout.Scratch(), "fetch")
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }() // remaining files only take up space

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, engine, "plugin", "install", "resource", "aws", in.pins.AWS.Bare())
	cmd.Env = append(os.Environ(), "PULUMI_HOME="+in.layout.Home(), "TMPDIR="+tmp,
		"PULUMI_SKIP_UPDATE_CHECK=true", "NO_COLOR=1", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=false")
	cmd.Stdout, cmd.Stderr = &said, &said
	endTogether(cmd)
	go in.watch(ctx, cancel, tmp, filepath.Join(in.layout.Home(), "plugins"))
	if err := cmd.Run(); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return errors.New(lastLine(said.String()))
	}
	if path := in.layout.Plugin(in.pins.AWS); !runnable(path) {
		return fmt.Errorf("pulumi installed it, but not as %s", path)
	}
	return nil
}

// watch cancels a download that has stopped growing.
func (in *installer) watch(ctx context.Context, cancel context.CancelCauseFunc, dirs ...string) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	size, grown := int64(-1), time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		now := bytesIn(dirs...)
		if now != size {
			if size >= 0 {
				in.progress.update("%d MB", now>>20)
			}
			size, grown = now, time.Now()
		}
		if time.Since(grown) > patience {
			cancel(errSilent)
			return
		}
	}
}

func bytesIn(dirs ...string) int64 {
	var sum int64
	for _, dir := range dirs {
		_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
			if err != nil { // files are created and removed while the plugin is unpacked
				return nil
			}
			if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
				sum += info.Size()
			}
			return nil
		})
	}
	return sum
}

// lastLine returns the last line of a message that is not empty, without the
// engine's prefix.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for _, line := range lines {
		if i := strings.Index(line, "dial tcp: "); i >= 0 {
			return line[i:]
		}
	}
	return lines[len(lines)-1]
}
