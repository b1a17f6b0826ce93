package localaws

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// startTime returns the start time of a process, as ticks since a boot. It treats a
// zombie as ended.
// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func startTime(pid int) (string, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", errNoProcess
	}
	afterName := stat[bytes.LastIndexByte(stat, ')')+1:] // the name may contain anything, including spaces and parentheses
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

// kernelHolder returns the process that holds the lock of a file according to the
// kernel.
// https://man7.org/linux/man-pages/man5/proc_locks.5.html
func kernelHolder(path string) (processID, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return processID{}, false
	}
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return processID{}, false
	}
	inode := fmt.Sprintf(":%d", info.Sys().(*syscall.Stat_t).Ino)
	for line := range strings.Lines(string(locks)) {
		fields := strings.Fields(line) // 1: FLOCK ADVISORY WRITE 708 00:13:8421 0 EOF
		if len(fields) < 6 || fields[1] != "FLOCK" || !strings.HasSuffix(fields[5], inode) {
			continue
		}
		pid, err := strconv.Atoi(fields[4])
		if err != nil {
			continue
		}
		if id, err := identifyProcess(pid); err == nil {
			return id, true
		}
	}
	return processID{}, false
}
