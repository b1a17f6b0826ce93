package e2e

import (
	"encoding/json"
	"errors"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/access"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/object"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// objectTold is the output of crr object.
type objectTold struct {
	object.Answer
	status int
	text   string
}

// link returns the result for one destination.
func (o objectTold) link(name string) object.Link {
	for _, link := range o.Links {
		if link.Name == name {
			return link
		}
	}
	return object.Link{}
}

func (o objectTold) reasons(name string) []string {
	var ids []string
	for _, reason := range o.link(name).Reasons {
		ids = append(ids, reason.ID)
	}
	return ids
}

// object runs crr object, with the permissions that crr prints for it.
func (c *comparing) object(place replication.DeployedBucket, key string, flags ...string) objectTold {
	c.t.Helper()
	args := append([]string{"object", "s3://" + place.Bucket + "/" + key, "--stack", "test", "--output", "json"}, flags...)
	command := exec.CommandContext(c.t.Context(), lookPath(c.env, "crr"), args...)
	command.Dir, command.Env = c.dir, c.envOf("crr", args, nil)
	printed, err := command.Output()
	var answer objectTold
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		answer.status, answer.text = exit.ExitCode(), string(exit.Stderr)
	}
	require.NoError(c.t, json.Unmarshal(printed, &answer.Answer), "%s%s", printed, answer.text)
	answer.text = string(printed) + answer.text
	return answer
}

// until runs crr object until a condition holds.
func (c *comparing) until(place replication.DeployedBucket, key string, holds func(objectTold) bool) objectTold {
	c.t.Helper()
	var answer objectTold
	require.Eventually(c.t, func() bool {
		answer = c.object(place, key)
		return holds(answer)
	}, time.Minute, 500*time.Millisecond, "%s", lazy(func() string { return answer.text }))
	return answer
}

func isWell(o objectTold) bool { return o.status == 0 }

func is(name string, verdict object.Verdict) func(objectTold) bool {
	return func(o objectTold) bool { return o.link(name).Verdict == verdict }
}

