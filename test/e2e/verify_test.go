package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const verifiedConfig = `
config:
  crr:forceDestroy: true
  crr:deletionWindowInDays: 7
  crr:replications:
    - name: data
      source: { region: us-east-1 }
      destinations: [{ name: dr, region: us-west-2, storageClass: STANDARD_IA }]
      monitoring: { emails: [ops@example.com], composite: false }
      rules:
        - { id: critical, prefix: finance/, tags: { class: critical }, replicationTimeControl: true }
        - { id: rest }
`

// patience ends a run of verify that hangs. The duration of a run depends on the
// load of the machine.
const patience = 10 * time.Minute

// verified is a deployment that is broken in many ways, one at a time.
type verified struct {
	*lab
	deployed replication.Descriptor
	source   replication.DeployedBucket
	dr       replication.DeployedBucket
}

func deployVerified(t *testing.T) *verified {
	t.Helper()
	v := &verified{lab: newLab(t)}
	v.project(verifiedConfig)
	v.up()
	v.deployed = v.descriptors()[0]
	v.source, v.dr = v.deployed.Source, v.deployed.Destinations[0]
	v.notify()
	return v
}

// notify configures event notifications of the source to a queue, and adds them to
// the descriptor.
func (v *verified) notify() {
	v.t.Helper()
	v.makeQueue()
	v.deployed.Notifications = []replication.Notification{{
		Bucket: v.source.Name, TargetARN: "arn:aws:sqs:us-east-1:" + v.source.AccountID + ":events",
		Events: []string{"s3:Replication:OperationFailedReplication"},
	}}
	v.deployed.Settings = slices.Clone(v.deployed.Settings)
	for i, each := range v.deployed.Settings {
		if each.Kind == replication.NotificationsSetting && each.ARN == v.source.ARN {
			v.deployed.Settings[i].Values = map[string]string{v.deployed.Notifications[0].TargetARN: "s3:Replication:*"}
		}
	}
	v.sendEvents()
}

func (v *verified) makeQueue() {
	v.t.Helper()
	allowed := policy.New(policy.Statement{
		Effect: policy.Allow, Principal: policy.Service("s3.amazonaws.com"), Action: policy.Values{"sqs:SendMessage"},
		Resource: policy.Values{"arn:aws:sqs:us-east-1:" + v.source.AccountID + ":events"},
	})
	attributes, err := json.Marshal(map[string]string{"Policy": allowed.JSON()})
	require.NoError(v.t, err)
	v.aws("sqs", "create-queue", "--queue-name", "events", "--region", v.source.Region, "--attributes", string(attributes))
}

func (v *verified) sendEvents() {
	v.t.Helper()
	putNotifications(v.t, v.in(v.source.Region).s3, &s3.PutBucketNotificationConfigurationInput{
		Bucket: &v.source.Bucket, NotificationConfiguration: &s3types.NotificationConfiguration{QueueConfigurations: []s3types.QueueConfiguration{{
			QueueArn: &v.deployed.Notifications[0].TargetARN, Events: []s3types.Event{"s3:Replication:*"},
		}}},
	})
}

// aws calls the AWS CLI as an operator would.
func (l *lab) aws(args ...string) string {
	l.t.Helper()
	return strings.TrimSpace(l.mustRun("aws", append(args, "--output", "text")...))
}

// verification is the result of a run of verify.
type verification struct {
	out, err string
	status   int
}

