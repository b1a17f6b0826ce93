package serve

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/structpb"
)

// made is a resource that a test made.
type made struct {
	urn    string
	id     string
	inputs *structpb.Struct
	state  *structpb.Struct
}

func create(t *testing.T, s *Server, token, name string, props map[string]any) made {
	t.Helper()
	u := urn(token, name)
	inputs := check(t, s, u, nil, props)
	resp, err := s.Create(ctx, &pulumirpc.CreateRequest{Urn: u, Properties: inputs})
	require.NoError(t, err)
	return made{u, resp.GetId(), inputs, resp.GetProperties()}
}

func check(t *testing.T, s *Server, u string, olds *structpb.Struct, props map[string]any) *structpb.Struct {
	t.Helper()
	resp, err := s.Check(ctx, &pulumirpc.CheckRequest{
		Urn: u, Olds: olds, News: properties(t, props), RandomSeed: []byte("0123456789abcdef0123456789abcdef"),
	})
	require.NoError(t, err)
	require.Empty(t, resp.GetFailures())
	return resp.GetInputs()
}

func (m made) diff(t *testing.T, s *Server, news *structpb.Struct) *pulumirpc.DiffResponse {
	t.Helper()
	resp, err := s.Diff(ctx, &pulumirpc.DiffRequest{Urn: m.urn, Id: m.id, Olds: m.state, OldInputs: m.inputs, News: news})
	require.NoError(t, err)
	return resp
}

func TestLifeOfABucket(t *testing.T) {
	t.Parallel()
	s := configured(t)

	t.Run("preview leaves what AWS decides unknown", func(t *testing.T) {
		u := urn("s3/bucketV2:BucketV2", "Preview")
		resp, err := s.Create(ctx, &pulumirpc.CreateRequest{Urn: u, Properties: check(t, s, u, nil, nil), Preview: true})
		require.NoError(t, err)
		state := values(t, resp.GetProperties())
		assert.True(t, state["arn"].IsComputed())
		assert.Regexp(t, `^preview-[0-9a-f]{7}$`, state["bucket"].StringValue())
	})

	b := create(t, s, "s3/bucketV2:BucketV2", "Data", map[string]any{"tags": map[string]any{"a": "b"}, "forceDestroy": true})
	name := values(t, b.state)["bucket"].StringValue()
	assert.Regexp(t, `^data-[0-9a-f]{7}$`, name)
	assert.Equal(t, "arn:aws:s3:::"+name, values(t, b.state)["arn"].StringValue())

	t.Run("the made name stays", func(t *testing.T) {
		news := check(t, s, b.urn, b.inputs, map[string]any{"tags": map[string]any{"a": "c"}, "forceDestroy": true})
		assert.Equal(t, name, values(t, news)["bucket"].StringValue())
		d := b.diff(t, s, news)
		assert.Equal(t, pulumirpc.DiffResponse_DIFF_SOME, d.GetChanges())
		assert.Empty(t, d.GetReplaces())
		assert.Contains(t, d.GetDetailedDiff(), "tags.a")
	})
	t.Run("the same is no change", func(t *testing.T) {
		assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, b.diff(t, s, b.inputs).GetChanges())
	})
	t.Run("another name replaces", func(t *testing.T) {
		news := check(t, s, b.urn, b.inputs, map[string]any{"bucket": "another-name"})
		assert.Equal(t, []string{"bucket"}, b.diff(t, s, news).GetReplaces())
	})
	t.Run("refresh and import find it", func(t *testing.T) {
		refreshed, err := s.Read(ctx, &pulumirpc.ReadRequest{Urn: b.urn, Id: b.id, Properties: b.state, Inputs: b.inputs})
		require.NoError(t, err)
		assert.Equal(t, b.id, refreshed.GetId())
		imported, err := s.Read(ctx, &pulumirpc.ReadRequest{Urn: b.urn, Id: b.id})
		require.NoError(t, err)
		assert.Equal(t, name, values(t, imported.GetInputs())["bucket"].StringValue())
	})
	t.Run("nested lists of one are objects", func(t *testing.T) {
		v := create(t, s, "s3/bucketVersioningV2:BucketVersioningV2", "v", map[string]any{
			"bucket": name, "versioningConfiguration": map[string]any{"status": "Enabled"},
		})
		assert.Equal(t, "Enabled", values(t, v.state)["versioningConfiguration"].ObjectValue()["status"].StringValue())
		news := check(t, s, v.urn, v.inputs, map[string]any{
			"bucket": name, "versioningConfiguration": map[string]any{"status": "Suspended"},
		})
		assert.Contains(t, v.diff(t, s, news).GetDetailedDiff(), "versioningConfiguration.status")
	})

	_, err := s.Delete(ctx, &pulumirpc.DeleteRequest{Urn: b.urn, Id: b.id, Properties: b.state, OldInputs: b.inputs, Timeout: 60})
	require.NoError(t, err)
	gone, err := s.Read(ctx, &pulumirpc.ReadRequest{Urn: b.urn, Id: b.id, Properties: b.state, Inputs: b.inputs})
	require.NoError(t, err)
	assert.Empty(t, gone.GetId(), "a resource that is gone has no id")
}

// Terraform marks a resource whose creation failed as tainted; Pulumi must not lose
// it either.
func TestHalfMadeResourceIsKept(t *testing.T) {
	t.Parallel()
	s := configured(t)
	u := urn("s3/bucketV2:BucketV2", "half")
	inputs := check(t, s, u, nil, map[string]any{
		"bucket": "half-made", "replicationConfigurations": []any{map[string]any{
			"role": "arn:aws:iam::123456789012:role/r",
			"rules": []any{map[string]any{
				"status": "Enabled", "destinations": []any{map[string]any{"bucket": "arn:aws:s3:::not-there"}},
			}},
		}},
	})
	_, err := s.Create(ctx, &pulumirpc.CreateRequest{Urn: u, Properties: inputs})
	require.Error(t, err)
	failed := initErrors(t, err)
	assert.Equal(t, "half-made", failed.GetId())
	assert.Equal(t, "half-made", values(t, failed.GetProperties())["bucket"].StringValue())
	require.Len(t, failed.GetReasons(), 1)
	assert.Contains(t, failed.GetReasons()[0], "replication")
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	s := configured(t)
	for token, want := range map[string]map[string]string{
		"aws:index/getCallerIdentity:getCallerIdentity": {"accountId": "123456789012"},
		"aws:index/getPartition:getPartition":           {"partition": "aws", "dnsSuffix": "amazonaws.com"},
		"aws:index/getRegion:getRegion":                 {"name": "us-east-1"},
	} {
		resp, err := s.Invoke(ctx, &pulumirpc.InvokeRequest{Tok: token})
		require.NoError(t, err, token)
		got := values(t, resp.GetReturn())
		for key, value := range want {
			assert.Equal(t, value, got[resource.PropertyKey(key)].StringValue(), token)
		}
	}
}
