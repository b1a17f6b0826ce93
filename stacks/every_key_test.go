package stacks

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
)

// change is a value of a key that must be seen in what is registered.
type change struct {
	// with are other keys that the change needs, "path: value" in YAML.
	with []string
	// from and to are the values, in YAML; an empty one leaves the key out.
	from, to string
	// refused says why one of the two is refused. Empty where neither is.
	refused string
}

const (
	topicARNs    = "arn:aws:sns:us-east-1:111111111111:"
	queueARNs    = "arn:aws:sqs:us-east-1:111111111111:"
	functionARNs = "arn:aws:lambda:us-east-1:111111111111:function:"
)

// changes has a change of every key of the configuration, by its path. Those of a
// source's and a destination's bucket are in placeChanges.
var changes = map[string]change{
	"tags":                               {to: "{ team: storage }"},
	"protect":                            {to: "true"},
	"forceDestroy":                       {to: "true"},
	"deletionWindowInDays":               {to: "12"},
	"dashboard":                          {to: "true"},
	"accountId":                          {to: "'111111111111'"},
	"allowUnknownRegions":                {with: []string{"replications[0].source.region: us-esat-1"}, to: "true", refused: "did you mean us-east-1?"},
	"iamSettleSeconds":                   {to: "301", refused: "iamSettleSeconds: 301 is not between 0 and 300"},
	"audit.region":                       {with: audited, to: "eu-west-1"},
	"audit.name":                         {with: audited, to: "data-trail"},
	"audit.managementEvents":             {with: audited, to: "false"},
	"audit.retentionDays":                {with: audited, to: "400"},
	"audit.objectLock.mode":              {with: append([]string{"audit.objectLock: { mode: GOVERNANCE, days: 9 }"}, audited...), to: "COMPLIANCE"},
	"audit.objectLock.days":              {with: append([]string{"audit.objectLock: { mode: GOVERNANCE, days: 9 }"}, audited...), to: "10"},
	"audit.cloudWatchLogs.retentionDays": {with: append([]string{"audit.cloudWatchLogs: {}"}, audited...), to: "90"},
	"audit.path":                         {with: append([]string{"audit.cloudWatchLogs: {}"}, audited...), to: "/storage/"},
	"audit.permissionsBoundary":          {with: append([]string{"audit.cloudWatchLogs: {}"}, audited...), to: "arn:aws:iam::111111111111:policy/boundary"},
	"audit.readers":                      {with: audited, to: "['arn:aws:iam::111111111111:role/auditor']"},

	"replications.name":                      {to: "other"},
	"replications.formerNames":               {to: "[old]"},
	"replications.direction":                 {to: "two-way"},
	"replications.destinations.name":         {to: "copy"},
	"replications.destinations.formerNames":  {to: "[old]"},
	"replications.destinations.storageClass": {to: "STANDARD_IA"},

	"replications.rules.id":                           {with: oneRule, to: "other"},
	"replications.rules.preset":                       {with: oneRule, to: "logs"},
	"replications.rules.classTag":                     {with: append([]string{"replications[0].rules[0].preset: logs"}, oneRule...), to: "data-class"},
	"replications.rules.destinations":                 {with: append([]string{"replications[0].destinations[1]: { name: eu, region: eu-west-1 }"}, oneRule...), to: "[eu]"},
	"replications.rules.prefix":                       {with: oneRule, to: "finance/"},
	"replications.rules.prefixes":                     {with: oneRule, to: "[finance/, legal/]"},
	"replications.rules.tags":                         {with: oneRule, to: "{ class: critical }"},
	"replications.rules.enabled":                      {with: oneRule, to: "false"},
	"replications.rules.deleteMarkers":                {with: oneRule, to: "false"},
	"replications.rules.replicationTimeControl":       {with: append([]string{"replications[0].rules[0].preset: critical"}, oneRule...), to: "false"},
	"replications.rules.metrics":                      {with: oneRule, to: "false"},
	"replications.rules.storageClass":                 {with: oneRule, to: "GLACIER_IR"},
	"replications.rules.monitoring.latencySeconds":    {with: oneRule, to: "60"},
	"replications.rules.monitoring.pendingOperations": {with: oneRule, to: "10"},
	"replications.rules.monitoring.pendingBytes":      {with: oneRule, to: "1000"},

	"replications.role.arn":                 {to: "arn:aws:iam::111111111111:role/mine"},
	"replications.role.name":                {to: "replication"},
	"replications.role.path":                {to: "/storage/"},
	"replications.role.permissionsBoundary": {to: "arn:aws:iam::111111111111:policy/boundary"},
	"replications.role.trustSourceBucket":   {with: []string{"replications[0].source.bucket: data"}, to: "true"},
	"replications.role.trustAnyAccount":     {to: "true"},

	"replications.monitoring.latencySeconds":     {to: "60"},
	"replications.monitoring.pendingOperations":  {to: "10"},
	"replications.monitoring.pendingBytes":       {to: "1000"},
	"replications.monitoring.composite":          {with: subscribed, to: "false"},
	"replications.monitoring.account":            {with: []string{"replications[0].destinations[0].assumeRoleArn: 'arn:aws:iam::222222222222:role/deploy'"}, to: "destination"},
	"replications.monitoring.runbookUrl":         {to: "https://wiki.example.com/replication"},
	"replications.monitoring.emails":             {to: "[ops@example.com]"},
	"replications.monitoring.queueArns":          {to: "['" + queueARNs + "oncall']"},
	"replications.monitoring.functionArns":       {to: "['" + functionARNs + "page']"},
	"replications.monitoring.webhooks":           {to: "['https://example.com/hook']"},
	"replications.monitoring.topicArns":          {with: subscribed, to: "{ us-east-1: '" + topicARNs + "oncall' }"},
	"replications.monitoring.events.topicArn":    {from: topicARNs + "a", to: topicARNs + "b"},
	"replications.monitoring.events.queueArn":    {from: queueARNs + "a", to: queueARNs + "b"},
	"replications.monitoring.events.functionArn": {from: functionARNs + "a", to: functionARNs + "b"},
	"replications.monitoring.events.alarmTopic":  {with: subscribed, to: "true"},
	"replications.monitoring.failureQueue":       {to: "true"},
	"replications.monitoring.dashboard":          {to: "true"},

	"replications.audit.enabled":       {to: "true"},
	"replications.audit.accessLogs":    {to: "true"},
	"replications.audit.inventory":     {to: "Weekly"},
	"replications.canary.enabled":      {with: []string{"replications[0].canary.code: testdata/canary.zip"}, to: "true", refused: "is not enabled"},
	"replications.canary.everyMinutes": {with: withCanary, to: "10"},
	"replications.canary.ageSeconds":   {with: withCanary, to: "1000"},
	"replications.canary.architecture": {with: withCanary, to: "arm64"},
	"replications.canary.code":         {with: withCanary, to: "testdata"},
}

