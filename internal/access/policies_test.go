package access

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// TestKinds_AreWellFormed looks at every line of the tables.
func TestKinds_AreWellFormed(t *testing.T) {
	t.Parallel()
	all := map[string][]Grant{}
	for _, each := range kinds {
		assert.NotContains(t, all, each.token, "a type has one line")
		all[each.token] = each.grants
	}
	for _, each := range torn {
		all["teardown "+each.token] = each.grants
	}
	for task, table := range commands {
		for part, grants := range table {
			all[string(task)+" "+part] = grants
		}
	}
	for name, grants := range all {
		require.NotEmpty(t, grants, name)
		for _, grant := range grants {
			for _, action := range grant.Actions {
				assert.Regexp(t, `^[a-z0-9]+:[A-Z][A-Za-z]+$`, action, "%s: an action without wildcards", name)
			}
			for _, on := range grant.On {
				if on == everywhere || on == anyKey {
					assert.NotEmpty(t, grant.Wide, "%s: %v on %s needs a reason", name, grant.Actions, on)
				}
			}
		}
	}
}

func TestDeploy_RefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	_, err := Deploy([]Resource{{Type: "aws:ec2/instance:Instance", Name: "i"}})
	assert.ErrorContains(t, err, "aws:ec2/instance:Instance has no line in the table")
	policies, err := Deploy([]Resource{{Type: "crr:index:ReplicatedBucket", Name: "data"}, {Type: "random:index:Id", Name: "r"}})
	require.NoError(t, err)
	assert.Empty(t, policies)
}

func TestDeploy_ResourcesAreAsTightAsNamesAllow(t *testing.T) {
	t.Parallel()
	at := Resource{Region: "us-east-1", Account: "111111111111"}
	resource := func(token, name string, inputs map[string]any) Resource {
		r := at
		r.Type, r.Name, r.Inputs = token, name, inputs
		return r
	}
	policies, err := Deploy([]Resource{
		resource("aws:s3/bucketV2:BucketV2", "data-Source", nil),
		resource("aws:s3/bucketV2:BucketV2", "data-dr", map[string]any{"bucket": "given", "forceDestroy": true}),
		resource("aws:iam/role:Role", "data-role", map[string]any{"path": "/storage/"}),
		resource("aws:iam/rolePolicy:RolePolicy", "data-role-policy", map[string]any{"role": "data-role-*"}),
		resource("aws:s3/bucketReplicationConfig:BucketReplicationConfig", "r", map[string]any{"bucket": "given", "role": "arn:aws:iam::111111111111:role/theirs"}),
		resource("aws:kms/key:Key", "data-key", nil),
	})
	require.NoError(t, err)
	require.Len(t, policies, 1)
	cases := map[string]bool{
		"s3:CreateBucket arn:aws:s3:::data-source-0123456":                                    true,
		"s3:CreateBucket arn:aws:s3:::data-other-0123456":                                     false,
		"s3:CreateBucket arn:aws:s3:::given":                                                  true,
		"s3:CreateBucket arn:aws:s3:::given-more":                                             false,
		"s3:DeleteObjectVersion arn:aws:s3:::given/k":                                         true,
		"s3:DeleteObjectVersion arn:aws:s3:::data-source-0123456/k":                           false,
		"s3:GetObject arn:aws:s3:::given/k":                                                   false,
		"s3:PutReplicationConfiguration arn:aws:s3:::given":                                   true,
		"s3:PutReplicationConfiguration arn:aws:s3:::data-source-0123456":                     false,
		"iam:CreateRole arn:aws:iam::111111111111:role/storage/data-role-0123456":             true,
		"iam:CreateRole arn:aws:iam::111111111111:role/data-role-0123456":                     false,
		"iam:PutRolePolicy arn:aws:iam::111111111111:role/storage/data-role-0123456":          true,
		"iam:PutRolePolicy arn:aws:iam::111111111111:role/admin/data-role-0123456":            false,
		"kms:PutKeyPolicy arn:aws:kms:us-east-1:111111111111:key/any":                         true,
		"kms:PutKeyPolicy arn:aws:kms:us-west-2:111111111111:key/any":                         false,
		"kms:Decrypt arn:aws:kms:us-east-1:111111111111:key/any":                              false,
		"sns:CreateTopic arn:aws:sns:us-east-1:111111111111:data-anything":                    false,
		"iam:PassRole arn:aws:iam::111111111111:role/theirs iam:PassedToService=s3":           true,
		"iam:PassRole arn:aws:iam::111111111111:role/theirs iam:PassedToService=lambda":       false,
		"iam:PassRole arn:aws:iam::111111111111:role/other iam:PassedToService=s3":            false,
		"iam:PassRole arn:aws:iam::111111111111:role/storage/data-role-0123456 to=nothing":    false,
		"iam:DeleteRole arn:aws:iam::111111111111:role/theirs":                                false,
		"iam:UpdateAssumeRolePolicy arn:aws:iam::111111111111:role/storage/data-role-0123456": true,
	}
	for request, want := range cases {
		fields := strings.Fields(request)
		asked := policy.Request{Principal: "arn:aws:iam::111111111111:role/deployer", Action: fields[0], Resource: fields[1], Context: map[string][]string{}}
		if len(fields) > 2 {
			key, value, _ := strings.Cut(fields[2], "=")
			asked.Context[key] = []string{value + ".amazonaws.com"}
		}
		decision := policy.Evaluate(policy.Policies{Identity: policies[0].Documents}, asked)
		assert.Equal(t, want, decision.Allowed, "%s: %s", request, decision)
	}
}

