package verify

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func TestUnsent_WildcardsCover(t *testing.T) {
	t.Parallel()
	wanted := replication.Notification{TargetARN: "arn:queue", Events: []string{"s3:Replication:OperationFailedReplication", "s3:Replication:OperationNotTracked"}}
	for name, c := range map[string]struct {
		found []replication.Notification
		want  []string
	}{
		"none":                {nil, wanted.Events},
		"all by wildcard":     {[]replication.Notification{{TargetARN: "arn:queue", Events: []string{"s3:Replication:*"}}}, []string{}},
		"some":                {[]replication.Notification{{TargetARN: "arn:queue", Events: wanted.Events[:1]}}, wanted.Events[1:]},
		"to somebody else":    {[]replication.Notification{{TargetARN: "arn:other", Events: []string{"s3:Replication:*"}}}, wanted.Events},
		"other events' names": {[]replication.Notification{{TargetARN: "arn:queue", Events: []string{"s3:ObjectCreated:*"}}}, wanted.Events},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, unsent(wanted, c.found))
		})
	}
}
