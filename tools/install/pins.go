package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// pins are the versions in the repository's go.mod files, which are their only
// source.
type pins struct {
	Engine version // the Pulumi CLI, tools/go.mod
	Host   version // the Go language host, tools/language-host/go.mod
	AWS    version // pulumi-aws, the main go.mod
}

func readPins(tools string) (pins, error) {
	var p pins
	for _, r := range []struct {
		to     *version
		file   string
		module string
	}{
		{&p.Engine, filepath.Join(tools, "go.mod"), "github.com/pulumi/pulumi/pkg/v3"},
		{&p.Host, filepath.Join(tools, "language-host", "go.mod"), "github.com/pulumi/pulumi/sdk/v3"},
		{&p.AWS, filepath.Join(tools, "..", "go.mod"), "github.com/pulumi/pulumi-aws/sdk/v6"},
	} {
		text, err := os.ReadFile(r.file)
		if err != nil {
			return pins{}, err
		}
		line := regexp.MustCompile(`(?m)^\s*(?:require\s+)?` + regexp.QuoteMeta(r.module) + `\s+(v\S+)`)
		hit := line.FindSubmatch(text)
		if hit == nil {
			return pins{}, fmt.Errorf("%s does not require %s", r.file, r.module)
		}
		v, ok := parseVersion(string(hit[1]))
		if !ok {
			return pins{}, fmt.Errorf("%s: %s has the version %s, which is none", r.file, r.module, hit[1])
		}
		*r.to = v
	}
	return p, nil
}
