package compare

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
)

// plainEvery is the interval of progress lines that can't be overwritten.
const plainEvery = 30 * time.Second

// Progress shows the progress of a comparison: a bar with rate and remaining time on a
// terminal, otherwise a line at intervals.
type Progress struct {
	bar       *progressbar.ProgressBar
	w         io.Writer
	began     time.Time
	lastShown time.Time
}

// NewProgress returns a Progress. On a terminal, it calls expected for the number of
// versions; if that is 0, only the count and the rate are shown.
func NewProgress(w io.Writer, expected func() int64) *Progress {
	p := &Progress{w: w, began: time.Now(), lastShown: time.Now()}
	if !terminal.Of(w).Interactive {
		return p
	}
	total := expected()
	if total <= 0 {
		total = -1 // the bar's word for not known
	}
	p.bar = progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(terminal.Raw(w)), progressbar.OptionSetDescription("comparing"), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("versions"), progressbar.OptionThrottle(watchEvery), progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth())
	return p
}

// Counted sets the number of compared versions.
func (p *Progress) Counted(count int64) {
	if p.bar != nil {
		if total := p.bar.GetMax64(); total > 0 && count >= total {
			p.bar.ChangeMax64(count + 1) // the estimate was of yesterday
		}
		_ = p.bar.Set64(count) // what cannot be shown, cannot be complained about either
		return
	}
	now := time.Now()
	if now.Sub(p.lastShown) < plainEvery {
		return
	}
	p.lastShown = now
	fmt.Fprintf(p.w, "compared %d versions, %.0f a second\n", count, float64(count)/now.Sub(p.began).Seconds())
}

// Close removes the bar.
func (p *Progress) Close() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
