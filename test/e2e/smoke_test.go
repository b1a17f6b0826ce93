package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var smokeProgram = sync.OnceValues(func() (string, error) {
	bin, err := programs()
	if err != nil {
		return "", err
	}
	program := filepath.Join(bin, "smoke")
	build := exec.Command("go", "build", "-o", program, "./test/smoke")
	build.Dir = filepath.Join("..", "..")
	output, err := build.CombinedOutput()
	if err != nil {
		return string(output), err
	}
	return program, nil
})

// smoke is the program, with times for the local AWS.
func smoke(t *testing.T, l *lab, args ...string) *exec.Cmd {
	t.Helper()
	program, err := smokeProgram()
	require.NoError(t, err, program)
	command := exec.Command(program, append([]string{"--settle", "1s", "--report", filepath.Join(l.dir, "report")}, args...)...)
	command.Dir, command.Env = l.dir, l.env
	return command
}

// smokeAnswers are the answers in a report, by question.
func smokeAnswers(t *testing.T, l *lab) map[string]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(l.dir, "report.json"))
	require.NoError(t, err)
	var report struct {
		Answers []struct{ ID, Answer string }
		Left    []string
	}
	require.NoError(t, json.Unmarshal(data, &report))
	assert.Empty(t, report.Left)
	assert.NotContains(t, string(data), "123456789012", "the account")
	answers := map[string]string{}
	for _, each := range report.Answers {
		answers[each.ID] = each.Answer
	}
	return answers
}

// smokeLeftovers are the resources that runs have created and not removed.
func smokeLeftovers(t *testing.T, l *lab) []string {
	t.Helper()
	var left []string
	buckets, err := l.in("us-east-1").s3.ListBuckets(t.Context(), &s3.ListBucketsInput{})
	require.NoError(t, err)
	for _, bucket := range buckets.Buckets {
		left = append(left, aws.ToString(bucket.Name))
	}
	roles, err := l.in("us-east-1").iam.ListRoles(t.Context(), &iam.ListRolesInput{PathPrefix: aws.String("/crr-smoke/")})
	require.NoError(t, err)
	for _, role := range roles.Roles {
		left = append(left, aws.ToString(role.RoleName))
	}
	for _, region := range []string{"us-east-1", "us-west-2"} {
		aliases, err := l.in(region).kms.ListAliases(t.Context(), &kms.ListAliasesInput{})
		require.NoError(t, err)
		for _, alias := range aliases.Aliases {
			if name := aws.ToString(alias.AliasName); strings.HasPrefix(name, "alias/crr-smoke-") {
				left = append(left, name)
			}
		}
	}
	return left
}