// TestObject runs crr object on objects in every possible state.
func TestObject(t *testing.T) {
	t.Parallel()
	c := newComparing(t)
	source, dr := c.at[c.source.Bucket], c.at[c.dr.Bucket]
	rules := func(status s3types.ReplicationRuleStatus) {
		found, err := source.s3.GetBucketReplication(t.Context(), &s3.GetBucketReplicationInput{Bucket: &c.source.Bucket})
		require.NoError(t, err)
		for i := range found.ReplicationConfiguration.Rules {
			found.ReplicationConfiguration.Rules[i].Status = status
		}
		_, err = source.s3.PutBucketReplication(t.Context(), &s3.PutBucketReplicationInput{Bucket: &c.source.Bucket, ReplicationConfiguration: found.ReplicationConfiguration})
		require.NoError(t, err)
	}
	first := c.put(c.source, "logs/a", "1", "")

	t.Run("replicated, and not selected elsewhere", func(t *testing.T) {
		o := c.until(c.source, "logs/a", isWell)
		assert.True(t, o.Well)
		assert.Equal(t, object.Replicated, o.link("dr").Verdict)
		assert.Equal(t, object.NotSelected, o.link("archive").Verdict)
		assert.Equal(t, []string{"no-rule-matches"}, o.reasons("archive"))
		assert.Equal(t, first, o.link("dr").Version.VersionID)
		assert.Equal(t, "COMPLETED", o.Here.Status)
		assert.Empty(t, o.link("dr").Fix)
		assert.Len(t, o.NotJudged, 1, "everything that can be read was: %s", o.text)
	})
	t.Run("selected by its tags", func(t *testing.T) {
		c.put(c.source, "finance/critical", "2", "class=critical")
		o := c.until(c.source, "finance/critical", isWell)
		assert.Equal(t, object.Replicated, o.link("archive").Verdict)
		assert.Equal(t, map[string]string{"class": "critical"}, o.Here.Tags)
	})
	t.Run("a replica", func(t *testing.T) {
		o := c.object(c.dr, "logs/a")
		assert.Equal(t, 0, o.status, o.text)
		assert.Equal(t, "REPLICA", o.Here.Status)
		assert.Equal(t, object.Replicated, o.link("source").Verdict)
		assert.True(t, o.link("source").Incoming)
	})
	t.Run("an older version", func(t *testing.T) {
		c.put(c.source, "logs/a", "newer", "")
		c.until(c.source, "logs/a", isWell)
		o := c.object(c.source, "logs/a", "--version-id", first)
		assert.Equal(t, 0, o.status, o.text)
		assert.NotNil(t, o.link("dr").Current)
	})
	t.Run("deleted", func(t *testing.T) {
		c.put(c.source, "logs/deleted", "3", "")
		c.until(c.source, "logs/deleted", isWell)
		c.remove(c.source, "logs/deleted", "")
		o := c.until(c.source, "logs/deleted", isWell)
		assert.Equal(t, object.DeleteMarker, o.Here.State)
		assert.Equal(t, object.DeleteMarker, o.link("dr").Version.State)
	})
	t.Run("no object and no version", func(t *testing.T) {
		o := c.object(c.source, "logs/none")
		assert.Equal(t, 1, o.status, o.text)
		assert.Equal(t, object.Absent, o.Here.State)
		assert.Equal(t, object.Missing, o.link("dr").Verdict)
		o = c.object(c.source, "logs/a", "--version-id", "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY")
		assert.Equal(t, 1, o.status, o.text)
		assert.Equal(t, object.Absent, o.Here.State)
	})
	t.Run("deleted there", func(t *testing.T) {
		version := c.put(c.source, "logs/gone", "4", "")
		c.until(c.source, "logs/gone", isWell)
		c.remove(c.dr, "logs/gone", version)
		o := c.object(c.source, "logs/gone")
		assert.Equal(t, 1, o.status, o.text)
		assert.Equal(t, object.Missing, o.link("dr").Verdict)
		assert.Equal(t, []string{"deleted-there"}, o.reasons("dr"))
		assert.Contains(t, o.link("dr").Fix[0], "aws s3api copy-object --bucket "+c.source.Bucket)
	})
	t.Run("deleted at the source by its version", func(t *testing.T) {
		version := c.put(c.source, "logs/orphan", "5", "")
		c.until(c.source, "logs/orphan", isWell)
		c.remove(c.source, "logs/orphan", version)
		o := c.object(c.source, "logs/orphan")
		assert.Equal(t, 1, o.status, o.text)
		assert.Equal(t, object.Extra, o.link("dr").Verdict)
		o = c.object(c.dr, "logs/orphan")
		assert.Equal(t, 1, o.status, o.text)
		assert.Equal(t, []string{"deleted-at-source"}, o.reasons("source"))
	})
	t.Run("pending", func(t *testing.T) {
		c.mustRun("crr", "local", "fault", "set", "pause", "--dir", c.local())
		c.put(c.source, "logs/waits", "6", "")
		o := c.object(c.source, "logs/waits")
		c.mustRun("crr", "local", "fault", "clear", "--dir", c.local())
		assert.Equal(t, 1, o.status, o.text)
		assert.Equal(t, object.Pending, o.link("dr").Verdict)
		assert.Empty(t, o.link("dr").Fix)
		c.until(c.source, "logs/waits", isWell)
	})
	t.Run("failed, for a key that is disabled", func(t *testing.T) {
		_, err := dr.kms.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: &c.dr.KMSKeyARN})
		require.NoError(t, err)
		c.put(c.source, "logs/failed", "7", "")
		o := c.until(c.source, "logs/failed", is("dr", object.Failed))
		assert.Equal(t, 1, o.status, o.text)
		assert.Equal(t, "FAILED", o.Here.Status)
		assert.Contains(t, o.reasons("dr"), "replica-key-unusable")
		require.NotEmpty(t, o.link("dr").Fix, o.text)
		assert.Equal(t, "aws kms enable-key --key-id "+c.dr.KMSKeyARN+" --region us-west-2", o.link("dr").Fix[0])
		assert.Contains(t, o.link("dr").Fix[1], "copy-object")
		_, err = dr.kms.EnableKey(t.Context(), &kms.EnableKeyInput{KeyId: &c.dr.KMSKeyARN})
		require.NoError(t, err)
		o = c.object(c.source, "logs/failed")
		assert.Equal(t, 1, o.status, "the cause is gone, and S3 does not try again: %s", o.text)
		assert.Equal(t, object.Failed, o.link("dr").Verdict)
	})
	t.Run("failed, for a policy that keeps the role out", func(t *testing.T) {
		found, err := dr.s3.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: &c.dr.Bucket})
		require.NoError(t, err)
		_, err = dr.s3.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &c.dr.Bucket, Policy: aws.String(
			`{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:ReplicateObject", "Resource": "arn:aws:s3:::` + c.dr.Bucket + `/*"}]}`)})
		require.NoError(t, err)
		c.put(c.source, "logs/denied", "8", "")
		o := c.until(c.source, "logs/denied", is("dr", object.Failed))
		assert.Contains(t, o.reasons("dr"), "not-permitted")
		assert.Equal(t, "pulumi up --refresh", o.link("dr").Fix[0])
		_, err = dr.s3.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &c.dr.Bucket, Policy: found.Policy})
		require.NoError(t, err)
	})
	t.Run("left out by a rule that was disabled, and written before it was enabled again", func(t *testing.T) {
		rules(s3types.ReplicationRuleStatusDisabled)
		c.put(c.source, "logs/meanwhile", "9", "")
		o := c.object(c.source, "logs/meanwhile")
		assert.Equal(t, 1, o.status, o.text)
		assert.Equal(t, object.Missing, o.link("dr").Verdict)
		assert.Equal(t, []string{"rules-changed"}, o.reasons("dr"))
		assert.Equal(t, "pulumi up --refresh", o.link("dr").Fix[0])
		rules(s3types.ReplicationRuleStatusEnabled)
		o = c.object(c.source, "logs/meanwhile")
		assert.Equal(t, 1, o.status, o.text)
		assert.Empty(t, o.Here.Status)
		assert.Equal(t, []string{"written-before-rule"}, o.reasons("dr"))
	})
	t.Run("not all may be read", func(t *testing.T) {
		printed := c.policiesFor("object", []string{"--stack", "test"}, nil)
		c.entitled("object", lessened(printed, "kms:GetKeyPolicy"))
		c.mayLack = true
		command := exec.CommandContext(t.Context(), lookPath(c.env, "crr"), "object", "s3://"+c.source.Bucket+"/logs/a", "--stack", "test")
		command.Dir, command.Env = c.dir, slices.Concat(c.env, c.rights.sessions[access.Task("object")])
		output, err := command.CombinedOutput()
		require.NoError(t, err, "%s", output)
		assert.Contains(t, string(output), "not judged")
		assert.Contains(t, string(output), "the key "+c.dr.KMSKeyARN)
		c.entitled("object", lessened(printed, "s3:GetObject"))
		said, err := runIn(t, c.dir, command.Env, "crr", "object", "s3://"+c.source.Bucket+"/logs/a", "--stack", "test")
		exit := (*exec.ExitError)(nil)
		require.ErrorAs(t, err, &exit)
		assert.Equal(t, 2, exit.ExitCode(), said)
		assert.Contains(t, said, "UNKNOWN")
	})
	t.Run("regions that are down", func(t *testing.T) {
		c.mustRun("crr", "local", "fault", "set", "region-down", "--region", "us-west-2", "--dir", c.local())
		o := c.object(c.source, "logs/a")
		assert.Equal(t, 2, o.status, o.text)
		assert.Equal(t, object.Unknown, o.link("dr").Verdict)
		assert.Equal(t, "COMPLETED", o.Here.Status)
		c.mustRun("crr", "local", "fault", "clear", "--dir", c.local())
		c.mustRun("crr", "local", "fault", "set", "region-down", "--region", "us-east-1", "--dir", c.local())
		o = c.object(c.source, "logs/a")
		c.mustRun("crr", "local", "fault", "clear", "--dir", c.local())
		assert.Equal(t, 2, o.status, o.text)
		assert.Equal(t, object.NotKnown, o.Here.State)
		assert.Equal(t, object.Present, o.link("dr").Version.State, "the replica is there, and says so")
	})
}
