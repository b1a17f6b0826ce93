//go:build unix && !linux

package localaws

import (
	"os/exec"
	"strconv"
	"strings"
)

// startTime returns the start time of a process according to ps. It treats a zombie
// as ended.
func startTime(pid int) (string, error) {
	out, err := exec.Command("ps", "-o", "stat=,lstart=", "-p", strconv.Itoa(pid)).Output()
	state, started, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	if err != nil || started == "" || strings.HasPrefix(state, "Z") {
		return "", errNoProcess
	}
	return strings.TrimSpace(started), nil
}

// kernelHolder finds nothing: only Linux lists the holders of locks.
func kernelHolder(string) (processID, bool) { return processID{}, false }
