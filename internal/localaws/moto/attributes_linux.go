package moto

import "syscall"

// childAttributes put the server into its own process group, and have the kernel
// kill it when its parent dies.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
