package stacks

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
)

// tangled has every setting that affects the S3 configuration, with names and keys
// that are known beforehand.
const tangled = `
config:
  crr:replications:
    - name: data
      direction: two-way
      source:
        region: us-east-1
        bucket: tangled-source
        kmsKeyArn: arn:aws:kms:us-east-1:111111111111:key/11111111-1111-1111-1111-111111111111
        assumeRoleArn: arn:aws:iam::111111111111:role/deploy
      destinations:
        - name: dr
          region: us-west-2
          bucket: tangled-dr
          kmsKeyArn: arn:aws:kms:us-west-2:222222222222:key/22222222-2222-2222-2222-222222222222
          assumeRoleArn: arn:aws:iam::222222222222:role/deploy
          storageClass: STANDARD_IA
          lifecycle: { noncurrentDays: 10 }
        - name: eu
          region: eu-west-1
          bucket: tangled-eu
          kmsKeyArn: arn:aws:kms:eu-west-1:111111111111:key/33333333-3333-3333-3333-333333333333
          assumeRoleArn: arn:aws:iam::111111111111:role/deploy
      rules:
        - id: timed
          destinations: [dr]
          prefix: finance/
          replicationTimeControl: true
        - id: critical
          tags: { class: critical }
          storageClass: STANDARD
        - id: several
          prefix: logs/
          tags: { a: "1", b: "2" }
          metrics: false
          enabled: false
        - id: rest
          deleteMarkers: false
      monitoring: { emails: [ops@example.com] }
`

// What is asked about offline must be what the program deploys.
func TestSubjects_AreWhatTheProgramDeploys(t *testing.T) {
	t.Parallel()
	recorder, err := run(t, tangled)
	require.NoError(t, err)
	deployed := map[string][]any{}
	for _, configuration := range recorder.OfType("aws:s3/bucketReplicationConfig:BucketReplicationConfig") {
		inputs := configuration.Inputs.Mappable()
		deployed[inputs["bucket"].(string)] = inputs["rules"].([]any)
	}
	asked := map[string][]any{}
	for _, subject := range subjectsOf(t, tangled) {
		asked[subject.Facts.Source.Bucket] = asPulumi(t, subject.Configuration)
	}
	assert.Equal(t, pretty(t, deployed), pretty(t, asked))
	assert.Len(t, asked, 3)
}

func subjectsOf(t *testing.T, text string) []model.Subject {
	t.Helper()
	return configOf(t, text).Subjects()
}

func configOf(t *testing.T, text string) stackfile.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "Pulumi.test.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	config, err := stackfile.ReadFile(file)
	require.NoError(t, err)
	return config
}

// asPulumi returns the rules in the words of the provider: in camel case, and tags
// as a map.
func asPulumi(t *testing.T, configuration s3config.Configuration) []any {
	t.Helper()
	data, err := json.Marshal(configuration.Rules)
	require.NoError(t, err)
	var rules []any
	require.NoError(t, json.Unmarshal(data, &rules))
	return camelCase(rules).([]any)
}

func camelCase(value any) any {
	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = camelCase(value[i])
		}
		return value
	case map[string]any:
		renamed := map[string]any{}
		for key, each := range value {
			if key == "Tags" {
				each = tagMap(each.([]any))
			} else {
				each = camelCase(each)
			}
			renamed[strings.ToLower(key[:1])+strings.ReplaceAll(key[1:], "ID", "Id")] = each
		}
		if id, has := renamed["iD"]; has {
			renamed["id"] = id
			delete(renamed, "iD")
		}
		return renamed
	default:
		return value
	}
}

func tagMap(tags []any) map[string]any {
	byKey := map[string]any{}
	for _, tag := range tags {
		pair := tag.(map[string]any)
		byKey[pair["Key"].(string)] = pair["Value"]
	}
	return byKey
}

func pretty(t *testing.T, value any) string {
	t.Helper()
	data, err := json.MarshalIndent(value, "", " ")
	require.NoError(t, err)
	return string(data)
}

func TestSubjects_KnowWhatTheFileSays(t *testing.T) {
	t.Parallel()
	subjects := subjectsOf(t, tangled)
	data := subjects[0]
	assert.Equal(t, []string{"rules[0]", "rules[1]", "rules[1]", "rules[2]", "rules[2]", "rules[3]", "rules[3]"}, data.RulePaths)
	assert.Equal(t, "replications[0]", data.Path)
	assert.Equal(t, 10, data.Facts.Destinations["tangled-dr"].NoncurrentDays)
	assert.Equal(t, "222222222222", data.Facts.Destinations["tangled-dr"].Account)
	assert.Equal(t, model.VersioningEnabled, data.Facts.Source.Versioning)
	assert.Equal(t, model.Yes, data.Monitoring.Notifies)
	assert.Len(t, data.Monitoring.Alarms, 10, "two for each rule with metrics")

	findings := model.Lint(subjects...)
	assert.Zero(t, findings.Count(model.SeverityError), "but for the rule without metrics, which is disabled: %v", findings)
	var paths []string
	for _, finding := range findings {
		if finding.ID == "class-minimum-duration" {
			paths = append(paths, finding.Path)
		}
	}
	assert.Equal(t, []string{"replications[0].rules[0]", "replications[0].rules[3]"}, paths)
}

