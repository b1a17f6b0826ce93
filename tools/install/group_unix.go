//go:build unix

package main

import (
	"os/exec"
	"syscall"
	"time"
)

// endTogether puts the command and all that it starts into a group of their own,
// which a cancelled context ends as a whole.
func endTogether(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
}
