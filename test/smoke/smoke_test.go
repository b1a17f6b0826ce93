package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func testSite() *site {
	s := newSite(aws.Config{}, "111122223333", "us-east-1", "us-west-2")
	s.source.KMSKeyARN = "arn:aws:kms:us-east-1:111122223333:key/0a0b0c0d-0000-4000-8000-000000000001"
	s.destination.KMSKeyARN = "arn:aws:kms:us-west-2:111122223333:key/0a0b0c0d-0000-4000-8000-000000000002"
	return s
}

func TestReport_TellsNothingOfTheAccount(t *testing.T) {
	t.Parallel()
	s := testSite()
	e := newExperiment(s, options{}, &bytes.Buffer{})
	e.answer(askETag, no, "in %s and %s under %s", bucketOf(s.source), s.destination.BucketARN, s.source.KMSKeyARN)
	left := []thing{{kind: bucketKind, region: "us-east-1", name: bucketOf(s.source), problem: "AccessDenied: User: arn:aws:iam::444455556666:user/ann " +
		"is not authorized, RequestID: 7d1f8a7e-0000-4000-8000-3f2504e04f89, HostID: a+b/c="}}
	r := e.report(time.Now(), left, errors.New("making "+s.roleARN+" for 111122223333 with AKIAIOSFODNN7EXAMPLE"))
	name := filepath.Join(t.TempDir(), "report")
	require.NoError(t, r.write(name, s.redactor()))
	for _, ending := range []string{".md", ".json"} {
		data, err := os.ReadFile(name + ending)
		require.NoError(t, err)
		text := string(data)
		for _, secret := range []string{"111122223333", "444455556666", s.run, "0a0b0c0d", "ann", "AKIA", "7d1f8a7e", "a+b/c"} {
			assert.NotContains(t, text, secret, ending)
		}
		assert.Contains(t, text, "in SOURCE-BUCKET and REPLICA-BUCKET-ARN under SOURCE-KEY-ARN")
		assert.Contains(t, text, "making ROLE-ARN for ACCOUNT")
	}
	var read report
	data, err := os.ReadFile(name + ".json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &read))
	assert.Len(t, read.Answers, len(questions))
	assert.Contains(t, read.unknown(), askMarker, "what was not asked has no answer")
}

func TestOlderThan_LeavesRunsThatMayBeUnderWay(t *testing.T) {
	t.Parallel()
	now := thing{kind: bucketKind, name: bucketOf(testSite().source)}
	old := thing{kind: bucketKind, name: "crr-smoke-5f000000aabbccdd-source"}
	assert.Equal(t, []thing{old}, olderThan([]thing{now, old}, 20*time.Minute))
}

func TestTrust_HasTheConditionThatIsInQuestion(t *testing.T) {
	t.Parallel()
	assert.Contains(t, testSite().trust(true), `"StringEquals":{"aws:SourceAccount":"111122223333"}`)
	assert.NotContains(t, testSite().trust(false), "Condition")
}

func TestCommand_AsksBeforeItMakesAnything(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	agreed, err := options{}.agreed(&bytes.Buffer{}, &out)
	assert.False(t, agreed)
	assert.ErrorContains(t, err, "give --yes")
}

func TestCommand_RefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--limit", "1m"},
		{"more"},
		{"--source-region", "us-east-1", "--destination-region", "us-east-1"},
		{"--config", filepath.Join(t.TempDir(), "missing.yaml")},
	} {
		code, err := command(t.Context(), args, &bytes.Buffer{}, &bytes.Buffer{}, &bytes.Buffer{})
		assert.Equal(t, exitNoAnswer, code, args)
		assert.Error(t, err, args)
	}
}
