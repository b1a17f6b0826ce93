package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// findingCase is a command line that gives a finding. "=R" is the file with the
// replication, whose first rule the change is made to, and which has more rules by
// changes of their own; "=S" is that of the bucket dr. Other files are named by @.
type findingCase struct {
	args   string
	change string
	more   []string
	onward string
	files  map[string]string
}

const (
	sampleRule = `{"ID": "all", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Disabled"},
		"SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
		"Destination": {"Bucket": "arn:aws:s3:::dr", "EncryptionConfiguration": {"ReplicaKmsKeyID": "arn:aws:kms:us-west-2:111111111111:key/1"}, "Metrics": {"Status": "Enabled"}}}`
	withoutKMS  = `{"SourceSelectionCriteria": null, "Destination": {"EncryptionConfiguration": null}}`
	firstSchema = `{"Filter": null, "Prefix": "", "Priority": null, "DeleteMarkerReplication": null, "SourceSelectionCriteria": null, "Destination": {"EncryptionConfiguration": null}}`
	sourceKey   = "arn:aws:kms:us-east-1:111111111111:key/2"
	ownerOfDR   = `{"Destination": {"Account": "222222222222", "AccessControlTranslation": {"Owner": "Destination"}}}`
	aliasOfDR   = `{"Destination": {"Account": "222222222222", "EncryptionConfiguration": {"ReplicaKmsKeyID": "arn:aws:kms:us-west-2:222222222222:alias/dr"}}}`
	managedKey  = `{"Destination": {"Account": "222222222222", "EncryptionConfiguration": {"ReplicaKmsKeyID": "arn:aws:kms:us-west-2:222222222222:alias/aws/s3"}}}`
	allowsAll   = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`
	deniesOrg   = `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:ReplicateObject", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}}]}`
	deniesPuts  = `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:ReplicateObject", "Resource": "*"}]}`
	deniesTags  = `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:ReplicateTags", "Resource": "*"}]}`
	onlyS3      = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}`
	reads       = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:GetObjectVersionForReplication", "Resource": "*"}]}`
	someKeys    = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Allow", "Action": "kms:*", "Resource": ["` + sourceKey + `", "arn:aws:kms:us-west-2:*:*"]}]}`
)

// facts is a case with a file of facts.
func facts(args, change, text string) findingCase {
	return findingCase{args: args + " --facts @facts.yaml", change: change, files: map[string]string{"facts.yaml": text}}
}

const lintBucket = "lint --replication data=R"

