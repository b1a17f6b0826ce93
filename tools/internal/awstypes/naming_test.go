package awstypes

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100)
	for _, c := range []struct {
		why      string
		rule     *nameRule
		resource string
		inputs   map[string]any
		prior    any
		want     string // a pattern; "" for no name
	}{
		{"name, dash, seven digits", autoName("name", 64), "Role", nil, nil, `^Role-[0-9a-f]{7}$`},
		{"lower case where AWS wants it", autoName("bucket", 63).lower(), "Data", nil, nil, `^data-[0-9a-f]{7}$`},
		{"a prefix that AWS wants", autoName("name", 250).after("alias/"), "key", nil, nil, `^alias/key-[0-9a-f]{7}$`},
		{"the ending of a FIFO queue", autoName("name", 80).fifo("fifo_queue"), "q", map[string]any{"fifoQueue": true}, nil, `^q-[0-9a-f]{7}\.fifo$`},
		{"which others have not", autoName("name", 80).fifo("fifo_queue"), "q", map[string]any{"fifoQueue": false}, nil, `^q-[0-9a-f]{7}$`},
		{"AWS makes it from a prefix that is given", autoName("bucket", 63).unless("bucket_prefix"), "b", map[string]any{"bucketPrefix": "p"}, nil, ""},
		{"an old name stays", autoName("name", 64), "Role", nil, "Role-1234567", `^Role-1234567$`},
		{"also with a prefix", autoName("name", 250).after("alias/"), "key", nil, "alias/key-1234567", `^alias/key-1234567$`},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			opts := info.ComputeDefaultOptions{
				URN:        resource.NewURN("dev", "test", "", "aws:x/y:Y", c.resource),
				Properties: resource.NewPropertyMapFromMap(c.inputs),
				Seed:       []byte("0123456789abcdef0123456789abcdef"),
			}
			if c.prior != nil {
				opts.PriorState = resource.NewPropertyMapFromMap(map[string]any{"__defaults": []any{"name"}})
				opts.PriorValue = resource.NewPropertyValue(c.prior)
			}
			got, err := c.rule.compute(context.Background(), opts)
			require.NoError(t, err)
			if c.want == "" {
				assert.Nil(t, got)
				return
			}
			assert.Regexp(t, c.want, text(got))
			again, err := c.rule.compute(context.Background(), opts)
			require.NoError(t, err)
			assert.Equal(t, got, again, "the same seed gives the same name")
		})
	}
	t.Run("too long a name is an error", func(t *testing.T) {
		t.Parallel()
		_, err := autoName("name", 64).compute(context.Background(), info.ComputeDefaultOptions{
			URN: resource.NewURN("dev", "test", "", "aws:x/y:Y", long),
		})
		require.ErrorContains(t, err, "64")
	})
}

func text(name any) string {
	if v, ok := name.(resource.PropertyValue); ok {
		return v.StringValue()
	}
	s, _ := name.(string)
	return s
}

func TestCamel(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "namePrefix", camel("name_prefix"))
	assert.Equal(t, "name", camel("name"))
}

func TestOverridesNest(t *testing.T) {
	t.Parallel()
	fields := plural("a", "a.b", "c.d").fields()
	require.Contains(t, fields, "a")
	assert.False(t, *fields["a"].MaxItemsOne)
	assert.False(t, *fields["a"].Elem.Fields["b"].MaxItemsOne)
	assert.Nil(t, fields["c"].MaxItemsOne, "only named on the way")
	assert.False(t, *fields["c"].Elem.Fields["d"].MaxItemsOne)
	assert.True(t, *single("a").fields()["a"].MaxItemsOne)
	assert.Equal(t, "topic", rename("topic_arn", "topic").fields()["topic_arn"].Name)
}

func TestTableNamesEachTypeOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range resources {
		assert.False(t, seen[r.Token], r.Token)
		assert.False(t, seen[r.Terraform], r.Terraform)
		seen[r.Token], seen[r.Terraform] = true, true
		assert.Regexp(t, `^[a-z0-9]+/[a-zA-Z0-9]+:[A-Z][a-zA-Z0-9]+$`, r.Token)
		assert.Regexp(t, `^aws_[a-z0-9_]+$`, r.Terraform)
	}
	assert.Equal(t, "code", ArchiveProperty("aws:lambda/function:Function"))
	assert.Empty(t, ArchiveProperty("aws:s3/bucketV2:BucketV2"))
}
