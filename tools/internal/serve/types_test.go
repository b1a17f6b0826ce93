package serve

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/structpb"
)

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

// Types of services other than S3, with their special cases.
func TestOtherTypes(t *testing.T) {
	t.Parallel()
	s := configured(t)

	t.Run("an alias is named for its key", func(t *testing.T) {
		key := create(t, s, "kms/key:Key", "key", map[string]any{"deletionWindowInDays": 7})
		alias := create(t, s, "kms/alias:Alias", "key", map[string]any{"targetKeyId": values(t, key.state)["keyId"].StringValue()})
		assert.Regexp(t, `^alias/key-[0-9a-f]{7}$`, alias.id)
	})
	t.Run("a FIFO queue ends in .fifo", func(t *testing.T) {
		inputs := check(t, s, urn("sqs/queue:Queue", "q"), nil, map[string]any{"fifoQueue": true})
		assert.Regexp(t, `^q-[0-9a-f]{7}\.fifo$`, values(t, inputs)["name"].StringValue())
	})
	t.Run("a subscription has a topic", func(t *testing.T) {
		topic := create(t, s, "sns/topic:Topic", "t", nil)
		sub := create(t, s, "sns/topicSubscription:TopicSubscription", "s", map[string]any{
			"topic": topic.id, "protocol": "email", "endpoint": "ops@example.com",
		})
		assert.Equal(t, topic.id, values(t, sub.state)["topic"].StringValue())
	})
	t.Run("a role with a prefix", func(t *testing.T) {
		role := create(t, s, "iam/role:Role", "r", map[string]any{"assumeRolePolicy": trust, "namePrefix": "mine-"})
		assert.Regexp(t, `^mine-`, role.id)
		imported, err := s.Read(ctx, &pulumirpc.ReadRequest{Urn: role.urn, Id: role.id})
		require.NoError(t, err)
		assert.JSONEq(t, trust, values(t, imported.GetInputs())["assumeRolePolicy"].StringValue())
	})
	t.Run("secrets and unknown values pass", func(t *testing.T) {
		props := resource.NewPropertyMapFromMap(map[string]any{"assumeRolePolicy": trust})
		props["description"] = resource.MakeSecret(resource.NewStringProperty("hush"))
		props["path"] = resource.MakeComputed(resource.NewStringProperty(""))
		news, err := plugin.MarshalProperties(props, plugin.MarshalOptions{KeepSecrets: true, KeepUnknowns: true})
		require.NoError(t, err)
		u := urn("iam/role:Role", "r")
		checked, err := s.Check(ctx, &pulumirpc.CheckRequest{Urn: u, News: news})
		require.NoError(t, err)
		require.Empty(t, checked.GetFailures())
		previewed, err := s.Create(ctx, &pulumirpc.CreateRequest{Urn: u, Properties: checked.GetInputs(), Preview: true})
		require.NoError(t, err)
		got := values(t, previewed.GetProperties())
		assert.Equal(t, "hush", plain(got["description"]).StringValue())
		assert.True(t, got["path"].IsComputed())
	})
	t.Run("an invalid value is reported by its Pulumi name", func(t *testing.T) {
		resp, err := s.Check(ctx, &pulumirpc.CheckRequest{
			Urn:  urn("kms/key:Key", "k"),
			News: properties(t, map[string]any{"deletionWindowInDays": 3}),
		})
		require.NoError(t, err)
		require.Len(t, resp.GetFailures(), 1)
		assert.Contains(t, resp.GetFailures()[0].GetReason(), "7 - 30")
		assert.Contains(t, resp.GetFailures()[0].GetReason(), "k.deletionWindowInDays")
	})
}

func TestLambdaTakesAnArchive(t *testing.T) {
	t.Parallel()
	s := configured(t)
	role := create(t, s, "iam/role:Role", "fn", map[string]any{"assumeRolePolicy": trust})
	code := func(text string) *archive.Archive {
		main, err := asset.FromText(text)
		require.NoError(t, err)
		a, err := archive.FromAssets(map[string]any{"index.py": main})
		require.NoError(t, err)
		return a
	}
	inputs := func(text string) *structpb.Struct {
		props := resource.NewPropertyMapFromMap(map[string]any{
			"role": values(t, role.state)["arn"].StringValue(), "handler": "index.handler", "runtime": "python3.12", "timeout": 60,
		})
		props["code"] = resource.NewArchiveProperty(code(text))
		m, err := plugin.MarshalProperties(props, plugin.MarshalOptions{ComputeAssetHashes: true})
		require.NoError(t, err)
		return m
	}
	u := urn("lambda/function:Function", "fn")
	checked, err := s.Check(ctx, &pulumirpc.CheckRequest{Urn: u, News: inputs("a"), RandomSeed: make([]byte, 32)})
	require.NoError(t, err)
	require.Empty(t, checked.GetFailures())
	assert.True(t, values(t, checked.GetInputs())["code"].IsArchive(), "what the engine keeps is the archive")

	resp, err := s.Create(ctx, &pulumirpc.CreateRequest{Urn: u, Properties: checked.GetInputs()})
	require.NoError(t, err)
	assert.True(t, values(t, resp.GetProperties())["code"].IsArchive())
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "crr-aws-*.zip"))
	require.NoError(t, err)
	assert.Empty(t, left)

	fn := made{u, resp.GetId(), checked.GetInputs(), resp.GetProperties()}
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, fn.diff(t, s, checked.GetInputs()).GetChanges())
	other, err := s.Check(ctx, &pulumirpc.CheckRequest{Urn: u, Olds: checked.GetInputs(), News: inputs("b"), RandomSeed: make([]byte, 32)})
	require.NoError(t, err)
	changed := fn.diff(t, s, other.GetInputs())
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_SOME, changed.GetChanges())
	assert.Empty(t, changed.GetReplaces())
}
