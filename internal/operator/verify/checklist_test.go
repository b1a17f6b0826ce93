package verify

import (
	"errors"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func TestChecklist_SkipsWhatRestsOnAFailure(t *testing.T) {
	t.Parallel()
	list := &checklist{replication: "data"}
	bucket := list.check("dr", "bucket", nil, func() outcome { return fails("it does not exist", "make it") })
	versioning := list.check("dr", "versioning", []*Check{bucket}, func() outcome { panic("must not be judged") })
	probe := list.check("probes", "rule dr", []*Check{versioning}, func() outcome { panic("must not be judged") })

	assert.Equal(t, Fail, bucket.Status)
	assert.Equal(t, Skipped, versioning.Status)
	assert.Equal(t, Skipped, probe.Status)
	assert.Equal(t, "because of dr, bucket", probe.Reason, "the reason is the first cause, not what comes between")
}

func TestChecklist_GoesOnAfterWhatLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	missing := errors.New("no answer")
	for name, o := range map[string]outcome{
		"a pass":                 {},
		"an independent failure": failsAlone("public access is open", "close it"),
		"what is not known":      unanswered("reading the policy", replication.DeployedBucket{}, missing),
		"what is left out":       skip("it is managed elsewhere"),
		"what is not judged":     unknown("another release deployed it", "use that one"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := &checklist{}
			first := list.check("dr", "first", nil, func() outcome { return o })
			second := list.check("dr", "second", []*Check{first}, func() outcome { return outcome{} })
			assert.Equal(t, Pass, second.Status)
		})
	}
}

func TestReport_Verdict(t *testing.T) {
	t.Parallel()
	pass, fail := &Check{Status: Pass}, &Check{Status: Fail}
	silent, skipped := &Check{Status: Fail, Unknown: true}, &Check{Status: Skipped}
	for name, c := range map[string]struct {
		checks []*Check
		want   Verdict
	}{
		"all passes":                         {[]*Check{pass, skipped}, OK},
		"a failure":                          {[]*Check{pass, fail}, Failed},
		"no answer is never well":            {[]*Check{pass, silent}, Unknown},
		"a failure weighs more than silence": {[]*Check{silent, fail}, Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := &Report{}
			report.add(c.checks)
			assert.Equal(t, c.want, report.Verdict())
			assert.Equal(t, len(c.checks), report.Passed+report.Failed+report.Skipped)
			assert.Len(t, report.unknown(), report.Unknown)
		})
	}
}

func TestUnanswered_SaysWhatAWSSaidAndWhatToDo(t *testing.T) {
	t.Parallel()
	at := replication.DeployedBucket{Bucket: "data", AccountID: "111111111111"}
	o := unanswered("reading the policy of s3://data", at, &smithy.GenericAPIError{Code: "AccessDenied", Message: "not authorized"})
	assert.Equal(t, "reading the policy of s3://data: AccessDenied: not authorized", o.reason)
	assert.Contains(t, o.fix, "credentials that may do this in the account 111111111111")
	assert.True(t, o.noAnswer)
}
