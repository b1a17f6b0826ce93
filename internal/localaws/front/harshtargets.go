package front

import (
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
)

// targets are the topics, queues and functions whose policy changes have not reached
// S3. AWS documents the delay for queues; for topics and functions it has been
// reported.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
// https://github.com/pulumi/pulumi-aws/issues/1895
// https://github.com/zappa/Zappa/pull/1441
type targets struct {
	mu    sync.Mutex
	until map[string]time.Time // by targetID
}

// targetID identifies a target across accounts. The host includes the region.
func targetID(host, name string) string { return strings.Split(host, ".amazonaws.com")[0] + ":" + name }

// changed records a change to the policy of a target.
func (t *targets) changed(target string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.until == nil {
		t.until = map[string]time.Time{}
	}
	t.until[target] = time.Now().Add(settlingTime)
}

// settle reports whether the policy of a target has not reached S3 yet.
func (t *targets) settle(arn string) bool {
	parts := strings.Split(arn, ":")
	if len(parts) < 6 {
		return false
	}
	name := parts[5]
	if len(parts) > 6 {
		name = parts[6] // of a function, which may have a qualifier
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Now().Before(t.until[targetID(parts[2]+"."+parts[3], name)])
}

// policyAPIs set the policy of a topic or a queue.
var policyAPIs = []string{"CreateTopic", "SetTopicAttributes", "CreateQueue", "SetQueueAttributes", "AddPermission", "RemovePermission"}

// policyChange returns the target whose policy a request sets, or "".
func policyChange(r *http.Request) (string, error) {
	host := proxy.Hostname(r.Host)
	if strings.HasPrefix(host, "lambda.") {
		name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, functionsPath+"/"), "/")
		if r.Method == http.MethodGet || !strings.HasPrefix(rest, "policy") {
			return "", nil
		}
		return targetID(host, name[strings.LastIndex(name, ":")+1:]), nil
	}
	if !strings.HasPrefix(host, "sqs.") && !strings.HasPrefix(host, "sns.") {
		return "", nil
	}
	api, err := apiOf(r)
	if err != nil || !slices.Contains(policyAPIs, api) {
		return "", err
	}
	var asked struct{ QueueURL, QueueName, TopicARN, Name string }
	form, err := formOf(r)
	if err != nil {
		return "", err
	}
	asked.QueueURL, asked.QueueName, asked.TopicARN, asked.Name = form.Get("QueueUrl"), form.Get("QueueName"), form.Get("TopicArn"), form.Get("Name")
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-amz-json") {
		body, err := readRequest(r)
		if err != nil || json.Unmarshal(body, &asked) != nil {
			return "", err
		}
	}
	switch {
	case asked.QueueURL != "":
		return targetID(host, path.Base(asked.QueueURL)), nil
	case asked.TopicARN != "":
		return targetID(host, asked.TopicARN[strings.LastIndex(asked.TopicARN, ":")+1:]), nil
	default:
		return targetID(host, asked.QueueName+asked.Name), nil
	}
}
