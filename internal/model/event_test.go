package model_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

func TestEventCovers_IncludesWhatAWildcardStandsFor(t *testing.T) {
	t.Parallel()
	const failed, missed = "s3:Replication:OperationFailedReplication", "s3:Replication:OperationMissedThreshold"
	for _, test := range []struct {
		event, another string
		want           bool
	}{
		{failed, failed, true},
		{failed, missed, false},
		{"s3:Replication:*", failed, true},
		{"s3:ObjectCreated:*", failed, false},
		{failed, "s3:Replication:*", false},
	} {
		assert.Equal(t, test.want, model.EventCovers(test.event, test.another), "%s includes %s", test.event, test.another)
	}
}
