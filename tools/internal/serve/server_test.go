package serve

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/emptypb"
)

var ctx = context.Background()

func TestVersionIsToldBeforeTheProviderRuns(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	s := New(func() (tfprotov6.ProviderServer, error) { <-hang; return nil, errors.New("too late") }, testVersion, nil)
	info, err := s.GetPluginInfo(ctx, &emptypb.Empty{})
	require.NoError(t, err)
	assert.Equal(t, testVersion, info.GetVersion())
}

func TestWhyTheProviderDoesNotRunIsToldByTheFirstCalls(t *testing.T) {
	t.Parallel()
	s := New(func() (tfprotov6.ProviderServer, error) { return nil, errors.New("no such binary") }, testVersion, nil)
	_, err := s.CheckConfig(ctx, &pulumirpc.CheckRequest{})
	require.ErrorContains(t, err, "no such binary")
	_, err = s.Configure(ctx, &pulumirpc.ConfigureRequest{})
	require.ErrorContains(t, err, "no such binary")
	_, err = s.Cancel(ctx, &emptypb.Empty{})
	require.NoError(t, err)
}

func TestWhatIsNotServedIsAnError(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)

	t.Run("type", func(t *testing.T) {
		_, err := s.Check(ctx, &pulumirpc.CheckRequest{Urn: urn("ec2/instance:Instance", "i")})
		require.ErrorContains(t, err, "type aws:ec2/instance:Instance is not served")
		require.ErrorContains(t, err, "tools/internal/awstypes/table.go")
		_, err = s.Read(ctx, &pulumirpc.ReadRequest{Urn: urn("ec2/instance:Instance", "i"), Id: "i-1"})
		require.ErrorContains(t, err, "type aws:ec2/instance:Instance is not served")
	})
	t.Run("function", func(t *testing.T) {
		_, err := s.Invoke(ctx, &pulumirpc.InvokeRequest{Tok: "aws:index/getAmi:getAmi"})
		require.ErrorContains(t, err, "function aws:index/getAmi:getAmi is not served")
	})
	t.Run("property at any depth", func(t *testing.T) {
		resp, err := s.Check(ctx, &pulumirpc.CheckRequest{
			Urn: urn("s3/bucketReplicationConfig:BucketReplicationConfig", "r"),
			News: properties(t, map[string]any{
				"bucket": "b", "role": "r", "bukket": "typo",
				"rules": []any{map[string]any{"status": "Enabled", "destination": map[string]any{"bukket": "b"}}},
			}),
		})
		require.NoError(t, err)
		require.Len(t, resp.GetFailures(), 2)
		assert.Equal(t, "bukket", resp.GetFailures()[0].GetProperty())
		assert.Equal(t, "rules[0].destination.bukket", resp.GetFailures()[1].GetProperty())
		assert.Contains(t, resp.GetFailures()[1].GetReason(), "there are: accessControlTranslation, account, bucket,")
	})
	t.Run("setting of the provider", func(t *testing.T) {
		resp, err := s.CheckConfig(ctx, &pulumirpc.CheckRequest{
			Urn: "urn:pulumi:dev::test::pulumi:providers:aws::p",
			News: properties(t, map[string]any{
				"region": "us-east-1", "version": "6.83.2", "regoin": "x", "defaultTags": `{"tag":{"a":"b"}}`,
			}),
		})
		require.NoError(t, err)
		var at []string
		for _, f := range resp.GetFailures() {
			at = append(at, f.GetProperty())
		}
		assert.Equal(t, []string{"defaultTags.tag", "regoin"}, at)
	})
}

func TestProviderSettings(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	provider := "urn:pulumi:dev::test::pulumi:providers:aws::p"

	t.Run("defaults are pulumi-aws's", func(t *testing.T) {
		resp, err := s.CheckConfig(ctx, &pulumirpc.CheckRequest{
			Urn: provider, News: properties(t, map[string]any{"region": "eu-west-1"}),
		})
		require.NoError(t, err)
		require.Empty(t, resp.GetFailures())
		got := values(t, resp.GetInputs()).Mappable()
		assert.Equal(t, map[string]any{
			"region": "eu-west-1", "skipCredentialsValidation": "false",
			"skipMetadataApiCheck": "true", "skipRegionValidation": "true",
		}, got)
	})
	t.Run("an invalid value is reported", func(t *testing.T) {
		resp, err := s.CheckConfig(ctx, &pulumirpc.CheckRequest{
			Urn: provider, News: properties(t, map[string]any{"region": "eu-west-1", "assumeRole": `{"roleArn":"role/x"}`}),
		})
		require.NoError(t, err)
		require.Len(t, resp.GetFailures(), 1)
		assert.Contains(t, resp.GetFailures()[0].GetReason(), "is an invalid ARN")
		assert.Contains(t, resp.GetFailures()[0].GetReason(), "assumeRole")
	})
	diff := func(t *testing.T, olds, news map[string]any) *pulumirpc.DiffResponse {
		t.Helper()
		resp, err := s.DiffConfig(ctx, &pulumirpc.DiffRequest{
			Urn: provider, Olds: properties(t, olds), OldInputs: properties(t, olds), News: properties(t, news),
		})
		require.NoError(t, err)
		return resp
	}
	t.Run("another region makes other resources", func(t *testing.T) {
		resp := diff(t, map[string]any{"region": "eu-west-1"}, map[string]any{"region": "eu-west-2"})
		assert.Equal(t, []string{"region"}, resp.GetReplaces())
	})
	t.Run("nothing else does", func(t *testing.T) {
		resp := diff(t, map[string]any{"region": "eu-west-1", "profile": "a"},
			map[string]any{"region": "eu-west-1", "profile": "b", "accessKey": "c"})
		assert.Empty(t, resp.GetReplaces())
		assert.Contains(t, resp.GetDetailedDiff(), "profile")
	})
	t.Run("nor a region missing in old state", func(t *testing.T) {
		assert.Empty(t, diff(t, nil, map[string]any{"region": "eu-west-2"}).GetReplaces())
	})
}

func TestNoCredentialsFailsAtOnce(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", t.TempDir())
	s := newServer(t, nil)
	began := time.Now()
	_, err := s.Configure(ctx, &pulumirpc.ConfigureRequest{Args: properties(t, map[string]any{
		"region": "us-east-1", "skipMetadataApiCheck": "true", "skipRegionValidation": "true",
	})})
	require.ErrorContains(t, err, "No valid credential sources found")
	assert.Less(t, time.Since(began), 10*time.Second)
}

func TestSchemaIsOfTheServedTypes(t *testing.T) {
	t.Parallel()
	resp, err := newServer(t, nil).GetSchema(ctx, &pulumirpc.GetSchemaRequest{})
	require.NoError(t, err)
	assert.Contains(t, resp.GetSchema(), `"version":"`+testVersion+`"`)
	assert.Contains(t, resp.GetSchema(), `"aws:s3/bucketReplicationConfig:BucketReplicationConfig"`)
	assert.NotContains(t, resp.GetSchema(), `"aws:ec2/instance:Instance"`)
}

// initErrors returns the details of a create error for a resource that exists and
// failed.
func initErrors(t *testing.T, err error) *pulumirpc.ErrorResourceInitFailed {
	t.Helper()
	for _, d := range rpcerror.Convert(err).Details() {
		if failed, ok := d.(*pulumirpc.ErrorResourceInitFailed); ok {
			return failed
		}
	}
	require.Fail(t, "not an initialization failure", "%v", err)
	return nil
}
