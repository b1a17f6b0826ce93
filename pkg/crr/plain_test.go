package crr

import (
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
)

// onlyPlain are the fields that plain values have and arguments have not.
var onlyPlain = map[string]bool{"Made": true, "OwnProvider": true, "Enabled": true, "CodeFile": true}

// onlyArgs are the fields of arguments that say nothing before the deployment.
var onlyArgs = map[string]bool{"Provider": true, "NoWarnings": true, "Code": true, "Replications": true}

// Plain values and arguments are converted by the names of their fields, so that a field
// which one of them lacks would be ignored without an error.
func TestPlain_HasTheFieldsOfTheArguments(t *testing.T) {
	t.Parallel()
	for name, pair := range map[string][2]reflect.Type{
		"a replicated bucket":   {reflect.TypeFor[plan.ReplicatedBucket](), reflect.TypeFor[ReplicatedBucketArgs]()},
		"an audit":              {reflect.TypeFor[plan.AuditSettings](), reflect.TypeFor[AuditArgs]()},
		"the records of one":    {reflect.TypeFor[plan.Audit](), reflect.TypeFor[AuditOptions]()},
		"the target of events":  {reflect.TypeFor[plan.EventTarget](), reflect.TypeFor[EventTargetArgs]()},
		"a notification":        {reflect.TypeFor[plan.Notification](), reflect.TypeFor[NotificationArgs]()},
		"the settings of a log": {reflect.TypeFor[plan.Logs](), reflect.TypeFor[LogArgs]()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compareFields(t, "", pair[0], pair[1])
		})
	}
}

func compareFields(t *testing.T, path string, plain, args reflect.Type) {
	t.Helper()
	for plain.Kind() == reflect.Slice || plain.Kind() == reflect.Map || plain.Kind() == reflect.Pointer {
		if !assert.Equal(t, plain.Kind(), args.Kind(), path) {
			return
		}
		plain, args = plain.Elem(), args.Elem()
	}
	if plain.Kind() != reflect.Struct || plain == args {
		return
	}
	for _, field := range reflect.VisibleFields(plain) {
		if field.Anonymous || onlyPlain[field.Name] {
			continue
		}
		given, has := args.FieldByName(field.Name)
		if assert.Truef(t, has, "the arguments have no %s.%s", path, field.Name) {
			compareFields(t, path+"."+field.Name, field.Type, given.Type)
		}
	}
	for _, field := range reflect.VisibleFields(args) {
		_, has := plain.FieldByName(field.Name)
		assert.Truef(t, has || field.Anonymous || !field.IsExported() || onlyArgs[field.Name], "the plain values have no %s.%s", path, field.Name)
	}
}

// A text that is set but empty is not one that is left out: an environment variable may
// be missing.
func TestValidate_RefusesEmptyTexts(t *testing.T) {
	t.Parallel()
	empty := pulumi.String("")
	for name, test := range map[string]struct {
		change func(*ReplicatedBucketArgs)
		want   string
	}{
		"a key":                  {func(a *ReplicatedBucketArgs) { a.Source.KMSKeyARN = empty }, "source.kmsKeyArn: is empty"},
		"a key of a destination": {func(a *ReplicatedBucketArgs) { a.Destinations[0].Bucket.KMSKeyARN = empty }, "destinations[0].kmsKeyArn: is empty"},
		"one of several keys": {func(a *ReplicatedBucketArgs) {
			a.Source.DecryptKeyARNs = []pulumi.StringInput{empty}
		}, "source.decryptKeyArns[0]: is empty"},
		"a role": {func(a *ReplicatedBucketArgs) { a.Role.ARN = empty }, "role.arn: is empty"},
		"a topic": {func(a *ReplicatedBucketArgs) {
			a.Monitoring.TopicARNs = map[string]pulumi.StringInput{"us-east-1": empty}
		}, "monitoring.topicArns.us-east-1: is empty"},
		"a queue":    {func(a *ReplicatedBucketArgs) { a.Monitoring.QueueARNs = []pulumi.StringInput{empty} }, "monitoring.queueArns[0]: is empty"},
		"no queue":   {func(a *ReplicatedBucketArgs) { a.Monitoring.QueueARNs = []pulumi.StringInput{nil} }, "monitoring.queueArns[0]: is empty"},
		"no webhook": {func(a *ReplicatedBucketArgs) { a.Monitoring.Webhooks = []pulumi.StringInput{nil} }, "monitoring.webhooks[0]: is empty"},
		"no key": {func(a *ReplicatedBucketArgs) {
			a.Source.DecryptKeyARNs = []pulumi.StringInput{nil}
		}, "source.decryptKeyArns[0]: is empty"},
		"no topic": {func(a *ReplicatedBucketArgs) {
			a.Monitoring.TopicARNs = map[string]pulumi.StringInput{"us-east-1": nil}
		}, "monitoring.topicArns.us-east-1: is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := &ReplicatedBucketArgs{
				Source:       BucketArgs{Region: "us-east-1"},
				Destinations: []DestinationArgs{{Name: "dr", Bucket: BucketArgs{Region: "us-west-2"}}},
			}
			test.change(args)
			assert.ErrorContains(t, args.Validate(), test.want)
		})
	}
}
