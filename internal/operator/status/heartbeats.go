package status

import (
	"fmt"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
)

// Heartbeats are the canary's objects that failed to replicate. One comes every
// few minutes, so where anything fails they would hide the objects that matter.
type Heartbeats struct {
	Failed int            `json:"failed"`
	Last   failures.Event `json:"last"`
}

// apart are the failures of objects, and of heartbeats, of failures that are
// sorted newest first.
func apart(failed []failures.Event) ([]failures.Event, *Heartbeats) {
	objects := []failures.Event{}
	var beats *Heartbeats
	for _, event := range failed {
		switch {
		case !heartbeat.Is(event.Key):
			objects = append(objects, event)
		case beats == nil:
			beats = &Heartbeats{Failed: 1, Last: event}
		default:
			beats.Failed++
		}
	}
	return objects, beats
}

// sentence tells how many failed, and when the last of them did.
func (h Heartbeats) sentence(now time.Time) string {
	return fmt.Sprintf("%s of the canary, the last at %s", words.Plural(float64(h.Failed), "heartbeat"), words.Clock(h.Last.Time, now))
}