// lintFindings has a command line for every finding of lint.
var lintFindings = map[string]findingCase{
	"s3-refuses":                  {args: lintBucket, change: `{"Status": "On"}`},
	"existing-object-replication": {args: lintBucket, change: `{"ExistingObjectReplication": {"Status": "Enabled"}}`},
	"no-configuration":            {args: "lint --replication data=@empty.json", files: map[string]string{"empty.json": ""}},
	"nothing-replicates":          {args: lintBucket, change: `{"Status": "Disabled"}`},
	"rule-disabled":               {args: lintBucket, change: `{"Status": "Disabled"}`},
	"partly-covered":              {args: lintBucket, change: `{"Filter": {"Prefix": "a/"}}`},
	"rule-shadowed":               {args: lintBucket, more: []string{`{"ID": "b", "Priority": 0, "Filter": {"Prefix": "a/"}}`}},
	"rules-overlap": {
		args: lintBucket, change: `{"Filter": {"Prefix": "a/"}}`,
		more: []string{`{"ID": "b", "Priority": 2, "Filter": {"Prefix": null, "Tag": {"Key": "k", "Value": "v"}}, "Destination": {"StorageClass": "STANDARD_IA"}}`},
	},
	"rule-without-id":          {args: lintBucket, change: `{"ID": null}`},
	"schema-v1":                {args: lintBucket, change: firstSchema},
	"schema-v1-overlap":        {args: lintBucket, change: firstSchema, more: []string{strings.Replace(firstSchema, `"Prefix": ""`, `"ID": "b", "Prefix": "a/"`, 1)}},
	"priority-order":           {args: lintBucket, more: []string{`{"ID": "b", "Priority": 3}`, `{"ID": "c", "Priority": 2}`}},
	"prefix-leading-slash":     {args: lintBucket, change: `{"Filter": {"Prefix": "/a/"}}`},
	"prefix-wildcard":          {args: lintBucket, change: `{"Filter": {"Prefix": "a*"}}`},
	"prefix-names-bucket":      {args: lintBucket, change: `{"Filter": {"Prefix": "data/a/"}}`},
	"prefix-without-delimiter": {args: lintBucket, change: `{"Filter": {"Prefix": "tax"}}`},
	"delete-markers-to-copy":   {args: lintBucket, change: `{"DeleteMarkerReplication": {"Status": "Enabled"}}`},
	"existing-objects":         facts(lintBucket, "", "buckets: {data: {hadObjects: true}}"),
	"kms-not-selected":         {args: lintBucket, change: withoutKMS},
	"kms-default-not-selected": {args: lintBucket + " --source-key " + sourceKey, change: withoutKMS},
	"replica-key-invalid":      {args: lintBucket, change: `{"Destination": {"EncryptionConfiguration": {"ReplicaKmsKeyID": "1234"}}}`},
	"source-not-judged":        {args: "lint --replication R --role-policy @role.json", files: map[string]string{"role.json": allowsAll}},
	"judged-with-stand-ins": {args: "lint --config @Pulumi.x.yaml --bucket-policy dr=@p.json", files: map[string]string{
		"p.json": deniesTags, "Pulumi.x.yaml": "config: {'crr:replications': [{name: data, source: {region: us-east-1}, destinations: [{name: dr, region: us-west-2}]}]}",
	}},
	"replica-key-region":           facts(lintBucket, "", "buckets: {dr: {region: eu-west-1}}"),
	"replica-key-alias":            {args: lintBucket, change: aliasOfDR},
	"replica-key-aws-managed":      {args: lintBucket, change: managedKey},
	"replica-key-unusable":         facts(lintBucket, "", "keys: {'arn:aws:kms:us-west-2:111111111111:key/1': PendingDeletion}"),
	"source-key-unusable":          facts(lintBucket+" --source-key "+sourceKey, "", "keys: {'"+sourceKey+"': Disabled}"),
	"dsse-bucket-key":              facts(lintBucket, "", "buckets: {dr: {encryption: 'aws:kms:dsse', bucketKey: true}}"),
	"source-unversioned":           facts(lintBucket, "", "buckets: {data: {versioning: Suspended}}"),
	"destination-unversioned":      facts(lintBucket, "", "buckets: {dr: {versioning: 'Off'}}"),
	"destination-is-source":        {args: "lint --replication dr=R"},
	"object-lock-source-only":      facts(lintBucket, "", "buckets: {data: {objectLock: true}, dr: {objectLock: false}}"),
	"object-lock-destination-only": facts(lintBucket, "", "buckets: {data: {objectLock: false}, dr: {objectLock: true}}"),
	"region-unknown":               facts(lintBucket, "", "buckets: {dr: {region: eu-wset-1}}"),
	"same-region":                  facts(lintBucket, "", "buckets: {data: {region: us-west-2}, dr: {region: us-west-2}}"),
	"same-account":                 facts(lintBucket, "", "buckets: {dr: {account: 111111111111}}"),
	"owner-override-same-account":  facts(lintBucket, `{"Destination": {"Account": "111111111111", "AccessControlTranslation": {"Owner": "Destination"}}}`, "buckets: {dr: {account: '111111111111'}}"),
	"owner-override-missing":       {args: lintBucket, change: `{"Destination": {"Account": "222222222222"}}`},
	"account-mismatch":             facts(lintBucket, ownerOfDR, "buckets: {dr: {account: '333333333333'}}"),
	"requester-pays":               facts(lintBucket, ownerOfDR, "buckets: {dr: {requesterPays: true}}"),
	"class-archive":                {args: lintBucket, change: `{"Destination": {"StorageClass": "GLACIER"}}`},
	"class-one-zone":               {args: lintBucket, change: `{"Destination": {"StorageClass": "ONEZONE_IA"}}`},
	"class-reduced-redundancy":     {args: lintBucket, change: `{"Destination": {"StorageClass": "REDUCED_REDUNDANCY"}}`},
	"class-minimums":               {args: lintBucket, change: `{"Destination": {"StorageClass": "GLACIER_IR"}}`},
	"class-minimum-duration":       facts(lintBucket, `{"Destination": {"StorageClass": "STANDARD_IA"}}`, "buckets: {dr: {noncurrentDays: 7}}"),
	"metrics-off":                  {args: lintBucket, change: `{"Destination": {"Metrics": null}}`},
	"metrics-off-with-alarms":      facts(lintBucket, `{"Destination": {"Metrics": null}}`, "alarms: [{name: a, metric: OperationsFailedReplication}]"),
	"no-alarm-on-failures":         facts(lintBucket, "", "alarms: []"),
	"alarm-unknown-metric":         facts(lintBucket, "", "alarms: [{name: a, metric: ReplicationFailed}]"),
	"alarm-wrong-region":           facts(lintBucket, "", "{alarms: [{name: a, metric: OperationsFailedReplication, region: us-west-2}], buckets: {data: {region: us-east-1}}}"),
	"alarm-dimensions":             facts(lintBucket, "", "alarms: [{name: a, metric: OperationsFailedReplication, dimensions: [BucketName]}]"),
	"alarm-statistic":              facts(lintBucket, "", "alarms: [{name: a, metric: ReplicationLatency, statistic: Minimum}]"),
	"alarms-notify-nobody":         facts(lintBucket, "", "{alarms: [{name: a, metric: OperationsFailedReplication}], notifies: false}"),
	"rtc-cost":                     {args: lintBucket, change: `{"Destination": {"ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}}, "Metrics": {"EventThreshold": {"Minutes": 15}}}}`},
	"chain-stops":                  {args: lintBucket + " --replication dr=S", onward: `{"Destination": {"Bucket": "arn:aws:s3:::third"}}`},
	"two-way-spokes":               {args: "lint --config " + offlineDir + "Pulumi.hub.yaml"},
	"two-way-without-sync":         {args: lintBucket + " --replication dr=S", onward: `{"Destination": {"Bucket": "arn:aws:s3:::data"}}`},
	"not-permitted":                {args: lintBucket + " --bucket-policy dr=@p.json", files: map[string]string{"p.json": deniesPuts}},
	"maybe-not-permitted":          {args: lintBucket + " --bucket-policy dr=@p.json", files: map[string]string{"p.json": deniesTags}},
	"permission-undecided":         {args: lintBucket + " --bucket-policy dr=@p.json", files: map[string]string{"p.json": deniesOrg}},
}

