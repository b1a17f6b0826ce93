package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// layout returns the paths of the installation.
type layout struct {
	Tools string // the tools module
	Local string // the root of the installation
}

func newLayout(tools, local string) (layout, error) {
	t, err := filepath.Abs(tools)
	if err != nil {
		return layout{}, err
	}
	l, err := filepath.Abs(local)
	if err != nil {
		return layout{}, err
	}
	if _, err := os.Stat(filepath.Join(t, "language-host", "go.mod")); err != nil {
		return layout{}, fmt.Errorf("%s is not the tools folder; start it as: go -C tools run ./install", t)
	}
	return layout{Tools: t, Local: l}, nil
}

// Bin holds the programs that are built.
func (l layout) Bin() string { return filepath.Join(l.Local, "bin") }

// Home is PULUMI_HOME.
func (l layout) Home() string { return filepath.Join(l.Local, "pulumi") }

// Scratch holds incomplete files.
func (l layout) Scratch() string { return filepath.Join(l.Local, ".install") }

// Engine is the built Pulumi CLI.
func (l layout) Engine() string { return filepath.Join(l.Bin(), exe("pulumi")) }

// Host is the built Go language host. The engine looks for it in its own folder.
func (l layout) Host() string { return filepath.Join(l.Bin(), exe("pulumi-language-go")) }

// Plugin is the AWS plugin of that version, where the engine looks for it.
func (l layout) Plugin(v version) string {
	return filepath.Join(l.Home(), "plugins", pluginDir(v), exe(pluginName))
}

const pluginName = "pulumi-resource-aws"

func pluginDir(v version) string { return "resource-aws-" + v.String() }

func exe(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}
