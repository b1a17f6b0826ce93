package moto

import "syscall"

// childAttributes make the server a process group of its own that the kernel
// kills when its parent dies.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