func TestSmoke_AnswersAndRemovesEverything(t *testing.T) {
	t.Parallel()
	l := newLab(t, "--harsh=false") // independent of the mode of the other tests
	output, err := smoke(t, l, "--yes", "--patience", "1m", "--limit", "5m").CombinedOutput()
	require.NoError(t, err, string(output))
	answers := smokeAnswers(t, l)
	lag, err := strconv.Atoi(answers["metric-lag"])
	require.NoError(t, err, answers)
	assert.Less(t, lag, 60)
	delete(answers, "metric-lag")
	assert.Contains(t, answers["metric-region"], "ReplicationLatency: us-west-2")
	delete(answers, "metric-region")
	assert.Equal(t, map[string]string{
		"source-account": "yes", "new-role": "yes", "generate-data-key": "no",
		"replica-etag": "yes", "kms-etag-md5": "no", "delete-marker-version": "yes",
	}, answers)
	assert.Empty(t, smokeLeftovers(t, l))

	t.Run("without --yes it makes nothing", func(t *testing.T) {
		command := smoke(t, l)
		output, err := command.CombinedOutput()
		assert.Equal(t, 2, command.ProcessState.ExitCode(), "%s %v", output, err)
		assert.Contains(t, string(output), "2 KMS keys")
		assert.Empty(t, smokeLeftovers(t, l))
	})
	t.Run("interrupted, it removes what it made", func(t *testing.T) {
		smokeUntilItWaits(t, l, os.Interrupt)
		assert.Empty(t, smokeLeftovers(t, l))
	})
	t.Run("after a kill, --clean removes what is left", func(t *testing.T) {
		smokeUntilItWaits(t, l, syscall.SIGKILL)
		assert.Len(t, smokeLeftovers(t, l), 5, "2 buckets, a role and 2 aliases")
		output, err := smoke(t, l, "--clean", "--yes").CombinedOutput()
		require.NoError(t, err, string(output))
		assert.Empty(t, smokeLeftovers(t, l))
	})
	t.Run("after a kill between a key and its alias, --clean finds the key", func(t *testing.T) {
		client := l.in("us-west-2").kms
		made := func(tags ...kmstypes.Tag) string {
			key, err := client.CreateKey(t.Context(), &kms.CreateKeyInput{Tags: tags})
			require.NoError(t, err)
			return aws.ToString(key.KeyMetadata.KeyId)
		}
		state := func(key string) kmstypes.KeyState {
			described, err := client.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: &key})
			require.NoError(t, err)
			return described.KeyMetadata.KeyState
		}
		left := made(kmstypes.Tag{TagKey: aws.String("crr-smoke"), TagValue: aws.String("crr-smoke-5f000000aabbccdd")})
		others := made(kmstypes.Tag{TagKey: aws.String("team"), TagValue: aws.String("crr-smoke-5f000000aabbccdd")})
		output, err := smoke(t, l, "--clean", "--yes").CombinedOutput()
		require.NoError(t, err, string(output))
		assert.Equal(t, kmstypes.KeyStatePendingDeletion, state(left))
		assert.Equal(t, kmstypes.KeyStateEnabled, state(others))
		output, err = smoke(t, l, "--clean", "--yes").CombinedOutput()
		require.NoError(t, err, string(output))
		assert.Contains(t, string(output), "Earlier runs left nothing.", "its deletion is scheduled")
	})
}

// In harsh mode the answers differ.
func TestSmoke_AnswersOfTheHarshTemperament(t *testing.T) {
	t.Parallel()
	l := newLab(t, "--harsh")
	command := smoke(t, l, "--yes", "--settle", "5s", "--patience", "1m", "--limit", "12m")
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
	answers := smokeAnswers(t, l)
	lag, err := strconv.Atoi(answers["metric-lag"])
	require.NoError(t, err, answers)
	assert.Greater(t, lag, 60, "metrics are minutes late")
	assert.Contains(t, answers["metric-region"], "ReplicationLatency: us-west-2")
	delete(answers, "metric-lag")
	delete(answers, "metric-region")
	assert.Equal(t, map[string]string{
		"source-account": "no", "new-role": "no", "generate-data-key": "no",
		"replica-etag": "no", "kms-etag-md5": "no", "delete-marker-version": "yes",
	}, answers)
	assert.Empty(t, smokeLeftovers(t, l))
}

// smokeUntilItWaits starts the program while nothing is replicated, and signals it
// once all of its resources exist.
func smokeUntilItWaits(t *testing.T, l *lab, signal os.Signal) {
	t.Helper()
	fault := strings.TrimSpace(l.mustRun("crr", "local", "fault", "set", "pause", "--dir", l.local()))
	defer l.mustRun("crr", "local", "fault", "clear", fault, "--dir", l.local())
	command := smoke(t, l, "--yes", "--patience", "10m", "--limit", "20m")
	require.NoError(t, command.Start())
	require.Eventually(t, func() bool { return len(smokeLeftovers(t, l)) == 5 && smokeWaits(t, l) }, 2*time.Minute, 200*time.Millisecond)
	require.NoError(t, command.Process.Signal(signal))
	assert.Error(t, command.Wait(), "a run that was ended has no answers")
}

// smokeWaits reports whether an object was put.
func smokeWaits(t *testing.T, l *lab) bool {
	t.Helper()
	for _, name := range smokeLeftovers(t, l) {
		if !strings.HasSuffix(name, "-source") || strings.HasPrefix(name, "alias/") {
			continue
		}
		found, err := l.in("us-east-1").s3.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: &name})
		return err == nil && len(found.Versions) > 0
	}
	return false
}
