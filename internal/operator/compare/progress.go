package compare

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
)

// plainEvery is how often progress is told where lines cannot be overwritten.
const plainEvery = 30 * time.Second

// Progress shows how far a comparison has come: a bar with rate and remaining
// time on a terminal, and a line now and then elsewhere.
type Progress struct {
	bar   *progressbar.ProgressBar
	w     io.Writer
	began time.Time
	told  time.Time
}

// NewProgress asks how many versions are expected where it can show that. Zero:
// not known, and then only the count and the rate are shown.
func NewProgress(w io.Writer, expected func() int64) *Progress {
	p := &Progress{w: w, began: time.Now(), told: time.Now()}
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

// Counted tells how many versions have been compared.
func (p *Progress) Counted(count int64) {
	if p.bar != nil {
		if total := p.bar.GetMax64(); total > 0 && count >= total {
			p.bar.ChangeMax64(count + 1) // the estimate was of yesterday
		}
		_ = p.bar.Set64(count) // what cannot be shown, cannot be complained about either
		return
	}
	now := time.Now()
	if now.Sub(p.told) < plainEvery {
		return
	}
	p.told = now
	fmt.Fprintf(p.w, "compared %d versions, %.0f a second\n", count, float64(count)/now.Sub(p.began).Seconds())
}

// Close leaves nothing of the bar behind.
func (p *Progress) Close() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
