//go:build unix

package main

import (
	"os/exec"
	"syscall"
	"time"
)

// endTogether puts the command and its children into a process group, which is ended
// when the context is cancelled.
func endTogether(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
}