const explainBucket = "explain a.pdf --replication data=R --encryption "

// explainReasons has a command line for every reason and note of explain.
var explainReasons = map[string]findingCase{
	"no-configuration":                  {args: "explain a --replication @empty.json", files: map[string]string{"empty.json": ""}},
	"source-unversioned":                facts(explainBucket+"AES256", "", "buckets: {data: {versioning: 'Off'}}"),
	"destination-unversioned":           facts(explainBucket+"AES256", "", "buckets: {dr: {versioning: Suspended}}"),
	"destination-is-source":             {args: "explain a --replication dr=R --encryption AES256"},
	"written-before-rule":               {args: explainBucket + "AES256 --existing"},
	"is-replica":                        {args: explainBucket + "AES256 --replica"},
	"already-replicated":                {args: explainBucket + "AES256 --already-replicated"},
	"archived":                          {args: explainBucket + "AES256 --storage-class GLACIER"},
	"owner-cannot-read":                 {args: explainBucket + "AES256 --owner 333333333333 --owner-grants no"},
	"owner-grants-unknown":              {args: explainBucket + "AES256 --owner 333333333333"},
	"no-rule-matches":                   {args: explainBucket + "AES256", change: `{"Filter": {"Prefix": "b/"}}`},
	"rule-disabled":                     {args: explainBucket + "AES256", change: `{"Status": "Disabled"}`},
	"tagged-later":                      {args: explainBucket + "AES256 --tag-later k=v", change: `{"Filter": {"Prefix": null, "Tag": {"Key": "k", "Value": "v"}}}`},
	"kms-not-selected":                  {args: explainBucket + "aws:kms", change: withoutKMS},
	"encryption-unknown":                {args: "explain a --replication data=R", change: withoutKMS},
	"replica-key-missing":               {args: explainBucket + "aws:kms", change: `{"Destination": {"EncryptionConfiguration": {"ReplicaKmsKeyID": null}}}`},
	"replica-key-invalid":               {args: explainBucket + "aws:kms", change: `{"Destination": {"EncryptionConfiguration": {"ReplicaKmsKeyID": "1234"}}}`},
	"replica-key-region":                facts(explainBucket+"aws:kms", "", "buckets: {dr: {region: eu-west-1}}"),
	"replica-key-aws-managed":           {args: explainBucket + "aws:kms", change: managedKey},
	"replica-key-alias":                 {args: explainBucket + "aws:kms", change: aliasOfDR},
	"replica-key-not-found":             facts(explainBucket+"aws:kms", "", "keys: {'arn:aws:kms:us-west-2:111111111111:key/1': NotFound}"),
	"replica-key-unusable":              facts(explainBucket+"aws:kms", "", "keys: {'arn:aws:kms:us-west-2:111111111111:key/1': Disabled}"),
	"source-key-unusable":               facts(explainBucket+"aws:kms --source-key "+sourceKey, "", "keys: {'"+sourceKey+"': PendingDeletion}"),
	"source-key-not-granted":            {args: "explain a --config " + offlineDir + "Pulumi.hub.yaml --kms-key " + sourceKey},
	"source-key-unknown":                {args: explainBucket + "aws:kms --role-policy @role.json", files: map[string]string{"role.json": someKeys}},
	"ssec-blocked":                      facts(explainBucket+"SSE-C", "", "buckets: {dr: {blocksSSEC: true}}"),
	"ssec-blocked-at-source":            facts(explainBucket+"SSE-C", "", "buckets: {data: {blocksSSEC: true}}"),
	"version-delete":                    {args: "explain a --replication data=R --event version-delete"},
	"delete-marker-by-lifecycle":        {args: "explain a --replication data=R --event lifecycle-delete-marker"},
	"delete-markers-off":                {args: "explain a --replication data=R --delete-marker"},
	"delete-marker-needs-untagged-rule": {args: "explain a --replication data=R --delete-marker --tag k=v", change: `{"Filter": {"Prefix": null, "Tag": {"Key": "k", "Value": "v"}}}`},
	"replica-modifications-off":         {args: explainBucket + "AES256 --replica --event tags"},
	"replica-modifications-one-sided": {
		args:   explainBucket + "AES256 --replica --event tags --replication dr=S --replication-name data",
		change: `{"SourceSelectionCriteria": {"ReplicaModifications": {"Status": "Enabled"}}}`, onward: `{"Destination": {"Bucket": "arn:aws:s3:::data"}}`,
	},
	"acl-not-replicated":   {args: explainBucket + "AES256 --event acl", change: ownerOfDR},
	"object-lock-missing":  facts(explainBucket+"AES256 --locked", "", "buckets: {dr: {objectLock: false}}"),
	"lifecycle-action":     {args: "explain a --replication data=R --event transition"},
	"restore-stays":        {args: "explain a --replication data=R --event restore"},
	"requester-pays":       facts(explainBucket+"AES256", ownerOfDR, "buckets: {dr: {requesterPays: true}}"),
	"not-permitted":        {args: explainBucket + "AES256 --bucket-policy dr=@p.json", files: map[string]string{"p.json": deniesPuts}},
	"permission-undecided": {args: explainBucket + "AES256 --bucket-policy dr=@p.json", files: map[string]string{"p.json": deniesOrg}},
	"source-not-judged":    {args: "explain a --replication R --encryption AES256 --role-policy @role.json", files: map[string]string{"role.json": allowsAll}},
	"chain-stops":          {args: explainBucket + "AES256 --replication dr=S --replication-name data", onward: `{"Destination": {"Bucket": "arn:aws:s3:::third"}}`},
	"small-object":         {args: explainBucket + "AES256 --size 1KB", change: `{"Destination": {"StorageClass": "STANDARD_IA"}}`},
	"archive-replica":      {args: explainBucket + "AES256", change: `{"Destination": {"StorageClass": "DEEP_ARCHIVE"}}`},
	"tags-stay-behind":     {args: explainBucket + "AES256 --bucket-policy dr=@p.json", files: map[string]string{"p.json": deniesTags}},
	"reads-without-kms":    {args: explainBucket + "AES256 --role-policy @role.json", files: map[string]string{"role.json": reads}},
	"default-retention":    facts(explainBucket+"AES256", "", "buckets: {dr: {objectLock: true}}"),
	"etag-differs":         {args: explainBucket + "none"},
	"no-time-promise-for-markers": {args: "explain a --replication data=R --delete-marker", change: `{"DeleteMarkerReplication": {"Status": "Enabled"},
		"Destination": {"ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}}, "Metrics": {"EventThreshold": {"Minutes": 15}}}}`},
}