func TestSubjects_OfAdoptedBucketsKnowLittle(t *testing.T) {
	t.Parallel()
	subjects := subjectsOf(t, `
config:
  crr:replications:
    - name: data
      source: { region: us-east-1 }
      destinations:
        - name: dr
          region: us-west-2
          bucket: adopted-bucket
          existing: true
          kmsKeyArn: arn:aws:kms:us-west-2:111111111111:key/22222222-2222-2222-2222-222222222222
`)
	facts := subjects[0].Facts.Destinations["adopted-bucket"]
	assert.Empty(t, facts.Versioning)
	assert.Empty(t, facts.Ownership)
	assert.Equal(t, model.Unknown, facts.ObjectLock)
	assert.Equal(t, model.VersioningEnabled, subjects[0].Facts.Source.Versioning)
}

func TestSubjects_OfThisRepositoryAreWell(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../Pulumi.*.yaml")
	require.NoError(t, err)
	for _, file := range files {
		config, err := stackfile.ReadFile(file)
		require.NoError(t, err)
		findings := model.Lint(config.Subjects()...)
		assert.True(t, findings.OK(), "%s: %v", file, findings)
	}
}

const foreignDestination = `
config:
  crr:replications:
    - name: data
      source: { region: us-east-1 }
      destinations:
        - name: partner
          region: us-west-2
          bucket: their-bucket
          existing: true
          kmsKeyArn: arn:aws:kms:us-west-2:222222222222:key/22222222-2222-2222-2222-222222222222
`

// The account of the credentials is unknown before deployment, and that of an existing
// bucket is: neither is taken for the other.
func TestSubjects_OfAForeignDestinationSayWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	decision := explained(t, foreignDestination)
	assert.Equal(t, model.OwnedByDestination, decision.Replica.Owner)
	assert.Equal(t, "222222222222", decision.Replica.OwnerAccount)
	assert.Contains(t, sentences(decision), "both buckets belong to the account 222222222222, or the destination's owner allows the replication role")
}

func TestSubjects_KnowTheAccountsThatAreNamed(t *testing.T) {
	t.Parallel()
	named := map[string]string{
		"by the role":           "role: { arn: arn:aws:iam::111111111111:role/mine }\n      source: { region: us-east-1 }",
		"by the role to assume": "source: { region: us-east-1, assumeRoleArn: arn:aws:iam::111111111111:role/deploy }",
		"by an existing source": "source: { region: us-east-1, bucket: ours, existing: true, replaceRules: true, kmsKeyArn: arn:aws:kms:us-east-1:111111111111:key/1 }",
	}
	for name, source := range named {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			decision := explained(t, strings.Replace(foreignDestination, "source: { region: us-east-1 }", source, 1))
			assert.Equal(t, "222222222222", decision.Replica.OwnerAccount)
			assert.NotContains(t, sentences(decision), "both buckets belong to")
		})
	}
}

func TestSubjects_OfOneStackAreOfOneAccount(t *testing.T) {
	t.Parallel()
	decision := explained(t, "config:\n  crr:replications: [{ name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }] }]")
	assert.Equal(t, "arn:aws:kms:us-west-2:<account>:key/<generated>", decision.Replica.KMSKey)
	assert.NotContains(t, sentences(decision), "account")
}

func explained(t *testing.T, text string) model.Decision {
	t.Helper()
	subject := subjectsOf(t, text)[0]
	explanation := model.NewExplainer(subject.Configuration, subject.Facts).Explain(model.Object{Key: "a", Encryption: model.SSEKMS})
	require.Len(t, explanation.Decisions, 1)
	return explanation.Decisions[0]
}

func sentences(decision model.Decision) string {
	var all []string
	for _, assumption := range decision.Assumptions {
		all = append(all, assumption.Sentence)
	}
	return strings.Join(all, "\n")
}

// The grants for owners must name the roles that are deployed.
func TestDescriptors_NameRolesAsTheProgramDoes(t *testing.T) {
	t.Parallel()
	for name, role := range map[string]string{"generated": "", "given": "\n      role: { name: mine, path: /storage/ }"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(tangled, "direction: two-way", "direction: two-way"+role, 1)
			recorder, err := run(t, text)
			require.NoError(t, err)
			var deployed, asked []string
			for _, made := range recorder.OfType("aws:iam/role:Role") {
				inputs := made.Inputs.Mappable()
				deployed = append(deployed, textOr(inputs["path"], "/")+textOr(inputs["name"], made.Name+"-<generated>"))
			}
			for _, grant := range model.Grants(configOf(t, text).Descriptors()...) {
				if _, path, isRole := strings.Cut(grant.Resource, ":role"); isRole {
					asked = append(asked, path)
				}
			}
			assert.ElementsMatch(t, deployed, asked)
		})
	}
}

func textOr(value any, otherwise string) string {
	if text, given := value.(string); given {
		return text
	}
	return otherwise
}
