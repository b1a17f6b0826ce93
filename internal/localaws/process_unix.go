//go:build unix && !linux

package localaws

import (
	"os/exec"
	"strconv"
	"strings"
)

// startTime is the time at which a process started, as ps tells it. A zombie
// has ended.
func startTime(pid int) (string, error) {
	out, err := exec.Command("ps", "-o", "stat=,lstart=", "-p", strconv.Itoa(pid)).Output()
	state, started, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	if err != nil || started == "" || strings.HasPrefix(state, "Z") {
		return "", errNoProcess
	}
	return strings.TrimSpace(started), nil
}

// kernelHolder finds nothing here: only Linux lists the holders of locks.
func kernelHolder(string) (processID, bool) { return processID{}, false }
