package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestDeployment_WaitsForNewGrantsAndForNothingElse uses a wait that is longer than
// an update without changes takes. The local AWS rejects notifications to queues
// whose policies are new.
func TestDeployment_WaitsForNewGrantsAndForNothingElse(t *testing.T) {
	t.Parallel()
	const settle = time.Minute
	l := newLab(t, "--harsh")
	l.project(`config:
  crr:forceDestroy: true
  crr:iamSettleSeconds: 60
  crr:replications:
    - name: data
      source: { region: us-east-1 }
      destinations: [{ name: dr, region: us-west-2 }]
      monitoring: { failureQueue: true }
`)
	took := func() time.Duration {
		began := time.Now()
		l.up()
		return time.Since(began)
	}
	assert.GreaterOrEqual(t, took(), settle, "the role is new")
	assert.Less(t, took(), settle, "nothing is new")
}
