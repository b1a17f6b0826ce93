//go:build unix && !linux

package moto

import "syscall"

// childAttributes put the server into its own process group. Only Linux kills it
// with its parent; elsewhere the next start does.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
