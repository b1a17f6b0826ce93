package front

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
)

// amendQueue normalizes the redrive policy of a queue as SQS does. The emulator adds
// spaces, and every preview would show a change.
func amendQueue(r *http.Request) amendment {
	if !strings.HasPrefix(proxy.Hostname(r.Host), "sqs.") || r.Header.Get("X-Amz-Target") != "AmazonSQS.GetQueueAttributes" {
		return nil
	}
	return func(answer *http.Response) error {
		body, err := readAnswer(answer)
		if err != nil {
			return err
		}
		var queue struct {
			Attributes map[string]string `json:"Attributes"`
		}
		if json.Unmarshal(body, &queue) != nil || queue.Attributes["RedrivePolicy"] == "" {
			replaceAnswer(answer, body)
			return nil
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(queue.Attributes["RedrivePolicy"])); err != nil {
			return fmt.Errorf("reading the redrive policy of a queue: %w", err)
		}
		queue.Attributes["RedrivePolicy"] = compact.String()
		if body, err = json.Marshal(queue); err != nil {
			return fmt.Errorf("writing the attributes of a queue: %w", err)
		}
		replaceAnswer(answer, body)
		return nil
	}
}
