package localaws

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func (l layout) bookkeeping() string { return filepath.Join(l.pulumiState(), ".pulumi") }

// repairPulumi removes engine files that were damaged by a full disk or a crash, and
// with which the engine would fail. It returns the damaged state of a stack that it
// removed, or "".
func repairPulumi(l layout) (damaged string, err error) {
	if err := keepLayoutVersion(l); err != nil {
		return "", err
	}
	err = walk(l.bookkeeping(), func(path string, info fs.FileInfo) error {
		half := strings.HasPrefix(filepath.Base(path), "fileblob") // the engine renames it when it is complete
		switch {
		case half && time.Since(info.ModTime()) > beingWritten:
			return removeFile(path)
		case strings.HasSuffix(path, ".attrs") && !isJSON(path):
			return removeFile(path)
		case l.isStack(path) && !isCheckpoint(path):
			damaged = path
			return errors.Join(removeFile(path), removeFile(path+".attrs"), removeFile(path+".bak"), removeFile(path+".bak.attrs"))
		}
		return nil
	})
	if err != nil {
		return damaged, err
	}
	return damaged, repairHome(l)
}

// keepLayoutVersion restores the version of the engine's state layout if it is
// damaged: without it, the engine assumes an older layout.
func keepLayoutVersion(l layout) error {
	path, want := filepath.Join(l.bookkeeping(), "meta.yaml"), "version: 1\n"
	text, err := os.ReadFile(path)
	if (err == nil && string(text) == want) || !exists(l.bookkeeping()) {
		return nil
	}
	if err := replaceFile(path, []byte(want)); err != nil {
		return fmt.Errorf("repairing %s: %w", path, err)
	}
	return nil
}

// repairHome removes files that the engine recreates.
func repairHome(l layout) error {
	patterns := []string{"credentials.json", "config.json", filepath.Join("workspaces", "*.json")}
	for _, pattern := range patterns {
		paths, err := filepath.Glob(filepath.Join(l.pulumiHome(), pattern))
		if err != nil {
			return fmt.Errorf("looking for damaged files: %w", err)
		}
		for _, path := range paths {
			if isJSON(path) {
				continue
			}
			if err := removeFile(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// isStack reports whether a file is the state of a stack.
func (l layout) isStack(path string) bool {
	return strings.HasPrefix(path, filepath.Join(l.bookkeeping(), "stacks")+string(filepath.Separator)) && filepath.Ext(path) == ".json"
}

func isJSON(path string) bool {
	text, err := os.ReadFile(path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && json.Valid(text)
}

func isCheckpoint(path string) bool {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true // it was removed in between
	}
	var state struct {
		Version    int             `json:"version"`
		Checkpoint json.RawMessage `json:"checkpoint"`
	}
	return err == nil && json.Unmarshal(text, &state) == nil && state.Version > 0 && len(state.Checkpoint) > 0
}

// walk calls do for each file below a folder. It ignores files and folders that are
// removed meanwhile.
func walk(folder string, do func(path string, info fs.FileInfo) error) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return do(path, info)
	})
}

// removeFile removes a file, if it exists.
func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("clearing up: %w", err)
	}
	return nil
}