// unseen are keys without an effect on what is registered, and why.
var unseen = map[string]string{
	"abandonBuckets": "it lets updates of a deployed stack through that are refused otherwise",
}

// placeChanges are those of a bucket's keys, below the path of its place. PLACE in
// their other keys is that path.
var placeChanges = map[string]change{
	"region":          {to: "eu-west-1"},
	"bucket":          {to: "my-bucket"},
	"existing":        {with: []string{"PLACE.bucket: my-bucket", "PLACE.kmsKeyArn: KEY"}, to: "true"},
	"replaceRules":    {with: append([]string{"replications[0].direction: two-way"}, existing...), to: "true", refused: "replaceRules: is required"},
	"kmsKeyArn":       {to: "KEY"},
	"assumeRoleArn":   {to: "arn:aws:iam::222222222222:role/deploy"},
	"objectLock.mode": {with: locked, to: "COMPLIANCE"},
	"objectLock.days": {with: locked, to: "10"},
	"acceleration":    {to: "true"},
	"eventBridge":     {with: toQueue, to: "false"},
	"decryptKeyArns":  {with: []string{"replications[0].direction: two-way"}, to: "[KEY]"},
	"allowKeyChanges": {to: "true"},
	"guard.except":    {with: []string{"PLACE.guard: {}"}, to: "['arn:aws:iam::111111111111:role/break-glass']"},
	"statements":      {to: "[{ Effect: Allow, Principal: { AWS: 'arn:aws:iam::111111111111:role/app' }, Action: 's3:GetObject' }]"},
	"keyStatements":   {to: "[{ Effect: Allow, Principal: { AWS: 'arn:aws:iam::111111111111:role/app' }, Action: 'kms:Decrypt', Resource: '*' }]"},
	"permissionsBoundary": {
		with: []string{"replications[0].direction: two-way", "PLACE.assumeRoleArn: 'arn:aws:iam::222222222222:role/deploy'"},
		to:   "arn:aws:iam::222222222222:policy/boundary",
	},
	"externalId":                                   {with: []string{"PLACE.assumeRoleArn: 'arn:aws:iam::111111111111:role/deploy'"}, to: "of-us"},
	"accountId":                                    {to: "'111111111111'"},
	"lifecycle.noncurrentDays":                     {to: "33"},
	"lifecycle.noncurrentTransitions.days":         {with: []string{"PLACE.lifecycle.noncurrentTransitions: [{ days: 90, storageClass: GLACIER }]"}, to: "100"},
	"lifecycle.noncurrentTransitions.storageClass": {with: []string{"PLACE.lifecycle.noncurrentTransitions: [{ days: 90, storageClass: GLACIER }]"}, to: "DEEP_ARCHIVE"},
	"lifecycle.transitions.days":                   {with: []string{"PLACE.lifecycle.transitions: [{ days: 90, storageClass: GLACIER }]"}, to: "100"},
	"lifecycle.transitions.storageClass":           {with: []string{"PLACE.lifecycle.transitions: [{ days: 90, storageClass: GLACIER }]"}, to: "DEEP_ARCHIVE"},
	"intelligentTiering.archiveDays":               {to: "91"},
	"intelligentTiering.deepArchiveDays":           {to: "181"},
	"notifications.topicArn":                       {with: notified, from: "arn:aws:sns:REGION:111111111111:a", to: "arn:aws:sns:REGION:111111111111:b"},
	"notifications.queueArn":                       {with: notified, from: "arn:aws:sqs:REGION:111111111111:a", to: "arn:aws:sqs:REGION:111111111111:b"},
	"notifications.functionArn":                    {with: notified, from: "arn:aws:lambda:REGION:111111111111:function:a", to: "arn:aws:lambda:REGION:111111111111:function:b"},
	"notifications.events":                         {with: toQueue, to: "['s3:ObjectRemoved:*']"},
	"notifications.prefix":                         {with: toQueue, to: "in/"},
	"notifications.suffix":                         {with: toQueue, to: ".csv"},
	"replaceNotifications": {
		with: slices.Concat([]string{"replications[0].direction: two-way", "PLACE.replaceRules: true"}, existing, toQueue), to: "true", refused: "replaceNotifications",
	},
}