// firstFailure returns the first failing line.
func (r verification) firstFailure() string {
	for line := range strings.Lines(r.out) {
		if strings.HasPrefix(line, "  FAIL") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// verify runs crr verify on a descriptor.
func (l *lab) verify(descriptor replication.Descriptor, args ...string) verification {
	l.t.Helper()
	data, err := json.Marshal(descriptor)
	require.NoError(l.t, err)
	return l.verifyAs(l.envOf("crr", []string{"verify"}, data), descriptor, args...)
}

func (l *lab) verifyAs(env []string, descriptor replication.Descriptor, args ...string) verification {
	l.t.Helper()
	r := l.startVerify(env, descriptor, args...).wait()
	for range lostAtMost {
		if !strings.Contains(r.out, metricsAreMissing) {
			break
		}
		assert.NotEqual(l.t, 0, r.status, r.out)
		r = l.startVerify(env, descriptor, args...).wait()
	}
	return r
}

// S3 may never publish some metrics. Then verify reports unknown, and another run
// creates more operations to count.
const (
	metricsAreMissing = "S3 may publish data minutes late or never"
	lostAtMost        = 4
)

// mustVerify verifies the stack, which must be ok.
func (l *lab) mustVerify() string {
	l.t.Helper()
	verify := func() (string, error) { return l.run("crr", "verify", "--stack", "test", "--timeout", verifyTimeout()) }
	output, err := verify()
	for range lostAtMost {
		if err == nil || !strings.Contains(output, metricsAreMissing) {
			break
		}
		output, err = verify()
	}
	require.NoError(l.t, err, output)
	return output
}

// verifyTimeout is how long verify waits for metrics. In harsh mode some never
// arrive.
func verifyTimeout() string {
	if harsh() {
		return "2m"
	}
	return "5m"
}

// running is a crr verify that is running.
type running struct {
	l        *lab
	command  *exec.Cmd
	out, err *bytes.Buffer
	cancel   context.CancelFunc
}

func (l *lab) startVerify(env []string, descriptor replication.Descriptor, args ...string) *running {
	l.t.Helper()
	data, err := json.Marshal(descriptor)
	require.NoError(l.t, err)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	r := &running{l: l, out: &bytes.Buffer{}, err: &bytes.Buffer{}, cancel: cancel}
	r.command = exec.CommandContext(ctx, lookPath(env, "crr"), append([]string{"verify", "--timeout", verifyTimeout()}, args...)...)
	r.command.Dir, r.command.Env = l.dir, env
	r.command.Stdin, r.command.Stdout, r.command.Stderr = bytes.NewReader(data), r.out, r.err
	require.NoError(l.t, r.command.Start())
	return r
}

func (r *running) wait() verification {
	r.l.t.Helper()
	defer r.cancel()
	err := r.command.Wait()
	if exited := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exited) {
		require.NoError(r.l.t, err)
	}
	return verification{r.out.String(), r.err.String(), r.command.ProcessState.ExitCode()}
}

// waitFor waits until verify, or the object that it has put, is in a state.
func (r *running) waitFor(what string, there func() bool) {
	r.l.t.Helper()
	require.Eventually(r.l.t, there, patience/2, 50*time.Millisecond, what)
}

// probes returns the keys of all versions and delete markers in a bucket.
func (l *lab) probes(place replication.DeployedBucket) []string {
	l.t.Helper()
	client := l.in(place.Region).s3
	if place.AccountID != "123456789012" {
		client = l.inAccount(place.AccountID, place.Region).s3
	}
	listed, err := client.ListObjectVersions(l.t.Context(), &s3.ListObjectVersionsInput{Bucket: &place.Bucket})
	require.NoError(l.t, err)
	keys := []string{}
	for _, version := range listed.Versions {
		keys = append(keys, *version.Key)
	}
	for _, marker := range listed.DeleteMarkers {
		keys = append(keys, *marker.Key+" (delete marker)")
	}
	return keys
}

func (v *verified) assertNothingLeft() {
	v.t.Helper()
	assert.Empty(v.t, v.probes(v.source), "left in the source")
	assert.Empty(v.t, v.probes(v.dr), "left in the destination")
}

// TestVerify runs one deployment through everything that verify must report.
func TestVerify(t *testing.T) {
	t.Parallel()
	v := deployVerified(t)
	t.Run("a good deployment is well", func(t *testing.T) { v.within(t).isWell() })
	t.Run("each break is reported with its cause and fix", func(t *testing.T) { v.within(t).breakAndRepair() })
	t.Run("what stops replication is reported first", func(t *testing.T) { v.within(t).breaksTwice() })
	t.Run("a failed probe is explained", func(t *testing.T) { v.within(t).failsMidway() })
	t.Run("a pending probe is a failure", func(t *testing.T) { v.within(t).staysPending() })
	t.Run("an interrupt leaves nothing behind", func(t *testing.T) { v.within(t).isInterrupted() })
	t.Run("what a killed run left is found and removed", func(t *testing.T) { v.within(t).isKilled() })
	t.Run("probes that S3 does not delete are reported", func(t *testing.T) { v.within(t).mayNotDelete() })
	t.Run("a region that is down is no answer", func(t *testing.T) { v.within(t).losesRegion() })
	t.Run("credentials that may not look are no answer", func(t *testing.T) { v.within(t).mayNotLook() })
	t.Run("Object Lock on the source only is reported", func(t *testing.T) { v.within(t).lockSource() })
}

// within returns the same deployment in a subtest.
func (v *verified) within(t *testing.T) *verified {
	t.Helper()
	l, same := *v.lab, *v
	l.t = t
	same.lab = &l
	return &same
}

func (v *verified) isWell() {
	began := time.Now()
	r := v.verify(v.deployed, "--junit", "junit.xml")
	v.t.Logf("verify took %s", time.Since(began).Round(time.Millisecond))
	require.Equal(v.t, 0, r.status, "%s%s", r.out, r.err)
	assert.NotContains(v.t, r.out, "  skip")
	for _, part := range []string{"rule critical", "rule rest", "explicit key", "multipart", "delete marker", "clean-up"} {
		assert.Contains(v.t, v.checkNames(), part)
	}
	v.assertNothingLeft()
	data, err := os.ReadFile(filepath.Join(v.dir, "junit.xml"))
	require.NoError(v.t, err)
	assert.Contains(v.t, string(data), `<testsuite name="data"`)
	assert.NotContains(v.t, string(data), "<failure")
	v.leavesOutHTTP()
}

// leavesOutHTTP verifies without uploads over plain HTTP, and with the others.
func (v *verified) leavesOutHTTP() {
	v.t.Helper()
	r := v.verify(v.deployed, "--no-http", "--output", "json")
	require.Equal(v.t, 0, r.status, "%s%s", r.out, r.err)
	var report struct {
		Checks []struct{ About, Name, Status, Reason string }
	}
	require.NoError(v.t, json.Unmarshal([]byte(r.out), &report), r.out)
	found := map[string]string{}
	for _, check := range report.Checks {
		if strings.HasSuffix(check.About, " refuses") {
			found[check.About+" "+check.Name] = check.Status + check.Reason
		}
	}
	for _, at := range []string{"source", "dr"} {
		assert.Equal(v.t, "skippednot tried, because of --no-http", found[at+" refuses plain HTTP"])
		assert.Equal(v.t, "pass", found[at+" refuses SSE-S3"])
	}
}

// checkNames returns the names of all checks, with their subjects.
func (v *verified) checkNames() string {
	r := v.verify(v.deployed, "--output", "json")
	var report struct {
		Checks []struct{ About, Name, Status string }
	}
	require.NoError(v.t, json.Unmarshal([]byte(r.out), &report), r.out)
	var names strings.Builder
	for _, check := range report.Checks {
		assert.Equal(v.t, "pass", check.Status, "%s, %s", check.About, check.Name)
		names.WriteString(check.About + ", " + check.Name + "\n")
	}
	return names.String()
}

// breaksTwice breaks something at the source that replication does not need, which
// is checked first, and something at the destination that it needs.
func (v *verified) breaksTwice() {
	repair := []func(){v.openUp(), v.disableKey()}
	r := v.verify(v.deployed, "--no-write")
	for _, each := range repair {
		each()
	}
	assert.Equal(v.t, 1, r.status, "%s%s", r.out, r.err)
	assert.Contains(v.t, r.firstFailure(), "dr, key")
	assert.Contains(v.t, r.out, "FAIL  source, public access")
}

func (v *verified) failsMidway() {
	v.mustRun("crr", "local", "fault", "set", "pause", "--dir", v.local())
	run := v.startVerify(v.env, v.deployed)
	run.waitFor("probes are put", func() bool { return len(v.probes(v.source)) == 4 })
	undo := v.denyReplicas()
	v.mustRun("crr", "local", "fault", "clear", "--dir", v.local())
	r := run.wait()
	undo()
	assert.Equal(v.t, 1, r.status, "%s%s", r.out, r.err)
	for _, part := range []string{"S3 failed to replicate", "s3:ReplicateObject", "(NoReplicas) of the resource policy", "DstPutObjectNotPermitted", "Do: remove the Deny"} {
		assert.Contains(v.t, r.firstFailure(), part)
	}
	v.assertNothingLeft()
}

func (v *verified) staysPending() {
	v.mustRun("crr", "local", "fault", "set", "pause", "--dir", v.local())
	r := v.verify(v.deployed, "--timeout", "20s")
	v.mustRun("crr", "local", "fault", "clear", "--dir", v.local())
	assert.Equal(v.t, 1, r.status, "%s%s", r.out, r.err)
	assert.Contains(v.t, r.firstFailure(), "is still PENDING after ")
	assert.Contains(v.t, r.firstFailure(), "Do: check OperationsPendingReplication")
	assert.Contains(v.t, r.out, "before S3 had replicated them: S3 may count them as failed (SrcVersionNotFound)")
	v.assertNothingLeft()
}

// isInterrupted interrupts verify while replication is pending: first it resumes in
// time, then too late.
func (v *verified) isInterrupted() {
	interrupted := func() *running {
		v.mustRun("crr", "local", "fault", "set", "pause", "--dir", v.local())
		run := v.startVerify(v.env, v.deployed)
		run.waitFor("probes are put", func() bool { return len(v.probes(v.source)) == 4 })
		require.NoError(v.t, run.command.Process.Signal(os.Interrupt))
		return run
	}
	goOn := func() { v.mustRun("crr", "local", "fault", "clear", "--dir", v.local()) }

	run := interrupted()
	goOn()
	r := run.wait()
	assert.Equal(v.t, 2, r.status, "%s%s", r.out, r.err)
	assert.Regexp(v.t, "interrupted; (all probes were deleted|[1-4] probes? deleted)", r.err, "verify waits ten seconds, whatever the machine does")
	v.assertNothingLeft()

	r = interrupted().wait()
	assert.Equal(v.t, 2, r.status, "%s%s", r.out, r.err)
	assert.Contains(v.t, r.err, "interrupted; 4 probes deleted from s3://"+v.source.Bucket+" before S3 had replicated them")
	v.assertNothingLeft()
	goOn()
	time.Sleep(2 * time.Second) // for replicas that must not arrive
	v.assertNothingLeft()
}

// isKilled leaves probes behind like a killed run, and like a run that is still
// active.
func (v *verified) isKilled() {
	put := func(at replication.DeployedBucket, key string) {
		_, err := v.in(at.Region).s3.PutObject(v.t.Context(), &s3.PutObjectInput{Bucket: &at.Bucket, Key: &key, Body: strings.NewReader("a probe")})
		require.NoError(v.t, err)
	}
	const killed, other = "finance/.crr-verify/20200101T000000Z-killed/", ".crr-verify/29990101T000000Z-other/"
	put(v.dr, killed+"multipart")
	put(v.source, killed+"multipart")
	put(v.source, other+"rule-rest")
	v.aws("s3api", "delete-object", "--bucket", v.source.Bucket, "--key", killed+"multipart")

	r := v.verify(v.deployed, "--no-write")
	assert.Equal(v.t, 1, r.status, "%s%s", r.out, r.err)
	assert.Contains(v.t, r.firstFailure(), "clean-up, source: 1 earlier run of verify left probes below s3://"+v.source.Bucket+"/"+killed)
	assert.Contains(v.t, r.firstFailure(), "Do: run `crr verify` without --no-write")

	r = v.verify(v.deployed)
	assert.Equal(v.t, 0, r.status, "%s%s", r.out, r.err)
	assert.Contains(v.t, r.out, "another run of verify, which may still be active, has probes below s3://"+v.source.Bucket+"/"+other)
	for _, key := range append(v.probes(v.source), v.probes(v.dr)...) {
		assert.True(v.t, strings.HasPrefix(key, other), key)
	}
	for _, at := range []replication.DeployedBucket{v.source, v.dr} {
		v.emptied(at)
	}
}

// mayNotDelete makes S3 respond to deletions with SlowDown: sometimes, and always.
func (v *verified) mayNotDelete() {
	slowDown := func(rate string) func() {
		v.mustRun("crr", "local", "fault", "set", "errors", "--api", "DeleteObject", "--rate", rate, "--dir", v.local())
		return func() { v.mustRun("crr", "local", "fault", "clear", "--dir", v.local()) }
	}
	goOn := slowDown("0.5")
	r := v.verify(v.deployed)
	goOn()
	assert.NotContains(v.t, r.out, "probes are left", "%s%s", r.out, r.err)
	v.assertNothingLeft()

	goOn = slowDown("1")
	r = v.verify(v.deployed)
	goOn()
	assert.Equal(v.t, 1, r.status, "%s%s", r.out, r.err)
	assert.Contains(v.t, r.out, "probes are left below s3://"+v.source.Bucket+"/")
	assert.Contains(v.t, r.out, "SlowDown")
	assert.NotEmpty(v.t, v.probes(v.source))

	r = v.verify(v.deployed)
	assert.Equal(v.t, 0, r.status, "%s%s", r.out, r.err)
	assert.Contains(v.t, r.out, "another run of verify, which may still be active, has probes below s3://"+v.source.Bucket+"/")
	for _, at := range []replication.DeployedBucket{v.source, v.dr} {
		v.emptied(at)
	}
}

// emptied removes all versions of a bucket.
func (v *verified) emptied(at replication.DeployedBucket) {
	client := v.in(at.Region).s3
	listed, err := client.ListObjectVersions(v.t.Context(), &s3.ListObjectVersionsInput{Bucket: &at.Bucket})
	require.NoError(v.t, err)
	remove := func(key, version *string) {
		_, err := client.DeleteObject(v.t.Context(), &s3.DeleteObjectInput{Bucket: &at.Bucket, Key: key, VersionId: version})
		require.NoError(v.t, err)
	}
	for _, version := range listed.Versions {
		remove(version.Key, version.VersionId)
	}
	for _, marker := range listed.DeleteMarkers {
		remove(marker.Key, marker.VersionId)
	}
}

func (v *verified) losesRegion() {
	v.mustRun("crr", "local", "fault", "set", "region-down", "--region", v.dr.Region, "--dir", v.local())
	r := v.verify(v.deployed)
	v.mustRun("crr", "local", "fault", "clear", "--dir", v.local())
	assert.Equal(v.t, 2, r.status, "%s%s", r.out, r.err)
	for _, part := range []string{"dr, bucket", "in us-west-2", "ServiceUnavailable", "can us-west-2 be reached"} {
		assert.Contains(v.t, r.firstFailure(), part)
	}
	assert.Contains(v.t, r.err, "some checks are unknown")
	v.assertNothingLeft()
}

func (v *verified) mayNotLook() {
	v.aws("iam", "create-user", "--user-name", "stranger")
	key := strings.Fields(v.aws("iam", "create-access-key", "--user-name", "stranger", "--query", "AccessKey.[AccessKeyId,SecretAccessKey]"))
	env := slices.Concat(v.env, []string{"AWS_ACCESS_KEY_ID=" + key[0], "AWS_SECRET_ACCESS_KEY=" + key[1]})
	r := v.verifyAs(env, v.deployed)
	assert.Equal(v.t, 2, r.status, "%s%s", r.out, r.err)
	assert.Contains(v.t, r.firstFailure(), "Do: use credentials that may do this in the account "+v.source.AccountID)
	v.assertNothingLeft()
}

// ourAccountAlone is a statement that can't be evaluated before the account is
// known, about a bucket whose name is unknown.
const ourAccountAlone = `{ Sid: OurAccountAlone, Effect: Deny, Principal: "*", Action: "s3:*",
	Condition: { StringNotEquals: { aws:PrincipalAccount: "123456789012" }, Bool: { aws:PrincipalIsAWSService: "false" } } }`

// TestVerify_TopologiesAreWell verifies replication to another account and back,
// Object Lock, and users' own statements that allow it.
func TestVerify_TopologiesAreWell(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	partner := l.inAccount("222222222222", "us-west-2")
	key := makeBucket(t, partner, "us-west-2", "partner-copies")
	l.project(fmt.Sprintf(`
config:
  crr:forceDestroy: true
  crr:deletionWindowInDays: 7
  crr:replications:
    - name: partner
      source: { region: us-east-1 }
      destinations: [{ name: theirs, region: us-west-2, bucket: partner-copies, existing: true, kmsKeyArn: %q }]
    - name: abroad
      direction: two-way
      monitoring: { emails: [ops@example.com] }
      source: { region: us-east-1 }
      destinations: [{ name: vault, region: us-west-2, assumeRoleArn: "arn:aws:iam::222222222222:role/deploy" }]
    - name: locked
      source: { region: us-east-1, objectLock: { mode: COMPLIANCE, days: 1 } }
      destinations: [{ name: dr, region: us-west-2, objectLock: { mode: GOVERNANCE, days: 1 } }]
    - name: stated
      source: { region: us-east-1, statements: [%[2]s, { Effect: Deny, Principal: "*", Action: "s3:PutObjectAcl" }] }
      destinations: [{ name: dr, region: us-west-2, statements: [%[2]s] }]
`, key, ourAccountAlone))
	l.up()
	all := l.descriptors()
	require.Len(t, all, 4)
	deployed := all[1:]

	t.Run("across accounts, both ways", func(t *testing.T) {
		r := l.verify(deployed[0])
		assert.Equal(t, 0, r.status, "%s%s", r.out, r.err)
		for _, part := range []string{"probes source -> vault", "probes vault -> source", "vault refuses"} {
			assert.Contains(t, r.out, part)
		}
		assert.Empty(t, l.probes(deployed[0].Source))
		assert.Empty(t, l.probes(deployed[0].Destinations[0]))
	})
	t.Run("with composite alarms that notify for the others", func(t *testing.T) {
		composite := deployed[0].CompositeAlarms[0]
		client := l.in(composite.Region).cw
		_, err := client.DisableAlarmActions(t.Context(), &cloudwatch.DisableAlarmActionsInput{AlarmNames: []string{composite.Name}})
		require.NoError(t, err)
		r := l.verify(deployed[0], "--no-write")
		assert.Equal(t, 1, r.status, "%s%s", r.out, r.err)
		assert.Contains(t, r.out, "the actions of the composite alarm "+composite.Name+" in "+composite.Region+" are disabled, so it sends no notifications")
		assert.Contains(t, r.out, "aws cloudwatch enable-alarm-actions --alarm-names "+composite.Name)
		_, err = client.EnableAlarmActions(t.Context(), &cloudwatch.EnableAlarmActionsInput{AlarmNames: []string{composite.Name}})
		require.NoError(t, err)
		assert.Equal(t, 0, l.verify(deployed[0], "--no-write").status, "repaired")
	})
	t.Run("into a third-party bucket", func(t *testing.T) {
		for _, grant := range model.Grants(all[0]) {
			switch grant.Resource {
			case key:
				partner.grantOnKey(t, key, grant.Document)
			case all[0].Destinations[0].ARN:
				document := grant.Document.JSON() // it has no policy yet
				_, err := partner.s3.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String("partner-copies"), Policy: &document})
				require.NoError(t, err)
			}
		}
		r := l.verify(all[0])
		assert.Equal(t, 0, r.status, "%s%s", r.out, r.err)
		assert.Contains(t, r.out, "theirs, bucket: s3://partner-copies belongs to an owner who denies these credentials access")
		assert.Contains(t, r.out, "only the bucket's owner can delete the probes below s3://partner-copies")
	})
	t.Run("what Object Lock keeps is reported", func(t *testing.T) {
		r := l.verify(deployed[1])
		assert.Equal(t, 0, r.status, "%s%s", r.out, r.err)
		assert.Contains(t, r.out, "Object Lock keeps 2 probe versions below s3://"+deployed[1].Source.Bucket)
		assert.Contains(t, r.out, "Object Lock would retain its 5 MiB")
	})
	t.Run("with statements of the user's own", func(t *testing.T) {
		r := l.verify(all[3])
		assert.Equal(t, 0, r.status, "%s%s", r.out, r.err)
		for _, place := range all[3].Buckets() {
			assert.Contains(t, l.aws("s3api", "get-bucket-policy", "--bucket", place.Bucket, "--region", place.Region), "OurAccountAlone")
		}
	})
	t.Run("looking puts nothing", func(t *testing.T) {
		before := l.probes(deployed[1].Source)
		r := l.verify(deployed[1], "--no-write")
		assert.Equal(t, 0, r.status, "%s%s", r.out, r.err)
		assert.Equal(t, before, l.probes(deployed[1].Source))
	})
}
