package status

import (
	"fmt"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
)

// Heartbeats summarizes the canary's objects that failed to replicate. There is one
// every few minutes, which would hide failures of other objects.
type Heartbeats struct {
	Failed int            `json:"failed"`
	Last   failures.Event `json:"last"`
}

// apart separates failures of objects from those of heartbeats. The failures are
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

// sentence returns the number of failed heartbeats and the time of the last one.
func (h Heartbeats) sentence(now time.Time) string {
	return fmt.Sprintf("%s of the canary, the last at %s", words.Plural(float64(h.Failed), "heartbeat"), words.Clock(h.Last.Time, now))
}