// patched is the sample rule with a change as of a JSON merge patch.
func patched(t *testing.T, change string) map[string]any {
	t.Helper()
	var rule, patch map[string]any
	require.NoError(t, json.Unmarshal([]byte(sampleRule), &rule))
	if change != "" {
		require.NoError(t, json.Unmarshal([]byte(change), &patch), change)
	}
	mergePatch(rule, patch)
	return rule
}

func mergePatch(into, patch map[string]any) {
	for key, value := range patch {
		inner, isObject := value.(map[string]any)
		target, exists := into[key].(map[string]any)
		switch {
		case value == nil:
			delete(into, key)
		case isObject && exists:
			mergePatch(target, inner)
		default:
			into[key] = value
		}
	}
}

func writeRules(t *testing.T, file string, rules ...map[string]any) {
	t.Helper()
	data, err := json.Marshal(map[string]any{"Role": "arn:aws:iam::111111111111:role/replication", "Rules": rules})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, data, 0o600))
}

// run gives the ids in the answer.
func (f findingCase) run(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	rules := []map[string]any{patched(t, f.change)}
	for _, change := range f.more {
		rules = append(rules, patched(t, change))
	}
	writeRules(t, filepath.Join(dir, "R"), rules...)
	writeRules(t, filepath.Join(dir, "S"), patched(t, f.onward))
	for name, text := range f.files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	args := strings.Fields(f.args)
	for i, word := range args {
		switch name, file, named := strings.Cut(word, "="); {
		case word == "R" || named && (file == "R" || file == "S"):
			args[i] = strings.TrimSuffix(word, word[len(word)-1:]) + filepath.Join(dir, word[len(word)-1:])
		case named && strings.HasPrefix(file, "@"):
			args[i] = name + "=" + filepath.Join(dir, file[1:])
		case strings.HasPrefix(word, "@"):
			args[i] = filepath.Join(dir, word[1:])
		}
	}
	_, out, messages := crr(t, append(args, "--output", outputJSON)...)
	var answer any
	require.NoError(t, json.Unmarshal([]byte(out), &answer), messages)
	return idsIn(answer)
}

