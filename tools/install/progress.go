package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// every is the interval of progress lines if they can't be redrawn.
const every = 10 * time.Second

// progress shows the progress: on a terminal as a line that is redrawn, elsewhere as
// a line from time to time.
type progress struct {
	out   io.Writer
	tty   bool
	start time.Time // of the whole
	every time.Duration

	mu     sync.Mutex
	title  string
	detail string
	began  time.Time // of the phase
	shown  time.Time
	stop   chan struct{}
}

func newProgress(out io.Writer) *progress {
	return &progress{out: out, tty: isTerminal(out), start: time.Now(), every: every}
}

func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// say prints a permanent line.
func (p *progress) say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	fmt.Fprintf(p.out, format+"\n", args...)
}

// begin starts a phase.
func (p *progress) begin(title string) {
	p.mu.Lock()
	p.title, p.detail, p.began, p.shown = title, "", time.Now(), time.Now()
	p.stop = make(chan struct{})
	stop := p.stop
	p.mu.Unlock()
	go p.tick(stop)
	if !p.tty {
		p.say("%s", title)
	}
}

// tick redraws a phase without news, so that its time advances.
func (p *progress) tick(stop chan struct{}) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-stop:
			return
		case <-t.C:
			p.mu.Lock()
			p.draw()
			p.mu.Unlock()
		}
	}
}

// update sets the progress of the phase.
func (p *progress) update(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.detail = fmt.Sprintf(format, args...)
	if p.tty {
		p.draw()
	}
}

// end ends the phase and prints its duration.
func (p *progress) end() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.stop)
	p.clear()
	return time.Since(p.began)
}

func (p *progress) draw() {
	now := time.Now()
	if !p.tty && now.Sub(p.shown) < p.every {
		return
	}
	if p.tty && now.Sub(p.shown) < 100*time.Millisecond {
		return
	}
	p.shown = now
	line := strings.TrimSpace(fmt.Sprintf("%s  %s  %s", p.title, clock(now.Sub(p.began)), p.detail))
	if p.tty {
		fmt.Fprintf(p.out, "\r\033[K%s", clip(line, 79))
	} else {
		fmt.Fprintln(p.out, line)
	}
}

func (p *progress) clear() {
	if p.tty {
		fmt.Fprint(p.out, "\r\033[K")
	}
}

// clip prevents a redrawn line from wrapping.
func clip(line string, max int) string {
	if r := []rune(line); len(r) > max {
		return string(r[:max-1]) + "…"
	}
	return line
}

// clock formats a duration as minutes and seconds.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
