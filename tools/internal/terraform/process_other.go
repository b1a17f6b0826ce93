//go:build !linux

package terraform

import "os/exec"

// bindToParent leaves the child in our process group, which the engine ends.
func bindToParent(*exec.Cmd) {}
