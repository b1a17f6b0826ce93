package terraform

import (
	"fmt"
	"strings"
	"sync"
)

// tail keeps the end of what is written to it: the provider's standard error is
// irrelevant until the provider dies, and then its last lines are the cause.
type tail struct {
	limit int
	mu    sync.Mutex
	buf   []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - t.limit; over > 0 {
		t.buf = append([]byte(nil), t.buf[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.buf))
}

// startError returns why the provider at path could not be started.
func startError(path string, err error, stderr string) error {
	err = fmt.Errorf("starting %s: %w", path, err)
	if stderr != "" {
		err = fmt.Errorf("%w; it wrote:\n%s", err, stderr)
	}
	return err
}