func TestDeploy_OnePolicyForEachAccount(t *testing.T) {
	t.Parallel()
	const role = "arn:aws:iam::222222222222:role/deploy"
	policies, err := Deploy([]Resource{
		{Type: "pulumi:providers:aws", Name: "there", Region: "us-west-2", Inputs: map[string]any{"assumes": role}},
		{Type: "aws:s3/bucketV2:BucketV2", Name: "near", Region: "us-east-1"},
		{Type: "aws:s3/bucketV2:BucketV2", Name: "there", Region: "us-west-2", Account: "222222222222", AssumeRoleARN: role},
	})
	require.NoError(t, err)
	require.Len(t, policies, 2)
	assert.Contains(t, policies[0].Documents[0].JSON(), `{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"`+role+`"}`)
	assert.Contains(t, strings.Join(policies[0].Notes, " "), "--account")
	assert.Equal(t, role, policies[1].Principal)
	assert.NotContains(t, policies[1].Documents[0].JSON(), "near-*")
}

// TestSplit_FitsManagedPolicies has more resources than one policy takes.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func TestSplit_FitsManagedPolicies(t *testing.T) {
	t.Parallel()
	var resources []Resource
	for n := range 400 {
		resources = append(resources, Resource{
			Type: "aws:s3/bucketV2:BucketV2", Name: "x", Region: "us-east-1", Account: "111111111111", Inputs: map[string]any{"bucket": fmt.Sprintf("bucketwithalongname%03d", n)},
		})
	}
	policies, err := Deploy(resources)
	require.NoError(t, err)
	require.Greater(t, len(policies[0].Documents), 1)
	allowed := 0
	for _, document := range policies[0].Documents {
		assert.LessOrEqual(t, size(document), MaxPolicySize)
		assert.NoError(t, document.ValidateAs(policy.IdentityPolicy))
		for _, statement := range document.Statement {
			allowed += len(statement.Resource)
		}
	}
	assert.Equal(t, 400, allowed, "nothing is lost")
	assert.Contains(t, strings.Join(policies[0].Notes, " "), "attach all of them")
}

func TestCompact(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ arns, want []string }{
		"what a pattern covers":         {[]string{"arn:aws:s3:::data-*", "arn:aws:s3:::data-dr-1"}, []string{"arn:aws:s3:::data-*"}},
		"the same twice":                {[]string{"arn:aws:s3:::a", "arn:aws:s3:::a"}, []string{"arn:aws:s3:::a"}},
		"others stay":                   {[]string{"arn:aws:s3:::b-*", "arn:aws:s3:::a"}, []string{"arn:aws:s3:::a", "arn:aws:s3:::b-*"}},
		"patterns of another kind stay": {[]string{"arn:aws:kms:us-east-1:1:key/*", "arn:aws:kms:us-east-1:1:alias/a"}, []string{"arn:aws:kms:us-east-1:1:alias/a", "arn:aws:kms:us-east-1:1:key/*"}},
		"many of one beginning": {
			[]string{"arn:aws:s3:::d-1-*", "arn:aws:s3:::d-2-*", "arn:aws:s3:::d-3-*", "arn:aws:s3:::d-4-*", "arn:aws:s3:::d-5-*", "arn:aws:s3:::d-6-*", "arn:aws:s3:::e-*"},
			[]string{"arn:aws:s3:::d-*", "arn:aws:s3:::e-*"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, compact(c.arns))
		})
	}
}

