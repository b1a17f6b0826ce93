package verify

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/stretchr/testify/assert"
)

func TestListeners_MustHaveConfirmed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		found answer[subscribers]
		want  string
	}{
		"one has confirmed":  {answer[subscribers]{value: subscribers{confirmed: 1, pending: 2}}, ""},
		"none has confirmed": {answer[subscribers]{value: subscribers{pending: 2}}, "no subscription of " + told + " is confirmed, so no subscriber is notified"},
		"nobody subscribes":  {answer[subscribers]{}, told + " has no subscriptions, so no subscriber is notified"},
		"the topic is gone":  {answer[subscribers]{err: &types.NotFoundException{}}, "the topic " + told + " does not exist, so alarms notify no subscribers"},
		"there is no answer": {answer[subscribers]{err: errors.New("no route")}, "reading the subscriptions of " + told + ": no route"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &listeners{arn: told, found: c.found}
			assert.Equal(t, c.want, l.judge().reason)
		})
	}
}
