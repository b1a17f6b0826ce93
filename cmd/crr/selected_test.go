package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withPulumi is a command of crr beside a stand-in for Pulumi, which answers as its
// command line does in a folder where a stack may be selected.
func withPulumi(t *testing.T, selected string, args ...string) *exec.Cmd {
	t.Helper()
	folder := t.TempDir()
	deployed, err := filepath.Abs(offlineDir + "deployed.json")
	require.NoError(t, err)
	const pulumi = `#!/bin/sh
case "$*" in
"stack --show-name --non-interactive")
	test -n "$SELECTED" || { echo "error: no stack selected; please use 'pulumi stack select'" >&2; exit 255; }
	echo "$SELECTED" ;;
"stack output replications --json --stack prod --non-interactive") cat "$DEPLOYED" ;;
*) echo "error: unexpected: $*" >&2; exit 255 ;;
esac
`
	require.NoError(t, os.WriteFile(filepath.Join(folder, "pulumi"), []byte(pulumi), 0o755)) //nolint:gosec // a program
	command := exec.Command(os.Args[0], args...)
	command.Env = []string{
		asCommand + "=1", "TERM=xterm", "HOME=" + folder, "PATH=" + folder + ":" + os.Getenv("PATH"), "SELECTED=" + selected, "DEPLOYED=" + deployed,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
	}
	return command
}

const usesProd = "using the stack prod, which is selected in this folder"

// readers are the commands that are about a deployment.
var readers = [][]string{{"describe"}, {"verify"}, {"status"}, {"report"}, {"compare"}, {"lint"}, {"explain", "a"}, {"policy"}}

func TestSelectedStack_IsTakenWhereNothingIsNamed(t *testing.T) {
	t.Parallel()
	for _, args := range readers {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			command := withPulumi(t, "prod", args...) // and /dev/null as standard input
			var out, messages strings.Builder
			command.Stdout, command.Stderr = &out, &messages
			_ = command.Run() // without credentials, or with findings: either is right
			assert.Contains(t, messages.String(), usesProd)
			assert.NotContains(t, out.String(), usesProd)
		})
	}
}

func TestSelectedStack_IsTakenOnATerminal(t *testing.T) {
	t.Parallel()
	terminal, err := pty.Start(withPulumi(t, "prod", "describe"))
	require.NoError(t, err)
	defer terminal.Close()
	said, _ := io.ReadAll(terminal) // a terminal ends with an error
	assert.Contains(t, string(said), usesProd)
	assert.Contains(t, string(said), "rule ")
}

func TestSelectedStack_WithoutOneNamesTheWaysOut(t *testing.T) {
	t.Parallel()
	for _, args := range readers {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			terminal, err := pty.Start(withPulumi(t, "", args...))
			require.NoError(t, err)
			defer terminal.Close()
			said, _ := io.ReadAll(terminal) // a terminal ends with an error
			for _, want := range []string{"--stack NAME", "--descriptor FILE", "no stack selected; please use 'pulumi stack select'"} {
				assert.Contains(t, string(said), want)
			}
		})
	}
}

// What is piped goes before what is selected, and nothing piped is no reason to answer
// about another deployment.
func TestSelectedStack_IsNotTakenWhereSomethingIsPiped(t *testing.T) {
	t.Parallel()
	deployed, err := os.ReadFile(offlineDir + "deployed.json")
	require.NoError(t, err)
	for name, test := range map[string]struct {
		input, want string
		args        []string
	}{
		"a descriptor":      {string(deployed), "rule ", []string{"describe"}},
		"nothing":           {"", "there is nothing in standard input", []string{"describe"}},
		"nothing, for it -": {"", "there is nothing in standard input", []string{"describe", "--descriptor", "-"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := withPulumi(t, "prod", test.args...)
			command.Stdin = strings.NewReader(test.input)
			said, _ := command.CombinedOutput() // both are judged by what they say
			assert.Contains(t, string(said), test.want)
			assert.NotContains(t, string(said), usesProd)
		})
	}
}
