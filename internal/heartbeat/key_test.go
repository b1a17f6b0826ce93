package heartbeat

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

func TestKey_IsOfOneSourceAndUnderThePrefix(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "finance/.crr-heartbeat/data/rest", Key("data", "finance/", "rest"))
	assert.Equal(t, ".crr-heartbeat/data-dr/rest", Key("data-dr", "", "rest"))
}

func TestKeys_AreThoseOfABucket(t *testing.T) {
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
		key := Key("data", prefix, "rest")
		assert.True(t, allows("data", key), key)
		assert.False(t, allows("data-dr", key), "of another bucket: %s", key)
		assert.True(t, Is(key), key)
	}
	for _, key := range []string{"finance/q3.pdf", "data/rest", ".crr-probe/data/x"} {
		assert.False(t, allows("data", key), key)
		assert.False(t, Is(key), key)
	}
}
