package e2e

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const plainPair = `
  crr:replications:
    - name: data
      source: { region: us-east-1 }
      destinations: [{ name: dr, region: us-west-2 }]
`

// TestAccounts_WhatIsNotRightIsRefusedAndNothingIsMade deploys without a preview,
// which must not create the first resource either.
func TestAccounts_WhatIsNotRightIsRefusedAndNothingIsMade(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	account := l.account()
	for _, c := range []struct {
		name, config string
		program      bool
		// preview also runs a preview.
		preview bool
		want    []string
	}{
		{
			name: "an allowed account that is another", preview: true, config: "  aws:allowedAccountIds: ['222222222222']" + plainPair,
			want: []string{"data/source: the AWS provider of us-east-1 can't be used", "must be of account 222222222222"},
		},
		{
			name: "a profile that does not exist", config: "  aws:profile: nowhere" + plainPair,
			want: []string{"data/source: the AWS provider of us-east-1 can't be used", `aws:profile "nowhere"`},
		},
		{
			name: "an account id of the stack", config: "  crr:accountId: '222222222222'" + plainPair,
			want: []string{"data/source: the AWS provider of us-east-1 can't be used", "must be of account 222222222222"},
		},
		{name: "a misspelt setting of the provider", config: "  aws:profil: prod" + plainPair, want: []string{"aws:profil: is not a setting", "did you mean aws:profile?"}},
		{name: "a misspelt region", config: strings.Replace(plainPair, "us-east-1", "us-esat-1", 1), want: []string{"did you mean us-east-1?"}},
		{
			name: "a provider as a resource option", program: true, config: "  providers:name: mine\n  providers:region: us-east-1\n  providers:option: true",
			want: []string{"pulumi.Provider and pulumi.Providers are not supported", "BucketArgs.Provider"},
		},
		{
			name: "a provider of another region", program: true, config: "  providers:name: mine\n  providers:region: eu-west-1",
			want: []string{"data/source: its Provider is for eu-west-1, but its Region is us-east-1"},
		},
		{
			name: "a provider of another account", program: true, config: "  providers:name: mine\n  providers:region: us-east-1\n  providers:accountId: '222222222222'",
			want: []string{"data/source: must be in account 222222222222, but the credentials belong to account " + account + " (arn:aws:"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := l.of(t)
			l.project("config:\n" + c.config + "\n")
			if c.program {
				l.providersProgram()
			}
			commands := [][]string{{"up", "--yes", "--skip-preview"}}
			if c.preview {
				commands = append(commands, []string{"preview"})
			}
			for _, command := range commands {
				output, err := l.run("pulumi", append(command, "--stack", "test", "--non-interactive")...)
				require.Error(t, err, output)
				for _, want := range c.want {
					assert.Contains(t, output, want)
				}
			}
			l.assertNothingMade()
		})
	}
}

// of returns the lab for a subtest.
func (l *lab) of(t *testing.T) *lab {
	t.Helper()
	of := *l
	of.t = t
	return &of
}

// account returns the account of the lab's credentials.
func (l *lab) account() string {
	l.t.Helper()
	caller, err := sts.NewFromConfig(configOf(l.t, l.env, "us-east-1")).GetCallerIdentity(l.t.Context(), &sts.GetCallerIdentityInput{})
	require.NoError(l.t, err)
	return aws.ToString(caller.Account)
}

// providersProgram uses the program in testdata for the stack.
func (l *lab) providersProgram() {
	l.t.Helper()
	program := filepath.Join(l.dir, "providers")
	output, err := runIn(l.t, repository(l.t), l.env, "go", "build", "-o", program, "./test/e2e/testdata/providers")
	require.NoError(l.t, err, output)
	l.write("Pulumi.yaml", fmt.Sprintf("name: crr\nruntime: { name: go, options: { binary: %q } }\n", program))
}

func (l *lab) assertNothingMade() {
	l.t.Helper()
	for _, resource := range l.resources() {
		assert.NotContains(l.t, resource.Type, "aws:", "%s", resource.URN)
	}
	for _, region := range []string{"us-east-1", "us-west-2", "eu-west-1"} {
		buckets, err := l.in(region).s3.ListBuckets(l.t.Context(), &s3.ListBucketsInput{})
		require.NoError(l.t, err)
		assert.Empty(l.t, buckets.Buckets)
		keys, err := l.in(region).kms.ListKeys(l.t.Context(), &kms.ListKeysInput{})
		require.NoError(l.t, err)
		assert.Empty(l.t, keys.Keys)
	}
}

