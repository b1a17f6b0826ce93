package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/tools/internal/locate"
)

// result is what was done about a tool.
type result struct {
	Tool    string `json:"tool"`
	Version string `json:"version"`
	Path    string `json:"path"`
	Status  string `json:"-"`
	// Bridge marks the AWS plugin that is built here in place of the official one.
	Bridge bool `json:"bridge,omitempty"`
	// Kind describes the AWS plugin.
	Kind string `json:"kind,omitempty"`
}

// kind returns whether an AWS plugin is the official one, and what it is built from.
func kind(path string, v version, provider locate.Binary) string {
	if !builtHere(path) {
		return "the official pulumi-aws " + v.String()
	}
	return strings.TrimSpace(fmt.Sprintf("a stand-in for pulumi-aws %s, built here on terraform-provider-aws %s", v, provider.Version))
}

func (in *installer) add(s step, took time.Duration) {
	r := result{Tool: s.Tool, Version: s.Version.String(), Path: s.Path, Bridge: s.Tool == pluginName && builtHere(s.Path)}
	if s.Tool == pluginName {
		r.Kind = kind(s.Path, s.Version, locate.This().Find().Chosen)
	}
	switch s.Action {
	case use:
		r.Status = "found on PATH"
	case linkIt:
		r.Status = "linked to " + s.From
	case keep:
		r.Status = "ready"
	default:
		r.Status = fmt.Sprintf("built in %s", clock(took))
	}
	in.results = append(in.results, r)
}

// record writes a file for other programs with the tools in use.
func (in *installer) record() error {
	text, err := json.MarshalIndent(struct {
		PulumiHome string   `json:"pulumiHome"`
		Tools      []result `json:"tools"`
	}{in.layout.Home(), in.results}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(in.layout.Local, 0o755); err != nil {
		return err
	}
	path := filepath.Join(in.layout.Local, "tools.json")
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
