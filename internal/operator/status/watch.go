package status

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
)

// Show writes a status to a terminal or another writer.
type Show func(terminal.Terminal, Status) error

// Watch reads the status immediately and then at every interval until the context
// ends, and returns the last one. On a terminal, each replaces the previous one.
func Watch(ctx context.Context, to terminal.Terminal, interval time.Duration, look func(context.Context) (Status, error), show Show) (Status, error) {
	last, err := look(ctx)
	if err != nil {
		return last, err
	}
	if to.Interactive {
		if _, err := to.Write([]byte(terminal.CursorHome + terminal.ClearBelow)); err != nil {
			return last, err
		}
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := replace(to, last, show); err != nil {
			return last, err
		}
		select {
		case <-ctx.Done():
			return last, nil
		case <-ticker.C:
		}
		next, err := look(ctx)
		if ctx.Err() != nil {
			return last, nil
		}
		if err != nil {
			return last, err
		}
		last = next
	}
}

// replace overwrites the previous status in a single write, to avoid flicker.
func replace(to terminal.Terminal, status Status, show Show) error {
	if !to.Interactive {
		return show(to, status)
	}
	var page bytes.Buffer
	into := to
	into.Writer = &page
	if err := show(into, status); err != nil {
		return err
	}
	text := strings.Join(fit(strings.Split(page.String(), "\n"), to.Height), terminal.ClearLine+"\n")
	_, err := to.Write([]byte(terminal.CursorHome + text + terminal.ClearBelow))
	return err
}

// fit cuts the lines to the height of the terminal, which would otherwise scroll.
func fit(lines []string, height int) []string {
	if height < 2 || len(lines) <= height {
		return lines
	}
	left := len(lines) - height
	return append(lines[:height-1:height-1], fmt.Sprintf("... %d more lines; run without --watch to see all", left))
}