var (
	audited    = []string{"replications[0].audit.enabled: true"}
	oneRule    = []string{"replications[0].rules[0].id: all"}
	subscribed = []string{"replications[0].monitoring.emails: [ops@example.com]"}
	withCanary = []string{"replications[0].canary: { enabled: true, code: testdata/canary.zip }"}
	existing   = []string{"PLACE.bucket: my-bucket", "PLACE.kmsKeyArn: KEY", "PLACE.existing: true"}
	locked     = []string{"replications[0].destinations[0].objectLock: {}", "PLACE.objectLock: { mode: GOVERNANCE, days: 9 }"}
	notified   = []string{"PLACE.notifications[0].events: ['s3:ObjectCreated:*']"}
	toQueue    = append([]string{"PLACE.notifications[0].queueArn: 'arn:aws:sqs:REGION:111111111111:created'"}, notified...)
)

// TestConfig_EveryKeyReachesTheResources changes every key that the type of the
// configuration has, and looks for a difference in what is registered.
func TestConfig_EveryKeyReachesTheResources(t *testing.T) {
	t.Parallel()
	all := maps.Clone(changes)
	for place, region := range map[string]string{"replications.source": "us-east-1", "replications.destinations": "us-west-2"} {
		values := strings.NewReplacer("PLACE", strings.TrimSuffix(concrete(place+"."), "."), "REGION", region, "KEY", "arn:aws:kms:"+region+":111111111111:key/mine")
		for key, c := range placeChanges {
			for i := range c.with {
				c.with = slices.Clone(c.with)
				c.with[i] = values.Replace(c.with[i])
			}
			c.from, c.to = values.Replace(c.from), values.Replace(c.to)
			all[place+"."+key] = c
		}
	}
	source := all["replications.source.existing"]
	source.refused = "replaceRules: is required"
	all["replications.source.existing"] = source

	keys := slices.DeleteFunc(leaves("", reflect.TypeFor[stackfile.Config]()), func(key string) bool { return unseen[key] != "" })
	assert.Subset(t, keys, slices.Collect(maps.Keys(all)), "keys that there are no longer")
	for _, key := range keys {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			c, known := all[key]
			require.Truef(t, known, "add a change of %s that must be seen in what is registered", key)
			before, refusedBefore := outcome(t, c.with, concrete(key), c.from)
			after, refusedAfter := outcome(t, c.with, concrete(key), c.to)
			if c.refused != "" {
				require.NotEqual(t, refusedBefore != nil, refusedAfter != nil, "one of the two is refused: %v, %v", refusedBefore, refusedAfter)
				assert.Contains(t, fmt.Sprint(refusedBefore, refusedAfter), c.refused)
				return
			}
			require.NoError(t, refusedBefore)
			require.NoError(t, refusedAfter)
			assert.NotEqual(t, before, after, "%s has no effect", key)
		})
	}
}

