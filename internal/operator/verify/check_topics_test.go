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
		"none has confirmed": {answer[subscribers]{value: subscribers{pending: 2}}, "nobody who subscribes to " + told + " has confirmed, so nobody is told"},
		"nobody subscribes":  {answer[subscribers]{}, "nobody subscribes to " + told + ", so nobody is told"},
		"the topic is gone":  {answer[subscribers]{err: &types.NotFoundException{}}, "the topic " + told + " does not exist, so nobody is told"},
		"there is no answer": {answer[subscribers]{err: errors.New("no route")}, "reading who subscribes to " + told + ": no route"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &listeners{arn: told, found: c.found}
			assert.Equal(t, c.want, l.judge().reason)
		})
	}
}
