package report

import (
	"fmt"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
)

// method is how the figures are made.
var method = []string{
	"A period is late where the highest ReplicationLatency that S3 published for it is above 900 seconds.",
	"Operations are the sample count of OperationsFailedReplication, and failed operations its sum.",
	"The share is (operations - failed - in late periods - in periods without data) / operations. " +
		"It is a lower bound: only operations are counted as in time that did not fail and ended in a period of which the highest latency was within the limit.",
	"The promise is kept where no period was late, no operation failed, every period has a latency, and no event of S3 says otherwise. " +
		"It is broken where one was late or one failed. Otherwise it is not shown: missing data never count as good.",
	"Rules without replication time control are measured by the same yardstick, although S3 promises nothing for them.",
}

// limitsOf are what the figures cannot tell: the usual limits, and those of
// deployments with a canary, whose objects count too.
func limitsOf(all []evidence, window metrics.Window) []string {
	found := slices.Clone(limits)
	for _, each := range all {
		if canary := each.descriptor.Canary; canary != nil {
			found = append(found, fmt.Sprintf("The canary of %s writes a heartbeat object under each enabled rule every %s, about %s in this window. "+
				"S3 replicates them like all objects, and its metrics do not tell them from others: the operations include them, once for each rule that a heartbeat matches.",
				each.descriptor.Name, everyText(canary.EveryMinutes), words.Count(window.Length().Minutes()/float64(canary.EveryMinutes))))
		}
	}
	return found
}

func everyText(minutes int) string {
	if minutes == 1 {
		return "minute"
	}
	return fmt.Sprintf("%d minutes", minutes)
}

// limits of every report.
var limits = []string{
	"S3 publishes the highest latency of a period, not that of each object. In a late period most objects may have been in time, so the true share may be higher than the one given.",
	"S3 publishes these metrics as well as it can, and does not guarantee that every data point arrives.",
	"Latency comes from the destination's region and operations from the source's; an operation at the edge of a period may count to the next one.",
	"OperationsFailedReplication includes operations of S3 Batch Replication. The promise does not cover delete markers, and the metrics do not tell them from objects.",
	"Objects that were still waiting at the end of the window show in the latency, not in the operations.",
	"A gap before the first data point may only mean that the rule was not there yet; a report on a shorter window tells.",
	"CloudWatch keeps data points of one minute for 15 days, of five minutes for 63 days and of an hour for 455 days. In a longer period a shorter gap does not show.",
	"This report says what CloudWatch, S3 and SQS answered. It is not AWS's own statement under its service level agreement.",
}
