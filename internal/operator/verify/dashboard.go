package verify

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// dashboard is the CloudWatch dashboard of the deployment.
type dashboard struct {
	name  string
	at    replication.DeployedBucket
	cw    *cloudwatch.Client
	found answer[string] // its body, or "" if it does not exist
}

// dashboardOf returns the dashboard of a deployment, which is in the account and
// region of the source, or nil.
func dashboardOf(descriptor replication.Descriptor, sessions *live.Sessions) *dashboard {
	if descriptor.Dashboard == "" {
		return nil
	}
	at := descriptor.Source
	return &dashboard{name: descriptor.Dashboard, at: at, cw: cloudwatch.NewFromConfig(sessions.At(at))}
}

func (d *dashboard) read(ctx context.Context) (string, error) {
	found, err := d.cw.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: &d.name})
	if err != nil {
		return "", err
	}
	return aws.ToString(found.DashboardBody), nil
}

func (d *dashboard) judge() outcome {
	if d.found.err != nil {
		return unanswered("reading the dashboard "+d.name, d.at, d.found.err)
	}
	if d.found.value == "" {
		return failsAlone(fmt.Sprintf("the dashboard %s does not exist", d.name), restore)
	}
	var body struct {
		Widgets []json.RawMessage `json:"widgets"`
	}
	if json.Unmarshal([]byte(d.found.value), &body) != nil || len(body.Widgets) == 0 {
		return failsAlone(fmt.Sprintf("the dashboard %s is empty: it has no widgets", d.name), restore)
	}
	return outcome{}
}
