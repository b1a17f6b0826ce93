package front

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/bucketevents"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/messenger"
)

// putBucketNotification rejects what S3 rejects, including topics, queues and
// functions whose policies don't allow S3, unless the request skips that validation.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-enable-disable-notification-intro.html
func (f *Front) putBucketNotification(w http.ResponseWriter, c *call) error {
	if err := f.mustExist(c, c.bucket); err != nil {
		return err
	}
	body, err := c.readBody()
	if err != nil {
		return err
	}
	wanted, err := parseNotifications(body)
	if err != nil {
		return err
	}
	if c.request.Header.Get("X-Amz-Skip-Destination-Validation") != "true" {
		if err := f.checkTargets(c, wanted); err != nil {
			return err
		}
	}
	rewriteRequest(c.request, lowerFilterNames(body))
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode == http.StatusOK {
			f.buckets.update(c.bucket, func(kept *bucket) { kept.notifications = wanted })
			f.notifyOfTargets(c, wanted, answer.Header)
		}
		return nil
	})
	return nil
}

// getBucketNotification adds the EventBridge configuration, which the emulator
// drops.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html
func (f *Front) getBucketNotification(w http.ResponseWriter, c *call) error {
	f.passOn(w, c, func(answer *http.Response) error {
		kept := f.buckets.get(c.bucket)
		if answer.StatusCode != http.StatusOK || !kept.toEventBridge() {
			return nil
		}
		body, err := readAnswer(answer)
		if err != nil {
			return err
		}
		const end, added = "</NotificationConfiguration>", "<EventBridgeConfiguration></EventBridgeConfiguration>"
		text := string(body)
		if begin, empty := strings.CutSuffix(strings.TrimSpace(text), "/>"); empty { // of no other targets
			text = begin + ">" + end
		}
		text = strings.Replace(text, end, added+end, 1)
		if !strings.Contains(text, added) {
			return fmt.Errorf("adding EventBridge to the notifications of %s: the emulator answers %.200s", c.bucket, body)
		}
		replaceAnswer(answer, []byte(text))
		return nil
	})
	return nil
}

const unableToValidate = "Unable to validate the following destination configurations"

// checkTargets rejects topics, queues and functions that S3 may not send the
// bucket's events to, all in one error.
func (f *Front) checkTargets(c *call, wanted *bucketevents.Configuration) error {
	owner := f.buckets.get(c.bucket).owner
	if owner == "" {
		owner = c.caller.account
	}
	var details []detail
	for _, target := range wanted.Targets() {
		err := f.messages.Check(c.request.Context(), target.ARN(), messenger.Message{
			Service: "s3.amazonaws.com", SourceARN: c.bucketARN(), SourceAccount: owner,
		})
		refused := &messenger.RefusedError{Service: "s3.amazonaws.com", To: target.ARN(), Why: "S3 doesn't know its new policy yet"}
		switch {
		case err == nil && !f.targets.settle(target.ARN()):
			continue
		case err != nil && !errors.As(err, &refused):
			return err
		}
		f.log.Warn("a notification configuration is refused", "bucket", c.bucket, "reason", refused)
		name, value := targetRefusal(target, refused.Missing)
		number := strconv.Itoa(len(details)/2 + 1) //nolint:mnd // a name and a value for each
		details = append(details, detail{"ArgumentName" + number, name}, detail{"ArgumentValue" + number, value})
	}
	if details == nil {
		return nil
	}
	return &detailedFault{badRequest("InvalidArgument", unableToValidate), details}
}
