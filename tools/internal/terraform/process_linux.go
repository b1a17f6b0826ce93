package terraform

import (
	"os/exec"
	"syscall"
)

// bindToParent makes the kernel end the child when the thread that started it ends.
func bindToParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
