package verify

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
)

// progress shows the current steps: on a terminal in one line that is overwritten,
// otherwise in one line per step.
type progress struct {
	to    terminal.Terminal
	start time.Time

	mu      sync.Mutex
	doing   []string          // current steps, the oldest first
	states  map[string]string // of the current steps
	done    int
	planned int
	stop    chan struct{}
	stopped sync.WaitGroup
}

const frame = 120 * time.Millisecond

var spinner = []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

func newProgress(w io.Writer) *progress {
	p := &progress{to: terminal.Of(w), start: time.Now(), states: map[string]string{}, stop: make(chan struct{})}
	if p.to.Interactive {
		p.stopped.Go(p.draw)
	}
	return p
}

// plan adds to the number of planned steps.
func (p *progress) plan(steps int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.planned += steps
}

// at sets the state of a step.
func (p *progress) at(what, state string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.states[what] == state {
		return
	}
	if _, known := p.states[what]; !known {
		p.doing = append(p.doing, what)
	}
	p.states[what] = state
	p.print(what, state)
}

// end ends a step with its result.
func (p *progress) end(what, how string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	delete(p.states, what)
	p.doing = slices.DeleteFunc(p.doing, func(other string) bool { return other == what })
	p.print(what, how)
}

func (p *progress) print(what, how string) {
	if !p.to.Interactive {
		fmt.Fprintf(p.to, "%s: %s\n", what, how)
	}
}

// close clears the line.
func (p *progress) close() {
	close(p.stop)
	p.stopped.Wait()
}

func (p *progress) draw() {
	ticker := time.NewTicker(frame)
	defer ticker.Stop()
	for i := 0; ; i++ {
		select {
		case <-p.stop:
			fmt.Fprint(p.to, terminal.LineStart+terminal.ClearLine)
			return
		case <-ticker.C:
			fmt.Fprint(p.to, terminal.LineStart+terminal.ClearLine+p.line(spinner[i%len(spinner)]))
		}
	}
}

// line returns the progress in one line, cut to the width of the terminal.
func (p *progress) line(mark rune) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := string(mark)
	if p.planned > 0 {
		text += fmt.Sprintf(" %s %d/%d", bar(p.done, p.planned), p.done, p.planned)
	}
	text += fmt.Sprintf(" %ds", int(time.Since(p.start).Seconds()))
	for _, what := range p.doing {
		text += "  " + what + ": " + p.states[what]
	}
	if width := p.to.Width; width > 0 && utf8.RuneCountInString(text) >= width {
		text = string([]rune(text)[:width-2]) + "…"
	}
	return text
}

const barWidth = 16

func bar(done, planned int) string {
	full := barWidth * min(done, planned) / planned
	return strings.Repeat("█", full) + strings.Repeat("░", barWidth-full)
}
