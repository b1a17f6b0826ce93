package main

import (
	"cmp"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// release is the version of a released program, which its build sets.
var release string

func newVersionCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version and commit of crr",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(s.out, version()+"\n")
			return err
		},
	}
}

// version returns the version of this program and the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(release, "unknown")
	}
	return versionOf(release, info)
}

// versionOf returns the version and commit that a build recorded. `go install` of a
// version records no commit.
func versionOf(release string, info *debug.BuildInfo) string {
	text := cmp.Or(release, info.Main.Version, "unknown")
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return text + " (commit " + s.Value[:min(12, len(s.Value))] + ")"
		}
	}
	return text
}