// stateResource is a resource in the engine's state.
type stateResource struct {
	URN, ID, Type, Provider string
	Outputs                 map[string]any
}

// resources returns the resources in the engine's state, except providers.
func (l *lab) resources() []stateResource {
	l.t.Helper()
	var state struct {
		Deployment struct{ Resources []stateResource }
	}
	require.NoError(l.t, json.Unmarshal([]byte(l.mustRun("pulumi", "stack", "export", "--stack", "test")), &state))
	var found []stateResource
	for _, resource := range state.Deployment.Resources {
		if resource.Type != "pulumi:providers:aws" {
			found = append(found, resource)
		}
	}
	return found
}

// TestAccounts_CredentialsOfADeployedStackCanChange adds, renames and removes
// assumeRoleArn for a stack with objects, and configures another account.
func TestAccounts_CredentialsOfADeployedStackCanChange(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	account := l.account()
	deploy := func(destination, more string) (string, error) {
		l.project("config:\n  crr:forceDestroy: true\n" + more + `  crr:replications:
    - name: data
      source: { region: us-east-1 }
      destinations: [{ name: dr, region: us-west-2` + destination + ` }]
      monitoring: { emails: [ops@example.com] }
`)
		return l.run("pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", "test")
	}
	output, err := deploy("", "")
	require.NoError(t, err, output)
	before := l.dataResources()
	require.Len(t, before, 6, "two buckets with their keys, and the keys of the topics in two regions")
	d := l.descriptors()[0]
	l.assertReplicates("us-east-1", d.Source.Bucket, "us-west-2", d.Destinations[0].Bucket, "before")
	role := func(account, name string) string {
		return ", assumeRoleArn: 'arn:aws:iam::" + account + ":role/" + name + "'"
	}

	for _, step := range []struct{ name, destination, more string }{
		{"a role of the same account is added", role(account, "administrator"), ""},
		{"it is renamed", role(account, "administrator-2"), ""},
		{"it is removed", "", ""},
		{"default tags and an allowed account are added", "", "  aws:defaultTags: { tags: { team: storage } }\n  aws:allowedAccountIds: ['" + account + "']\n  crr:accountId: '" + account + "'\n"},
	} {
		t.Run(step.name, func(t *testing.T) {
			output, err := deploy(step.destination, step.more)
			require.NoError(t, err, output)
			assert.Equal(t, before, l.dataResources(), "no bucket or key may be replaced")
			l.of(t).mustRun("pulumi", "preview", "--expect-no-changes", "--stack", "test")
			l.of(t).assertReplicates("us-east-1", d.Source.Bucket, "us-west-2", d.Destinations[0].Bucket, strings.ReplaceAll(step.name, " ", "-"))
		})
	}
	tagged, err := l.in("us-west-2").s3.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: aws.String(d.Destinations[0].Bucket)})
	require.NoError(t, err)
	assert.Contains(t, fmt.Sprint(*tagged.TagSet[0].Key), "team")

	t.Run("a role of another account is asked for", func(t *testing.T) {
		output, err := deploy(role("222222222222", "deploy"), "")
		require.Error(t, err, output)
		assert.Contains(t, output, "data/dr: is deployed in account "+account+", but the credentials belong to account 222222222222")
		assert.Equal(t, before, l.dataResources())
	})
	output, err = deploy("", "")
	require.NoError(t, err, output)
	l.in("us-west-2").read(t, d.Destinations[0].Bucket, "before")
	l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
}

// read reads an object.
func (c clients) read(t *testing.T, bucket, key string) {
	t.Helper()
	object, err := c.s3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	require.NoError(t, err)
	require.NoError(t, object.Body.Close())
}

// dataResources returns the buckets and keys in the engine's state, by URN.
func (l *lab) dataResources() map[string]string {
	l.t.Helper()
	found := map[string]string{}
	for _, resource := range l.resources() {
		if strings.Contains(resource.Type, "BucketV2") && strings.HasPrefix(resource.Type, "aws:s3/bucketV2") || resource.Type == "aws:kms/key:Key" {
			found[resource.URN] = resource.ID
		}
	}
	return found
}
