package report

import (
	"fmt"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
)

// method describes how the figures are computed.
var method = []string{
	"A period is late if the highest ReplicationLatency that S3 published for it is above 900 seconds.",
	"Operations are the sample count of OperationsFailedReplication, and failed operations its sum.",
	"The share is (operations - failed - in late periods - in periods without data) / operations. " +
		"It is a lower bound: an operation counts as on time only if it did not fail and ended in a period whose highest latency was within the limit.",
	"The target is met if no period was late, no operation failed, every period has a latency, and no S3 event contradicts that. " +
		"It is missed if a period was late or an operation failed. Otherwise it is not proven: missing data never counts as healthy.",
	"Rules without replication time control are measured in the same way, although S3 guarantees nothing for them.",
}

// limitsOf returns the limits of the figures: the general ones, and those of
// deployments with a canary, whose objects count too.
func limitsOf(all []evidence, window metrics.Window) []string {
	found := slices.Clone(limits)
	for _, each := range all {
		if canary := each.descriptor.Canary; canary != nil {
			found = append(found, fmt.Sprintf("The canary of %s writes a heartbeat object under each enabled rule every %s, about %s in this window. "+
				"S3 replicates them like all objects, and its metrics do not distinguish them: the operations include them, once for each rule that a heartbeat matches.",
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
	"S3 publishes the highest latency of a period, not that of each object. In a late period most objects may have been on time, so the true share may be higher.",
	"S3 publishes these metrics on a best-effort basis; data points may be missing.",
	"Latency comes from the destination's region and operations from the source's; an operation at the end of a period may count in the next one.",
	"OperationsFailedReplication includes operations of S3 Batch Replication. Replication Time Control does not cover delete markers, and the metrics do not distinguish them from objects.",
	"Objects still pending at the end of the window are included in the latency, not in the operations.",
	"A gap before the first data point may mean that the rule did not exist yet; check with a report on a shorter window.",
	"CloudWatch keeps data points of one minute for 15 days, of five minutes for 63 days and of one hour for 455 days. In longer periods, shorter gaps are not visible.",
	"This report is based on responses of CloudWatch, S3 and SQS. It is not a statement of AWS under its service level agreement.",
}
