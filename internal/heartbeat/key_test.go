package heartbeat

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func TestKey_IsOfOneDirectionAndUnderThePrefix(t *testing.T) {
	t.Parallel()
	there := replication.Rule{ID: "rest", Prefix: "finance/", Destination: "dr"}
	back := replication.Rule{ID: "rest", Prefix: "finance/", Source: "dr", Destination: "source"}
	assert.Equal(t, "finance/.crr-heartbeat/source/rest", Key(there))
	assert.Equal(t, "finance/.crr-heartbeat/dr/rest", Key(back))
}

func TestKeys_AreThoseOfAPlace(t *testing.T) {
	t.Parallel()
	allows := func(from, key string) bool {
		document := policy.New(policy.Statement{
			Effect: policy.Allow, Action: policy.Values{"s3:GetObject"}, Resource: policy.Values{"arn:aws:s3:::b/" + Keys(from)},
		})
		return policy.Evaluate(policy.Policies{Identity: []policy.Document{document}}, policy.Request{
			Principal: "arn:aws:iam::111111111111:role/canary", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/" + key,
		}).Allowed
	}
	for _, prefix := range []string{"", "finance/", "2026-"} {
		rule := replication.Rule{ID: "rest", Prefix: prefix, Destination: "dr"}
		assert.True(t, allows("source", Key(rule)), Key(rule))
		assert.False(t, allows("dr", Key(rule)), "the other direction: %s", Key(rule))
		assert.True(t, Is(Key(rule)), Key(rule))
	}
	for _, key := range []string{"finance/q3.pdf", "source/rest", ".crr-probe/source/x"} {
		assert.False(t, allows("source", key), key)
		assert.False(t, Is(key), key)
	}
}
