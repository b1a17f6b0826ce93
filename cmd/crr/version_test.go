package main

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestVersionOf(t *testing.T) {
	t.Parallel()
	module := func(version string) debug.Module { return debug.Module{Version: version} }
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "c5217ad4e08d4c1d9bd2f8f5d3f8c0a1b2c3d4e5"}
	for name, c := range map[string]struct {
		release string
		info    debug.BuildInfo
		want    string
	}{
		"a released program":      {"0.1.0", debug.BuildInfo{Main: module("(devel)"), Settings: []debug.BuildSetting{commit}}, "0.1.0 (commit c5217ad4e08d)"},
		"go install of a version": {"", debug.BuildInfo{Main: module("v0.1.0")}, "v0.1.0"},
		"go build in a checkout":  {"", debug.BuildInfo{Main: module("v0.1.1-0.20261129"), Settings: []debug.BuildSetting{commit}}, "v0.1.1-0.20261129 (commit c5217ad4e08d)"},
		"no information":          {"", debug.BuildInfo{}, "unknown"},
	} {
		assert.Equal(t, c.want, versionOf(c.release, &c.info), name)
	}
}
