package crr_test

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

const dashboardToken = "aws:cloudwatch/dashboard:Dashboard"

// only returns the dashboards of a program, for a golden file without the rest.
func only(t *testing.T, program pulumi.RunFunc) *pulumitest.Recorder {
	t.Helper()
	recorder, err := pulumitest.Run(t, program)
	require.NoError(t, err)
	return recorder.Only(dashboardToken, crr.ReplicationDashboardType)
}

func TestReplicatedBucket_ShowsItselfWhereThatIsAskedFor(t *testing.T) {
	t.Parallel()
	args := acrossAccounts()
	args.Monitoring.Dashboard, args.Monitoring.RunbookURL = true, "https://wiki.example.com/of-data"
	pulumitest.Golden(t, "dashboard", only(t, func(ctx *pulumi.Context) error {
		bucket, err := crr.NewReplicatedBucket(ctx, "data", args)
		if err != nil {
			return err
		}
		require.NotNil(t, bucket.Dashboard)
		bucket.Dashboard.URL.ApplyT(func(url string) string {
			assert.Equal(t, "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/project_stack_data", url)
			return url
		})
		return nil
	}))
}

// overview returns the dashboard of two replicated buckets, in an account of its own.
func overview(ctx *pulumi.Context) error {
	first, err := crr.NewReplicatedBucket(ctx, "first", everything())
	if err != nil {
		return err
	}
	args := pair()
	args.Monitoring.Dashboard = true
	second, err := crr.NewReplicatedBucket(ctx, "second", args)
	if err != nil {
		return err
	}
	_, err = crr.NewReplicationDashboard(ctx, "all", &crr.ReplicationDashboardArgs{
		Descriptors: pulumi.MapArray{first.Descriptor, second.Descriptor}, Overview: true, DashboardName: "replication",
		Stack: "prod", RunbookURL: "https://wiki.example.com/replication",
		Region: "eu-west-1", AssumeRoleARN: "arn:aws:iam::333333333333:role/monitoring",
	})
	return err
}

func TestReplicationDashboard_StandsAlone(t *testing.T) {
	t.Parallel()
	pulumitest.Golden(t, "dashboard-overview", only(t, overview))
}

func TestReplicationDashboard_TakesAnotherStacksOutput(t *testing.T) {
	t.Parallel()
	body := func(descriptors pulumi.Input) string {
		recorder := only(t, func(ctx *pulumi.Context) error {
			_, err := crr.NewReplicationDashboard(ctx, "d", &crr.ReplicationDashboardArgs{Descriptors: descriptors, Region: "us-east-1"})
			return err
		})
		return recorder.One(t, dashboardToken, "d").Inputs["dashboardBody"].StringValue()
	}
	ours := pulumi.MapArray{pulumi.Map{"version": pulumi.Int(1), "name": pulumi.String("data"), "source": pulumi.Map{"bucket": pulumi.String("b")}}}
	theirs := pulumi.Any([]any{map[string]any{"version": 1.0, "name": "data", "source": map[string]any{"bucket": "b"}}})
	assert.Equal(t, body(ours), body(theirs))
	assert.Contains(t, body(theirs), "# data")
}

func TestReplicationDashboard_BadArgumentsRegisterNothing(t *testing.T) {
	t.Parallel()
	some := pulumi.MapArray{pulumi.Map{"version": pulumi.Int(1)}}
	for name, c := range map[string]struct {
		args *crr.ReplicationDashboardArgs
		says string
	}{
		"none":              {nil, "descriptors: are missing"},
		"no descriptors":    {&crr.ReplicationDashboardArgs{Region: "us-east-1"}, "descriptors: are missing"},
		"no region":         {&crr.ReplicationDashboardArgs{Descriptors: some}, `region: "" is not an AWS region`},
		"a name with a dot": {&crr.ReplicationDashboardArgs{Descriptors: some, Region: "us-east-1", DashboardName: "a.b"}, `dashboardName: "a.b" is not a valid dashboard name`},
		"two credentials": {
			&crr.ReplicationDashboardArgs{Descriptors: some, Region: "us-east-1", AssumeRoleARN: "arn:aws:iam::333333333333:role/m", Provider: &pulumi.ProviderResourceState{}},
			"assumeRoleArn: is set together with a provider",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
				_, err := crr.NewReplicationDashboard(ctx, "d", c.args)
				return err
			})
			require.ErrorContains(t, err, c.says)
			assert.Empty(t, recorder.All())
		})
	}
}

func TestReplicatedBucket_TooWideForADashboardIsRefusedBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Monitoring.Dashboard = true
	for i := range 100 {
		args.Destinations = append(args.Destinations, crr.DestinationArgs{Name: fmt.Sprintf("d%d", i), Bucket: crr.BucketArgs{Region: "us-west-2"}})
	}
	recorder, err := pulumitest.Run(t, register("data", args))
	require.ErrorContains(t, err, "monitoring.dashboard: the dashboard has 514 widgets, and CloudWatch takes 500")
	assert.Empty(t, recorder.All())
}

func TestReplicationDashboard_RefusesWhatIsNoDescriptor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		descriptor pulumi.Map
		says       string
	}{
		"no version":     {pulumi.Map{"name": pulumi.String("data")}, "it has no version"},
		"a newer one":    {pulumi.Map{"version": pulumi.Int(99)}, "use a newer one"},
		"something else": {pulumi.Map{"rules": pulumi.String("none")}, "decoding the descriptors"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
				_, err := crr.NewReplicationDashboard(ctx, "d", &crr.ReplicationDashboardArgs{Descriptors: pulumi.MapArray{c.descriptor}, Region: "us-east-1"})
				return err
			})
			require.ErrorContains(t, err, c.says)
		})
	}
}
