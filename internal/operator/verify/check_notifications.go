package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// checkNotification checks that S3 sends the deployed events.
func (l *checklist) checkNotification(wanted replication.Notification, p *place, bucket *Check) {
	name := wanted.Bucket + " to " + wanted.TargetARN[strings.LastIndex(wanted.TargetARN, ":")+1:]
	l.check("notifications", name, []*Check{bucket}, func() outcome {
		if p.notifications.err != nil {
			return unanswered("reading the notifications of "+p.url(), p.DeployedBucket, p.notifications.err)
		}
		missing := unsent(wanted, p.notifications.value.sent)
		if len(missing) == 0 {
			return outcome{}
		}
		if len(unsent(wanted, append(slices.Clone(p.notifications.value.sent), p.notifications.value.filtered...))) == 0 {
			return failsAlone(fmt.Sprintf("%s notifies %s of %s for some keys only, because of a filter that was not deployed", p.url(), wanted.TargetARN, strings.Join(missing, ", ")), restore)
		}
		return failsAlone(fmt.Sprintf("%s does not notify %s of %s", p.url(), wanted.TargetARN, strings.Join(missing, ", ")), restore)
	})
}

// checkEventBridge checks that S3 sends events to Amazon EventBridge.
func (l *checklist) checkEventBridge(p *place, bucket *Check) {
	l.check("notifications", p.Name+" to EventBridge", []*Check{bucket}, func() outcome {
		switch {
		case p.notifications.err != nil:
			return unanswered("reading the notifications of "+p.url(), p.DeployedBucket, p.notifications.err)
		case !p.notifications.value.eventBridge:
			return failsAlone(p.url()+" does not notify Amazon EventBridge, so AWS Backup's continuous backups and GuardDuty miss its changes", restore)
		}
		return outcome{}
	})
}

// unsent returns the wanted events that no notification sends to the target.
func unsent(wanted replication.Notification, found []replication.Notification) []string {
	return slices.DeleteFunc(slices.Clone(wanted.Events), func(event string) bool {
		return slices.ContainsFunc(found, func(n replication.Notification) bool {
			return n.TargetARN == wanted.TargetARN && slices.ContainsFunc(n.Events, func(sent string) bool { return model.EventCovers(sent, event) })
		})
	})
}
