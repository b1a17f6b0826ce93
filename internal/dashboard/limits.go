package dashboard

import "fmt"

// CloudWatch's limits.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
const (
	columns          = 24
	maxWidgets       = 500
	maxGraphMetrics  = 500
	maxMetrics       = 2500
	maxWidgetAlarms  = 100
	maxNameLength    = 255
	maxLinesOfAGraph = 10 // our limit: more lines are not distinguishable
)

// check returns an error if a body exceeds a limit.
func (b Body) check() error {
	metrics := 0
	for _, widget := range b.Widgets {
		if found := len(widget.Properties.Metrics); found > maxGraphMetrics {
			return fmt.Errorf("the graph %q has %d metrics, and CloudWatch takes %d; leave the dashboard out, or have fewer destinations", widget.Properties.Title, found, maxGraphMetrics)
		}
		metrics += len(widget.Properties.Metrics)
	}
	switch {
	case len(b.Widgets) > maxWidgets:
		return fmt.Errorf("the dashboard has %d widgets, and CloudWatch takes %d; show fewer replicated buckets or destinations on it", len(b.Widgets), maxWidgets)
	case metrics > maxMetrics:
		return fmt.Errorf("the dashboard has %d metrics, and CloudWatch takes %d; show fewer replicated buckets or destinations on it", metrics, maxMetrics)
	default:
		return nil
	}
}