// leaves returns the paths of all keys that hold values, and not only other keys.
func leaves(path string, at reflect.Type) []string {
	for at.Kind() == reflect.Pointer || (at.Kind() == reflect.Slice || at.Kind() == reflect.Map) && at.Elem().Kind() == reflect.Struct {
		at = at.Elem()
	}
	if at.Kind() != reflect.Struct {
		return []string{strings.TrimPrefix(path, ".")}
	}
	var all []string
	for i := range at.NumField() {
		switch field := at.Field(i); field.Tag.Get("pulumi") {
		case "-", "":
		case ",squash":
			all = append(all, leaves(path, field.Type)...)
		default:
			all = append(all, leaves(path+"."+field.Tag.Get("pulumi"), field.Type)...)
		}
	}
	if len(all) == 0 { // such as a policy statement
		return []string{strings.TrimPrefix(path, ".")}
	}
	return all
}

var lists = regexp.MustCompile(`\b(replications|destinations|rules|transitions|noncurrentTransitions|notifications)\.`)

// concrete returns the path of a key in the first element of each list and map.
func concrete(key string) string {
	path := lists.ReplaceAllString(key, "$1[0].")
	return strings.Replace(path, "events.", "events.us-east-1.", 1)
}

// outcome returns what is registered for the smallest configuration with some more keys,
// or why it is refused.
func outcome(t *testing.T, with []string, path, value string) (string, error) {
	t.Helper()
	tree := map[string]any{"replications": []any{map[string]any{
		"name": "data", "source": map[string]any{"region": "us-east-1"}, "destinations": []any{map[string]any{"name": "dr", "region": "us-west-2"}},
	}}}
	for _, line := range with {
		other, text, _ := strings.Cut(line, ": ")
		set(t, tree, other, text)
	}
	if value != "" {
		set(t, tree, path, value)
	}
	config := map[string]any{}
	for key, value := range tree {
		config[stackfile.Namespace+":"+key] = value
	}
	text, err := yaml.Marshal(map[string]any{"config": config})
	require.NoError(t, err)
	recorder, err := run(t, string(text))
	registered, failed := json.MarshalIndent(recorder.All(), "", " ")
	require.NoError(t, failed)
	return string(registered), err
}

// set puts a value into a tree of maps and lists, and makes those on the way.
func set(t *testing.T, tree map[string]any, path, text string) {
	t.Helper()
	var value any
	require.NoError(t, yaml.Unmarshal([]byte(text), &value))
	key, rest, nested := strings.Cut(path, ".")
	key, index, listed := strings.Cut(strings.TrimSuffix(key, "]"), "[")
	if !listed {
		if !nested {
			tree[key] = value
			return
		}
		if tree[key] == nil {
			tree[key] = map[string]any{}
		}
		set(t, tree[key].(map[string]any), rest, text)
		return
	}
	i, err := strconv.Atoi(index)
	require.NoError(t, err)
	list, _ := tree[key].([]any)
	for len(list) <= i {
		list = append(list, map[string]any{})
	}
	tree[key] = list
	if !nested {
		list[i] = value
		return
	}
	set(t, list[i].(map[string]any), rest, text)
}
