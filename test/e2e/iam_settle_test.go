package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestDeployment_WaitsForNewGrantsAndForNothingElse reads in the output of updates what they
// wait for. The local AWS refuses notifications to queues whose policies are new.
func TestDeployment_WaitsForNewGrantsAndForNothingElse(t *testing.T) {
	t.Parallel()
	const settle, waits = 20 * time.Second, "waiting 20s until AWS applies what is new or changed: "
	l := newLab(t, "--harsh")
	l.project(`config:
  crr:forceDestroy: true
  crr:iamSettleSeconds: 20
  crr:replications:
    - name: data
      source: { region: us-east-1 }
      destinations: [{ name: dr, region: us-west-2 }]
      monitoring: { failureQueue: true }
`)
	began := time.Now()
	first := l.up()
	assert.GreaterOrEqual(t, time.Since(began), settle)
	for _, grant := range []string{"data-role", "data-source-notifications-failures-policy"} {
		assert.Regexp(t, waits+".*"+grant, first)
	}
	assert.NotContains(t, l.up(), "waiting", "nothing is new")
}
