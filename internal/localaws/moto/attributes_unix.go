//go:build unix && !linux

package moto

import "syscall"

// childAttributes make the server a process group of its own. Other systems
// than Linux don't end it with its parent; the next start does that.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
