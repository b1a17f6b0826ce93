package alarms

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// reason returns the reason for a state in CloudWatch's words.
func (m *Metric) reason(o outcome, from State) string {
	if o.state == StateInsufficientData {
		return fmt.Sprintf("Insufficient Data: %s unknown.", countOf(o.filled, "datapoint was", "datapoints were"))
	}
	if len(o.used) == 0 {
		treated := "NonBreaching"
		if m.TreatMissingData == missingBreaching {
			treated = "Breaching"
		}
		return fmt.Sprintf("Threshold Crossed: no datapoints were received for %s and %s treated as [%s].",
			countOf(o.filled, "period", "periods"), countOf(o.filled, "missing datapoint was", "missing datapoints were"), treated)
	}
	var shown []string
	c := m.condition()
	beyond := 0
	for _, point := range o.used {
		if c.breaches(point.value) == (o.state == StateAlarm) {
			beyond++
			shown = append(shown, decimal(point.value)+point.at.UTC().Format(" (02/01/06 15:04:05)"))
		}
	}
	verb := "was"
	if beyond != 1 {
		verb = "were"
	}
	if o.state == StateOK {
		verb += " not"
	}
	if m.DatapointsToAlarm == 0 {
		return fmt.Sprintf("Threshold Crossed: %s [%s] %s %s the threshold (%s).", countOf(beyond, "datapoint", "datapoints"),
			strings.Join(shown, ", "), verb, comparison(m.ComparisonOperator), decimal(float64(*m.Threshold)))
	}
	minimum := c.needed
	if o.state == StateOK {
		minimum = c.evaluated - c.needed + 1
	}
	return fmt.Sprintf("Threshold Crossed: %d out of the last %d datapoints [%s] %s %s the threshold (%s) (minimum %s for %s -> %s transition).",
		beyond, len(o.used), strings.Join(shown, ", "), verb, comparison(m.ComparisonOperator),
		decimal(float64(*m.Threshold)), countOf(minimum, "datapoint", "datapoints"), from, o.state)
}

func countOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// decimal formats a number with at least one digit after the point.
func decimal(value float64) string {
	text := strconv.FormatFloat(value, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// comparison returns an operator such as GreaterThanThreshold in words.
func comparison(operator string) string {
	var words strings.Builder
	for i, letter := range strings.TrimSuffix(operator, "Threshold") {
		if i > 0 && letter >= 'A' && letter <= 'Z' {
			words.WriteByte(' ')
		}
		words.WriteRune(letter)
	}
	return strings.ToLower(words.String())
}

// reasonData is the reason for a state as JSON, with the fields of the event that
// CloudWatch sends to EventBridge.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
type reasonData struct {
	Version             string           `json:"version"`
	QueryDate           string           `json:"queryDate"`
	StartDate           string           `json:"startDate,omitempty"`
	Unit                string           `json:"unit,omitempty"`
	Statistic           string           `json:"statistic"`
	Period              whole            `json:"period"`
	RecentDatapoints    []float64        `json:"recentDatapoints"`
	Threshold           *number          `json:"threshold"`
	EvaluatedDatapoints []evaluatedPoint `json:"evaluatedDatapoints"`
}

// evaluatedPoint is an evaluated datapoint. A missing one has only a time.
type evaluatedPoint struct {
	Timestamp   string   `json:"timestamp"`
	SampleCount *float64 `json:"sampleCount,omitempty"`
	Value       *float64 `json:"value,omitempty"`
}

func (m *Metric) reasonData(o outcome, now time.Time) string {
	data := reasonData{
		Version: "1.0", QueryDate: now.UTC().Format(messageTime), Unit: m.Unit, Statistic: m.Statistic, Period: m.Period,
		RecentDatapoints: []float64{}, Threshold: m.Threshold,
	}
	for _, point := range slices.Backward(o.used) {
		data.RecentDatapoints = append(data.RecentDatapoints, point.value)
	}
	if len(o.used) > 0 {
		data.StartDate = o.used[len(o.used)-1].at.UTC().Format(messageTime)
	}
	for _, point := range o.evaluated {
		shown := evaluatedPoint{Timestamp: point.at.UTC().Format(messageTime)}
		if point.known {
			shown.SampleCount, shown.Value = &point.samples, &point.value
		}
		data.EvaluatedDatapoints = append(data.EvaluatedDatapoints, shown)
	}
	text, err := json.Marshal(data)
	if err != nil {
		panic("alarms: numbers always marshal: " + err.Error())
	}
	return string(text)
}
