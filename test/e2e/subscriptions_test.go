package e2e

import (
	"archive/zip"
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// TestSubscriptions removes the first of two subscribers of each kind, and adds it
// again before the other. SNS keeps one subscription per endpoint, so a subscription
// that took over another's endpoint would be deleted together with the other.
func TestSubscriptions(t *testing.T) {
	t.Parallel()
	for name, later := range map[string]bool{"known before deployment": false, "not known before deployment": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.subscribersProject()
			l.makeFunctions("a", "b")
			for _, wanted := range [][]string{{"a", "b"}, {"b"}, {"a", "b"}} {
				l.write("Pulumi.test.yaml", subscribersConfig(later, wanted))
				l.up()
				assert.ElementsMatch(t, endpointsOf(wanted), l.subscribed(t), "%v", wanted)
				l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
			}
			l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
		})
	}
}

// subscribersProject is a stack called test of the program in testdata.
func (l *lab) subscribersProject() {
	l.t.Helper()
	program := filepath.Join(l.dir, "subscribers")
	output, err := runIn(l.t, repository(l.t), l.env, "go", "build", "-o", program, "./test/e2e/testdata/subscribers")
	require.NoError(l.t, err, output)
	l.write("Pulumi.yaml", fmt.Sprintf("name: subscribers\nruntime: { name: go, options: { binary: %q } }\n", program))
	l.mustRun("pulumi", "stack", "select", "--create", "test")
}

func endpointsOf(names []string) []string {
	var all []string
	for _, name := range names {
		all = append(all, queueEndpoint(name), functionEndpoint(name), webhookEndpoint(name))
	}
	return all
}

func queueEndpoint(name string) string { return "arn:aws:sqs:us-east-1:" + labAccount + ":" + name }
func functionEndpoint(name string) string {
	return "arn:aws:lambda:us-east-1:" + labAccount + ":function:" + name
}
func webhookEndpoint(name string) string { return "https://example.com/" + name }

func subscribersConfig(later bool, names []string) string {
	list := func(of func(string) string) string {
		var all []string
		for _, name := range names {
			all = append(all, fmt.Sprintf("%q", of(name)))
		}
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("config: { subscribers:subscribers: { later: %v, queues: [%s], functions: [%s], webhooks: [%s] } }\n",
		later, list(queueEndpoint), list(functionEndpoint), list(webhookEndpoint))
}

// subscribed returns the endpoints that SNS has for the topic.
func (l *lab) subscribed(t *testing.T) []string {
	t.Helper()
	topic := strings.TrimSpace(l.mustRun("pulumi", "stack", "output", "topic", "--stack", "test"))
	found, err := l.in("us-east-1").sns.ListSubscriptionsByTopic(t.Context(), &sns.ListSubscriptionsByTopicInput{TopicArn: &topic})
	require.NoError(t, err)
	var endpoints []string
	for _, subscription := range found.Subscriptions {
		endpoints = append(endpoints, aws.ToString(subscription.Endpoint))
	}
	return endpoints
}

// makeFunctions creates Lambda functions that are never called.
func (l *lab) makeFunctions(names ...string) {
	l.t.Helper()
	trust := policy.New(policy.Statement{
		Effect: policy.Allow, Principal: policy.Service("lambda.amazonaws.com"), Action: policy.Values{"sts:AssumeRole"},
	}).JSON()
	role, err := l.in("us-east-1").iam.CreateRole(l.t.Context(), &iam.CreateRoleInput{RoleName: aws.String("functions"), AssumeRolePolicyDocument: &trust})
	require.NoError(l.t, err)
	l.settle()
	var code bytes.Buffer
	archive := zip.NewWriter(&code)
	_, err = archive.Create("bootstrap")
	require.NoError(l.t, err)
	require.NoError(l.t, archive.Close())
	l.write("function.zip", code.String())
	for _, name := range names {
		l.mustRun("aws", "lambda", "create-function", "--region", "us-east-1", "--function-name", name, "--runtime", "provided.al2023",
			"--handler", "bootstrap", "--role", aws.ToString(role.Role.Arn), "--zip-file", "fileb://function.zip")
	}
}