func TestFor_CommandsLookAndVerifyProbes(t *testing.T) {
	t.Parallel()
	d := replication.Descriptor{
		Version: 1, Name: "data", RoleARN: "arn:aws:iam::111111111111:role/r",
		Source:       replication.DeployedBucket{Name: "source", Bucket: "a", ARN: "arn:aws:s3:::a", Region: "us-east-1", AccountID: "111111111111", KMSKeyARN: "arn:aws:kms:us-east-1:111111111111:key/a"},
		Destinations: []replication.DeployedBucket{{Name: "dr", Bucket: "b", ARN: "arn:aws:s3:::b", Region: "us-west-2", AccountID: "222222222222", AssumeRoleARN: "arn:aws:iam::222222222222:role/deploy"}},
		Rules:        []replication.Rule{{ID: "x", Destination: "dr", Prefix: "finance/"}},
	}
	for task, c := range map[Task]struct{ mayPut, mayRead bool }{
		ToVerify: {true, true}, ToStatus: {false, false}, ToReport: {false, false}, ToCompare: {false, true}, ToObject: {false, true},
	} {
		policies, err := For(task, []replication.Descriptor{d})
		require.NoError(t, err)
		require.Len(t, policies, 2, task)
		may := func(of Policy, account, action, resource string) bool {
			return policy.Evaluate(policy.Policies{Identity: of.Documents}, policy.Request{
				Principal: "arn:aws:iam::" + account + ":role/operator", Action: action, Resource: resource,
			}).Allowed
		}
		assert.Equal(t, c.mayPut, may(policies[0], "111111111111", "s3:PutObject", "arn:aws:s3:::a/finance/.crr-verify/run/probe"), task)
		assert.Equal(t, c.mayRead, may(policies[1], "222222222222", "s3:GetObjectVersion", "arn:aws:s3:::b/.crr-verify/run/probe"), task)
		assert.Equal(t, task != ToReport, may(policies[0], "111111111111", "s3:GetReplicationConfiguration", "arn:aws:s3:::a"), task)
		for _, action := range []string{"s3:PutObject", "s3:DeleteObjectVersion", "s3:PutBucketPolicy", "s3:DeleteBucket", "kms:PutKeyPolicy", "iam:PutRolePolicy"} {
			assert.False(t, may(policies[0], "111111111111", action, "arn:aws:s3:::a/finance/q3.pdf"), "%s may not %s", task, action)
		}
	}
	_, err := For(ToDeploy, nil)
	assert.Error(t, err)
}

// TestDeployed_ReadsAState has a generated and a given name, and a provider of
// another account.
func TestDeployed_ReadsAState(t *testing.T) {
	t.Parallel()
	const urn = "urn:pulumi:test::crr::"
	state, err := json.Marshal(map[string]any{"deployment": map[string]any{"resources": []map[string]any{
		{"urn": urn + "pulumi:providers:aws::crr-us-east-1", "type": "pulumi:providers:aws", "inputs": map[string]any{"region": "us-east-1"}},
		{"urn": urn + "pulumi:providers:aws::there", "type": "pulumi:providers:aws", "inputs": map[string]any{"region": "us-west-2", "assumeRole": `{"roleArn":"arn:aws:iam::222222222222:role/deploy"}`}},
		{
			"urn": urn + "crr:index:ReplicatedBucket$aws:s3/bucketV2:BucketV2::data-source", "type": "aws:s3/bucketV2:BucketV2", "provider": urn + "pulumi:providers:aws::crr-us-east-1::id",
			"inputs": map[string]any{"bucket": "data-source-abc", "__defaults": []string{"bucket"}}, "outputs": map[string]any{"arn": "arn:aws:s3:::data-source-abc"},
		},
		{
			"urn": urn + "aws:kms/key:Key::data-key", "type": "aws:kms/key:Key", "provider": urn + "pulumi:providers:aws::crr-us-east-1::id",
			"outputs": map[string]any{"arn": "arn:aws:kms:us-east-1:111111111111:key/k"},
		},
		{"urn": urn + "aws:s3/bucketV2:BucketV2::data-dr", "type": "aws:s3/bucketV2:BucketV2", "provider": urn + "pulumi:providers:aws::there::id", "inputs": map[string]any{"bucket": "given"}},
	}}})
	require.NoError(t, err)
	resources, err := Deployed(state)
	require.NoError(t, err)
	policies, err := Deploy(resources)
	require.NoError(t, err)
	require.Len(t, policies, 2)
	assert.Equal(t, "111111111111", policies[0].Account)
	assert.Contains(t, policies[0].Documents[0].JSON(), `"arn:aws:s3:::data-source-*"`)
	assert.Contains(t, policies[0].Documents[0].JSON(), `"sts:AssumeRole"`)
	assert.Equal(t, "arn:aws:iam::222222222222:role/deploy", policies[1].Principal)
	assert.Contains(t, policies[1].Documents[0].JSON(), `"arn:aws:s3:::given"`)
	_, err = Deployed([]byte("no state"))
	assert.ErrorContains(t, err, "reading the state of the stack")
}
