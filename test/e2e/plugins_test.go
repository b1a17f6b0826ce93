package e2e

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestThreeReplicatedBuckets_RunTwoProviders counts processes while the engine runs:
// one provider for each region, independent of the number of buckets.
func TestThreeReplicatedBuckets_RunTwoProviders(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.project(`
config:
  crr:forceDestroy: true
  crr:replications:
    - { name: one, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }] }
    - { name: two, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }] }
    - { name: three, source: { region: us-west-2 }, destinations: [{ name: dr, region: us-east-1 }] }
`)
	most := watchPlugins(t, l.dir)
	l.up()
	assert.Equal(t, int32(2), most(), "plugin processes at the same time")

	state := l.mustRun("pulumi", "stack", "export", "--stack", "test")
	assert.Equal(t, 2, strings.Count(state, `"type": "pulumi:providers:aws"`), "provider resources in the state")
	l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
}

// watchPlugins returns a function that ends the watch and returns the maximum number
// of plugin processes.
func watchPlugins(t *testing.T, dir string) func() int32 {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	var most atomic.Int32
	go func() {
		for ctx.Err() == nil {
			running := int32(0)
			for _, process := range processesOf(dir) {
				if fields := strings.Fields(process); len(fields) > 1 && filepath.Base(fields[1]) == "pulumi-resource-aws" {
					running++
				}
			}
			most.Store(max(most.Load(), running))
			time.Sleep(100 * time.Millisecond)
		}
	}()
	return func() int32 {
		cancel()
		return most.Load()
	}
}

func TestBadConfiguration_FailsBeforeAnythingIsRegistered(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.project(`
config:
  crr:replications:
    - { name: data, source: { regio: us-east-1 }, destinations: [{ name: dr }] }
`)
	output, err := l.run("pulumi", "up", "--yes", "--skip-preview", "--stack", "test")
	var exit *exec.ExitError
	assert.ErrorAs(t, err, &exit, "the exit status must not be 0")
	assert.Contains(t, output, `replications[0].source.regio: "regio" is not a key`)
	state := l.mustRun("pulumi", "stack", "export", "--stack", "test")
	assert.NotContains(t, state, "aws:", "nothing may be registered")
	assert.NotContains(t, state, "crr:index", "nothing may be registered")
}
