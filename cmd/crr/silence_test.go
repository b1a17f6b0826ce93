package main

import (
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asCommand makes the test binary be crr, with the arguments that it has.
const asCommand = "CRR_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestTerminal_IsAskedNothing(t *testing.T) {
	t.Parallel()
	command := exec.Command(os.Args[0], "version")
	command.Env = []string{asCommand + "=1", "TERM=xterm-256color"} // and without CI
	terminal, err := pty.Start(command)
	require.NoError(t, err)
	defer terminal.Close()
	said, _ := io.ReadAll(terminal) // a terminal ends with an error
	require.NoError(t, command.Wait())
	assert.NotEmpty(t, said)
	assert.NotContains(t, string(said), "\x1b", "a question that few terminals of builds and containers answer, and that crr then waits for")
}
