package front

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/messenger"
)

// putBucketNotification refuses topics, queues and functions that don't let S3 in, as S3
// does, unless it is told not to look.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-enable-disable-notification-intro.html
func (f *Front) putBucketNotification(w http.ResponseWriter, c *call) error {
	body, err := c.readBody()
	if err != nil {
		return err
	}
	var wanted struct {
		Topics    []string `xml:"TopicConfiguration>Topic"`
		Queues    []string `xml:"QueueConfiguration>Queue"`
		Functions []string `xml:"CloudFunctionConfiguration>CloudFunction"`

		EventBridge *struct{} `xml:"EventBridgeConfiguration"`
	}
	if err := xml.Unmarshal(body, &wanted); err != nil {
		return errMalformedXML
	}
	destinations := len(wanted.Topics) + len(wanted.Queues) + len(wanted.Functions)
	if f.harsh && destinations > 0 && !f.buckets.get(c.bucket).notified {
		f.buckets.update(c.bucket, func(kept *bucket) { kept.notified = true })
		return badRequest("InvalidArgument", "Unable to validate the following destination configurations")
	}
	if c.request.Header.Get("X-Amz-Skip-Destination-Validation") != "true" {
		for _, arn := range slices.Concat(wanted.Topics, wanted.Queues, wanted.Functions) {
			if err := f.lets(c, arn); err != nil {
				return err
			}
		}
	}
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode == http.StatusOK {
			f.buckets.update(c.bucket, func(kept *bucket) { kept.eventBridge = wanted.EventBridge != nil })
		}
		return nil
	})
	return nil
}

// getBucketNotification adds whether EventBridge is notified, which the emulator
// forgets.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html
func (f *Front) getBucketNotification(w http.ResponseWriter, c *call) error {
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode != http.StatusOK || !f.buckets.get(c.bucket).eventBridge {
			return nil
		}
		body, err := readAnswer(answer)
		if err != nil {
			return err
		}
		const end, added = "</NotificationConfiguration>", "<EventBridgeConfiguration></EventBridgeConfiguration>"
		text := strings.Replace(string(body), end, added+end, 1)
		if !strings.Contains(text, added) {
			return fmt.Errorf("adding EventBridge to the notifications of %s: the emulator answers %.200s", c.bucket, body)
		}
		replaceAnswer(answer, []byte(text))
		return nil
	})
	return nil
}

// lets refuses a topic or a queue that S3 may not send the bucket's events to.
func (f *Front) lets(c *call, arn string) error {
	owner := f.buckets.get(c.bucket).owner
	if owner == "" {
		owner = c.caller.account
	}
	err := f.messages.Check(c.request.Context(), arn, messenger.Message{
		Service: "s3.amazonaws.com", SourceARN: c.bucketARN(), SourceAccount: owner,
	})
	var refused *messenger.RefusedError
	if errors.As(err, &refused) {
		return badRequest("InvalidArgument", "Unable to validate the following destination configurations: %s", refused)
	}
	return err
}
