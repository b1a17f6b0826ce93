package terraform

import (
	"os/exec"
	"syscall"
)

// bindToParent has the kernel end the child when the thread that started it dies.
func bindToParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
