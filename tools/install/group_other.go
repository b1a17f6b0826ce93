//go:build !unix

package main

import (
	"os/exec"
	"time"
)

// endTogether ends the command when its context is cancelled.
func endTogether(cmd *exec.Cmd) { cmd.WaitDelay = time.Second }
