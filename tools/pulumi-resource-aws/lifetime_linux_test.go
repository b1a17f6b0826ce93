package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/crr-io/pulumi-aws-crr/tools/internal/locate"
)

// running is a plugin as the engine runs it, with a Terraform provider behind it.
type running struct {
	cmd    *exec.Cmd
	tmp    string
	pids   []int // the plugin and all its descendants
	client pulumirpc.ResourceProviderClient
}

// However the plugin ends, its provider and socket are gone within a second.
func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	if locate.This().Find().Err() != nil {
		t.Skip("no terraform-provider-aws on this machine")
	}
	plugin := buildPlugin(t)
	for name, end := range map[string]struct {
		signal syscall.Signal
		group  int // -1: the whole process group
	}{
		"SIGTERM":            {syscall.SIGTERM, 1},
		"SIGINT":             {syscall.SIGINT, 1},
		"SIGKILL":            {syscall.SIGKILL, 1},
		"SIGKILL, the group": {syscall.SIGKILL, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := runPlugin(t, exec.Command(plugin))
			require.Len(t, r.pids, 2, "the plugin and one provider")
			kill(t, end.group*r.cmd.Process.Pid, end.signal)
			r.assertGone(t)
		})
	}
	t.Run("the engine dies", func(t *testing.T) {
		t.Parallel()
		// A shell acts as the engine. It waits instead of becoming the plugin.
		r := runPlugin(t, exec.Command("sh", "-c", plugin+" & wait"))
		require.Len(t, r.pids, 3)
		kill(t, r.cmd.Process.Pid, syscall.SIGKILL)
		r.assertGone(t)
	})
	t.Run("before it is ready", func(t *testing.T) {
		t.Parallel()
		r := startPlugin(t, exec.Command(plugin))
		time.Sleep(30 * time.Millisecond) // the provider is about to start
		r.pids = below(r.cmd.Process.Pid)
		kill(t, r.cmd.Process.Pid, syscall.SIGTERM)
		r.assertGone(t)
	})
}

func buildPlugin(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pulumi-resource-aws")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

// startPlugin starts the command in a process group and with a temporary folder of
// its own, and waits for the port.
func startPlugin(t *testing.T, cmd *exec.Cmd) *running {
	t.Helper()
	r := &running{cmd: cmd, tmp: t.TempDir()}
	cmd.Env = append(os.Environ(), "TMPDIR="+r.tmp, allow+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // usually it has ended
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	conn, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(line),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	r.client = pulumirpc.NewResourceProviderClient(conn)
	return r
}

// runPlugin is startPlugin, and waits until the provider serves.
func runPlugin(t *testing.T, cmd *exec.Cmd) *running {
	t.Helper()
	r := startPlugin(t, cmd)
	_, err := r.client.DiffConfig(context.Background(), &pulumirpc.DiffRequest{
		Urn: "urn:pulumi:dev::test::pulumi:providers:aws::p",
	})
	require.NoError(t, err)
	r.pids = below(cmd.Process.Pid)
	return r
}

func kill(t *testing.T, pid int, sig syscall.Signal) {
	t.Helper()
	require.NoError(t, syscall.Kill(pid, sig))
}

func (r *running) assertGone(t *testing.T) {
	t.Helper()
	go func() { _ = r.cmd.Wait() }() // so that it is not a zombie
	assert.Eventually(t, func() bool {
		for _, pid := range r.pids {
			if alive(pid) {
				return false
			}
		}
		return true
	}, time.Second, 10*time.Millisecond, "left over of %v", r.pids)
	// The provider may have been about to start when it was ended.
	assert.EventuallyWithT(t, func(c *assert.CollectT) {
		left, err := os.ReadDir(r.tmp)
		require.NoError(c, err)
		assert.Empty(c, left, "files in the temporary folder")
	}, 5*time.Second, 10*time.Millisecond)
}

// alive reports whether a process runs; a zombie does not.
func alive(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}

// below lists a process and its descendants.
func below(pid int) []int {
	all := []int{pid}
	tasks, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	for _, task := range tasks {
		text, _ := os.ReadFile(task)
		for _, child := range strings.Fields(string(text)) {
			if n, err := strconv.Atoi(child); err == nil {
				all = append(all, below(n)...)
			}
		}
	}
	return all
}
