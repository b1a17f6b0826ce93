package plan

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// TestLifecycle_RefusesOrdersThatS3Refuses has S3's constraints on transitions.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
func TestLifecycle_RefusesOrdersThatS3Refuses(t *testing.T) {
	t.Parallel()
	to := func(days int, class replication.StorageClass) Transition {
		return Transition{Days: days, StorageClass: class}
	}
	for _, test := range []struct {
		name string
		args Lifecycle
		want string
	}{
		{"one class", Lifecycle{Transitions: []Transition{to(90, "GLACIER")}}, ""},
		{"in order", Lifecycle{Transitions: []Transition{to(30, "STANDARD_IA"), to(60, "GLACIER"), to(150, "DEEP_ARCHIVE")}}, ""},
		{"in order, listed backwards", Lifecycle{Transitions: []Transition{to(60, "GLACIER"), to(30, "STANDARD_IA")}}, ""},
		{"to IA too early", Lifecycle{Transitions: []Transition{to(29, "STANDARD_IA")}}, "transitions[0].days: 29 is too early for STANDARD_IA"},
		{
			"too soon after IA",
			Lifecycle{Transitions: []Transition{to(30, "STANDARD_IA"), to(59, "GLACIER")}},
			"transitions[1].days: 59 is too early for GLACIER, because objects move to STANDARD_IA after 30; use 60 or more",
		},
		{
			"too soon after IA, listed backwards",
			Lifecycle{Transitions: []Transition{to(40, "GLACIER"), to(30, "ONEZONE_IA")}},
			"transitions[0].days: 40 is too early for GLACIER",
		},
		{
			"back to a warmer class",
			Lifecycle{Transitions: []Transition{to(30, "GLACIER"), to(90, "STANDARD_IA")}},
			"transitions[0].days: 30 is too early for GLACIER, because objects move to STANDARD_IA after 90; use 120 or more",
		},
		{
			"two classes on one day",
			Lifecycle{Transitions: []Transition{to(90, "GLACIER"), to(90, "DEEP_ARCHIVE")}},
			"transitions[1].days: 90 is too early for DEEP_ARCHIVE, because objects move to GLACIER after 90; use 91 or more",
		},
		{"a class twice", Lifecycle{Transitions: []Transition{to(90, "GLACIER"), to(120, "GLACIER")}}, "transitions[1].storageClass: GLACIER is listed twice"},
		{"noncurrent versions", Lifecycle{NoncurrentTransitions: []Transition{to(1, "GLACIER")}, NoncurrentDays: 2}, ""},
		{
			"noncurrent versions too early",
			Lifecycle{NoncurrentTransitions: []Transition{to(1, "ONEZONE_IA")}},
			"noncurrentTransitions[0].days: 1 is too early for ONEZONE_IA",
		},
		{
			"noncurrent versions after they are deleted",
			Lifecycle{NoncurrentTransitions: []Transition{to(90, "GLACIER")}, NoncurrentDays: 90},
			"noncurrentTransitions[0].days: 90 is not before noncurrentDays (90)",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := test.args.validate().Err()
			if test.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, test.want)
			}
		})
	}
}

func TestAdvise_TransitionsLeaveNoncurrentVersions(t *testing.T) {
	t.Parallel()
	found := func(lifecycle Lifecycle) bool {
		args := pairs()["within an account"]
		args.Source.Lifecycle = lifecycle
		for _, finding := range args.adviseLifecycle() {
			if finding.ID == "lifecycle-leaves-noncurrent" && finding.Path == "source.lifecycle.transitions" {
				return true
			}
		}
		return false
	}
	moves := []Transition{{Days: 90, StorageClass: "GLACIER"}}
	assert.True(t, found(Lifecycle{Transitions: moves}))
	assert.False(t, found(Lifecycle{Transitions: moves, NoncurrentDays: 90}))
	assert.False(t, found(Lifecycle{Transitions: moves, NoncurrentTransitions: moves}))
	assert.False(t, found(Lifecycle{}))
}
