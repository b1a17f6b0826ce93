package verify

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// TestFeeds_LateIsNotSilent has a run whose time for probes is over, and a
// CloudWatch that does not answer: that S3 published nothing is not known.
func TestFeeds_LateIsNotSilent(t *testing.T) {
	t.Parallel()
	asked := make(chan bool, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- true
		w.WriteHeader(http.StatusBadRequest)
	}))
	defer server.Close()
	alarm := replication.Alarm{Name: "failed", Region: "us-east-1", Metric: "OperationsFailedReplication", Rule: "dr"}
	s := &station{
		at: deployedPlace("source", "us-east-1"), alarms: []replication.Alarm{alarm},
		cw: cloudwatch.NewFromConfig(aws.Config{
			Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("A", "S", ""),
		}),
		found: answer[alarmsFound]{value: alarmsFound{metric: map[string]cwtypes.MetricAlarm{"failed": {AlarmName: aws.String("failed")}}}},
	}
	d := &deployment{
		descriptor: replication.Descriptor{Name: "data"}, list: &checklist{}, stations: []*station{s}, progress: newProgress(io.Discard),
		alarms: map[string]*Check{"failed": {Status: Pass}},
	}
	d.planFeeds()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	d.checkFeeds(t.Context(), over, time.Now())
	assert.NotEmpty(t, asked, "CloudWatch is asked once, whatever time is left")
	check := d.feeds["failed"]
	assert.Equal(t, Fail, check.Status)
	assert.True(t, check.Unknown)
	assert.NotContains(t, check.Reason, "has published no")
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
func TestFeeds_DataMayBeLateOrMissing(t *testing.T) {
	t.Parallel()
	feed := lateFeed{
		station: &station{at: deployedPlace("source", "us-east-1")},
		alarm:   replication.Alarm{Name: "failed", Metric: "OperationsFailedReplication"},
	}
	for _, test := range []struct {
		name     string
		waited   time.Duration
		others   bool
		noAnswer bool
		says     string
	}{
		{"before S3 must have published any", 5 * time.Minute, false, true, "it is unknown whether the alarm can fire"},
		{"after it must have", 15 * time.Minute, false, false, "the alarm cannot fire"},
		{"other metrics of the rule have some", 15 * time.Minute, true, true, "S3 may publish data minutes late or never"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			is := feed.missing(test.waited, test.others)
			assert.Equal(t, test.noAnswer, is.noAnswer)
			assert.True(t, is.harmless)
			assert.Contains(t, is.reason, test.says)
		})
	}
}