func idsIn(tree any) []string {
	var ids []string
	switch tree := tree.(type) {
	case []any:
		for _, each := range tree {
			ids = append(ids, idsIn(each)...)
		}
	case map[string]any:
		if id, isText := tree["id"].(string); isText {
			ids = append(ids, id)
		}
		for _, value := range tree {
			ids = append(ids, idsIn(value)...)
		}
	}
	return ids
}

// What the help of a command promises can be had by it: each finding and each
// reason has a command line that gives it.
func TestOffline_EveryFindingCanBeHad(t *testing.T) {
	t.Parallel()
	reasons := slices.Sorted(maps.Keys(model.Reasons()))
	notes := slices.Sorted(maps.Keys(model.Notes()))
	assert.ElementsMatch(t, model.FindingIDs(), slices.Collect(maps.Keys(lintFindings)))
	assert.ElementsMatch(t, append(reasons, notes...), slices.Collect(maps.Keys(explainReasons)))
	for command, cases := range map[string]map[string]findingCase{"lint": lintFindings, "explain": explainReasons} {
		for id, test := range cases {
			t.Run(command+"/"+id, func(t *testing.T) {
				t.Parallel()
				assert.Contains(t, test.run(t), id)
			})
		}
	}
}

func TestOffline_TheSampleOfFactsIsAccepted(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/explain.md")
	require.NoError(t, err)
	_, sample, found := strings.Cut(string(page), "```yml\n")
	require.True(t, found)
	sample, _, _ = strings.Cut(sample, "```")
	assert.Contains(t, facts(lintBucket, "", sample).run(t), "existing-objects")
}
