package status

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
)

// looks counts, and ends the context at the last of so many looks.
func looks(t *testing.T, last int) (context.Context, func(context.Context) (Status, error)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	count := 0
	return ctx, func(context.Context) (Status, error) {
		if count++; count == last {
			cancel()
		}
		return Status{Time: noon.Add(time.Duration(count) * time.Second)}, nil
	}
}

func seconds(to terminal.Terminal, s Status) error {
	_, err := to.Write([]byte(s.Time.Format("15:04:05") + "\n"))
	return err
}

func TestWatch_ShowsOneAfterAnotherUntilItIsInterrupted(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	ctx, look := looks(t, 3)
	last, err := Watch(ctx, terminal.Of(&out), time.Millisecond, look, seconds)
	require.NoError(t, err)
	assert.Equal(t, noon.Add(2*time.Second), last.Time, "a look that was interrupted counts for nothing")
	assert.Equal(t, "12:00:31\n12:00:32\n", out.String())
}

func TestWatch_OverwritesOnATerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	ctx, look := looks(t, 3)
	_, err := Watch(ctx, terminal.Terminal{Writer: &out, Interactive: true}, time.Millisecond, look, seconds)
	require.NoError(t, err)
	assert.Equal(t, terminal.CursorHome+terminal.ClearBelow+
		terminal.CursorHome+"12:00:31"+terminal.ClearLine+"\n"+terminal.ClearBelow+
		terminal.CursorHome+"12:00:32"+terminal.ClearLine+"\n"+terminal.ClearBelow, out.String())
}

func TestWatch_EndsWhereNothingCanBeShown(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken pipe")
	_, look := looks(t, 0)
	_, err := Watch(t.Context(), terminal.Of(&bytes.Buffer{}), time.Millisecond, look, func(terminal.Terminal, Status) error { return broken })
	assert.ErrorIs(t, err, broken)
}

func TestFit_LeavesOutWhatWouldScroll(t *testing.T) {
	t.Parallel()
	lines := []string{"a", "b", "c", ""} // the last one ends in a newline
	assert.Equal(t, lines, fit(lines, 4))
	assert.Equal(t, lines, fit(lines, 0), "the height is not known")
	assert.Equal(t, []string{"a", "b", "... 1 more lines; run without --watch to see all"}, fit(lines, 3))
}
