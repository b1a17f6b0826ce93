package localaws

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// startTime is the time at which a process started, in ticks since the boot
// that the id names. A zombie has ended.
// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func startTime(pid int) (string, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", errNoProcess
	}
	afterName := stat[bytes.LastIndexByte(stat, ')')+1:] // the name may hold anything, blanks and brackets too
	fields := strings.Fields(string(afterName))
	const state, start = 0, 19
	if len(fields) <= start || fields[state] == "Z" || fields[state] == "X" {
		return "", errNoProcess
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("reading the id of the boot: %w", err)
	}
	return strings.TrimSpace(string(boot)) + "/" + fields[start], nil
}
