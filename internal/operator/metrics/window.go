package metrics

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// retention is how long CloudWatch keeps data points of each period.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
var retention = []struct{ age, period time.Duration }{
	{15 * day, time.Minute},
	{63 * day, 5 * time.Minute},
	{455 * day, time.Hour},
}

// Settling is how long data points may take to arrive.
const Settling = 5 * time.Minute

// shortest is the minimum length of a window, since data points arrive late.
const shortest = 10 * time.Minute

// Window is a time span divided into steps of one period.
type Window struct {
	Start  time.Time     `json:"start"`
	End    time.Time     `json:"end"`
	Period time.Duration `json:"-"`
}

// Recent returns the window that ends with the current period. Its last step may be
// incomplete.
func Recent(now time.Time, length time.Duration) (Window, error) {
	if err := checkLength(length); err != nil {
		return Window{}, err
	}
	period := periodOf(length)
	return windowTo(now.UTC().Truncate(period).Add(period), length, period), nil
}

// Settled returns the window that ends with the last period whose data points have
// arrived.
func Settled(now time.Time, length time.Duration) (Window, error) {
	if err := checkLength(length); err != nil {
		return Window{}, err
	}
	period := periodOf(length + Settling)
	return windowTo(now.UTC().Add(-Settling).Truncate(period), length, period), nil
}

func windowTo(end time.Time, length, period time.Duration) Window {
	return Window{Start: end.Add(-length).Truncate(period), End: end, Period: period}
}

func checkLength(length time.Duration) error {
	longest := retention[len(retention)-1].age
	switch {
	case length < shortest:
		return fmt.Errorf("a window of %s is too short; use at least %s", length, FormatLength(shortest))
	case length > longest:
		return fmt.Errorf("CloudWatch keeps data for %s; a window of %s is too long", FormatLength(longest), FormatLength(length))
	default:
		return nil
	}
}

// periodOf returns the shortest period that CloudWatch keeps for the given age.
func periodOf(age time.Duration) time.Duration {
	for _, kept := range retention {
		if age <= kept.age {
			return kept.period
		}
	}
	return retention[len(retention)-1].period
}

// Steps returns the number of periods in the window.
func (w Window) Steps() int { return int(w.End.Sub(w.Start) / w.Period) }

// Time returns the start of a step.
func (w Window) Time(step int) time.Time { return w.Start.Add(time.Duration(step) * w.Period) }

// Length returns the length of the window.
func (w Window) Length() time.Duration { return w.End.Sub(w.Start) }

// ParseLength parses a duration as time.ParseDuration does, and also accepts days:
// "90m", "3h", "30d", "1d12h".
func ParseLength(text string) (time.Duration, error) {
	before, after, hasDays := strings.Cut(text, "d")
	if !hasDays {
		before, after = "", text
	}
	var length time.Duration
	if hasDays {
		days, err := strconv.ParseUint(before, 10, 16)
		if err != nil {
			return 0, notALength(text)
		}
		length = time.Duration(days) * day
	}
	if after != "" {
		rest, err := time.ParseDuration(after)
		if err != nil {
			return 0, notALength(text)
		}
		length += rest
	}
	if length <= 0 {
		return 0, notALength(text)
	}
	return length, nil
}

func notALength(text string) error {
	return fmt.Errorf("%q is not a duration; use a value such as 90m, 3h or 30d", text)
}

// FormatLength formats a duration with days: "3h", "1d12h".
func FormatLength(length time.Duration) string {
	days, rest := length/day, length%day
	text := ""
	if days > 0 {
		text = strconv.Itoa(int(days)) + "d"
	}
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if n := rest / unit.size; n > 0 {
			text += strconv.Itoa(int(n)) + unit.name
			rest %= unit.size
		}
	}
	if text == "" {
		return "0s"
	}
	return text
}
