package document_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/document"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

// whole has every element of a configuration, and plain a rule of the first
// version of the schema.
const whole = `{"ReplicationConfiguration": {"Role": "arn:aws:iam::111111111111:role/r", "Rules": [
	{"ID": "tagged", "Priority": 2, "Status": "Enabled",
	 "Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "class", "Value": "x"}, {"Key": "y", "Value": ""}]}},
	 "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}, "ReplicaModifications": {"Status": "Enabled"}},
	 "DeleteMarkerReplication": {"Status": "Disabled"},
	 "Destination": {"Bucket": "arn:aws:s3:::dr", "Account": "222222222222", "StorageClass": "STANDARD_IA",
	  "AccessControlTranslation": {"Owner": "Destination"},
	  "EncryptionConfiguration": {"ReplicaKmsKeyID": "arn:aws:kms:us-west-2:222222222222:key/k"},
	  "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
	  "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}}}},
	{"ID": "one", "Priority": 1, "Status": "Disabled", "Filter": {"Tag": {"Key": "k", "Value": "v"}},
	 "DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {"Bucket": "arn:aws:s3:::dr"}},
	{"ID": "rest", "Priority": 0, "Status": "Enabled", "Filter": {"Prefix": ""},
	 "DeleteMarkerReplication": {"Status": "Enabled"}, "Destination": {"Bucket": "arn:aws:s3:::dr"}}]}}`

// forms of the same configuration.
var forms = map[string]string{
	"the JSON of the AWS CLI": whole,
	"the YAML of the AWS CLI": `ReplicationConfiguration:
  Role: arn:aws:iam::111111111111:role/r
  Rules:
` + wholeRules("  ", "ID", "ReplicaKmsKeyID", "Tag", "Tags"),
	"a YAML stream of the AWS CLI": "---\n- " + `ReplicationConfiguration:
    Role: arn:aws:iam::111111111111:role/r
    Rules:
` + wholeRules("    ", "ID", "ReplicaKmsKeyID", "Tag", "Tags"),
	"the XML of S3": `<?xml version="1.0" encoding="UTF-8"?>
<ReplicationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Role>arn:aws:iam::111111111111:role/r</Role>
<Rule><ID>tagged</ID><Priority>2</Priority><Status>Enabled</Status>
 <Filter><And><Prefix>a/</Prefix><Tag><Key>class</Key><Value>x</Value></Tag><Tag><Key>y</Key><Value></Value></Tag></And></Filter>
 <SourceSelectionCriteria><SseKmsEncryptedObjects><Status>Enabled</Status></SseKmsEncryptedObjects>
  <ReplicaModifications><Status>Enabled</Status></ReplicaModifications></SourceSelectionCriteria>
 <DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>
 <Destination><Bucket>arn:aws:s3:::dr</Bucket><Account>222222222222</Account><StorageClass>STANDARD_IA</StorageClass>
  <AccessControlTranslation><Owner>Destination</Owner></AccessControlTranslation>
  <EncryptionConfiguration><ReplicaKmsKeyID>arn:aws:kms:us-west-2:222222222222:key/k</ReplicaKmsKeyID></EncryptionConfiguration>
  <ReplicationTime><Status>Enabled</Status><Time><Minutes>15</Minutes></Time></ReplicationTime>
  <Metrics><Status>Enabled</Status><EventThreshold><Minutes>15</Minutes></EventThreshold></Metrics></Destination></Rule>
<Rule><ID>one</ID><Priority>1</Priority><Status>Disabled</Status><Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter>
 <DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication><Destination><Bucket>arn:aws:s3:::dr</Bucket></Destination></Rule>
<Rule><ID>rest</ID><Priority>0</Priority><Status>Enabled</Status><Filter><Prefix/></Filter>
 <DeleteMarkerReplication><Status>Enabled</Status></DeleteMarkerReplication><Destination><Bucket>arn:aws:s3:::dr</Bucket></Destination></Rule>
</ReplicationConfiguration>`,
	"a property of CloudFormation": `Role: !Sub arn:aws:iam::111111111111:role/r
Rules:
` + wholeRules("", "Id", "ReplicaKmsKeyID", "TagFilter", "TagFilters"),
	"a template of CloudFormation": `AWSTemplateFormatVersion: 2010-09-09
Resources:
  Topic:
    Type: AWS::SNS::Topic
  Data:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: data
      Tags: !Ref AWS::NoValue
      ReplicationConfiguration:
        Role: arn:aws:iam::111111111111:role/r
        Rules:
` + wholeRules("        ", "Id", "ReplicaKmsKeyID", "TagFilter", "TagFilters"),
	"get-template of CloudFormation": `{"StagesAvailable": ["Original"], "TemplateBody": {"Resources": {"Data": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data",
		"ReplicationConfiguration": {"Role": "arn:aws:iam::111111111111:role/r", "Rules": [` + wholeJSONRules + `]}}}}}}`,
	"a Terraform state": `{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "outputs": {}, "resources": [
		{"mode": "data", "type": "aws_caller_identity", "name": "me", "instances": [{"attributes": {"id": "1"}}]},
		{"mode": "managed", "type": "aws_s3_bucket_replication_configuration", "name": "data", "provider": "p",
		 "instances": [{"schema_version": 0, "attributes": {"bucket": "data", "id": "data", "token": "", ` + wholeTerraform + `}}]}]}`,
	"terraform show of a state": `{"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": {"child_modules": [{"address": "module.m", "resources": [
		{"address": "module.m.aws_s3_bucket_replication_configuration.data[0]", "mode": "managed", "type": "aws_s3_bucket_replication_configuration",
		 "name": "data", "index": 0, "values": {"bucket": "data", "id": "data", ` + wholeTerraform + `}}]}]}}}`,
	"terraform show of a plan": `{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": {"resources": [
		{"address": "aws_s3_bucket_replication_configuration.data", "mode": "managed", "type": "aws_s3_bucket_replication_configuration",
		 "name": "data", "values": {"bucket": "data", "token": null, ` + wholeTerraform + `}}]}},
		"resource_changes": [{"address": "aws_s3_bucket_replication_configuration.data", "change": {"actions": ["create"],
		 "after_unknown": {"id": true, "rule": [{"filter": [{"and": [{}], "tag": []}]}, {}, {}]}}}],
		"prior_state": {"values": {"root_module": {}}}}`,
}

// wholeJSONRules are the rules as CloudFormation names them.
const wholeJSONRules = `{"Id": "tagged", "Priority": "2", "Status": "Enabled",
	 "Filter": {"And": {"Prefix": "a/", "TagFilters": [{"Key": "class", "Value": "x"}, {"Key": "y", "Value": ""}]}},
	 "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}, "ReplicaModifications": {"Status": "Enabled"}},
	 "DeleteMarkerReplication": {"Status": "Disabled"},
	 "Destination": {"Bucket": "arn:aws:s3:::dr", "Account": 222222222222, "StorageClass": "STANDARD_IA",
	  "AccessControlTranslation": {"Owner": "Destination"},
	  "EncryptionConfiguration": {"ReplicaKmsKeyID": "arn:aws:kms:us-west-2:222222222222:key/k"},
	  "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
	  "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}}}},
	{"Id": "one", "Priority": 1, "Status": "Disabled", "Filter": {"TagFilter": {"Key": "k", "Value": "v"}},
	 "DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {"Bucket": "arn:aws:s3:::dr"}},
	{"Id": "rest", "Priority": 0, "Status": "Enabled", "Filter": {"Prefix": ""},
	 "DeleteMarkerReplication": {"Status": "Enabled"}, "Destination": {"Bucket": "arn:aws:s3:::dr"}}`

// wholeTerraform are the role and the rules as the provider keeps them.
const wholeTerraform = `"role": "arn:aws:iam::111111111111:role/r", "rule": [
	{"id": "tagged", "prefix": "", "priority": 2, "status": "Enabled", "existing_object_replication": [],
	 "filter": [{"and": [{"prefix": "a/", "tags": {"class": "x", "y": ""}}], "prefix": "", "tag": []}],
	 "source_selection_criteria": [{"sse_kms_encrypted_objects": [{"status": "Enabled"}], "replica_modifications": [{"status": "Enabled"}]}],
	 "delete_marker_replication": [{"status": "Disabled"}],
	 "destination": [{"bucket": "arn:aws:s3:::dr", "account": "222222222222", "storage_class": "STANDARD_IA",
	  "access_control_translation": [{"owner": "Destination"}],
	  "encryption_configuration": [{"replica_kms_key_id": "arn:aws:kms:us-west-2:222222222222:key/k"}],
	  "replication_time": [{"status": "Enabled", "time": [{"minutes": 15}]}],
	  "metrics": [{"status": "Enabled", "event_threshold": [{"minutes": 15}]}]}]},
	{"id": "one", "prefix": null, "priority": 1, "status": "Disabled", "filter": [{"and": [], "prefix": "", "tag": [{"key": "k", "value": "v"}]}],
	 "source_selection_criteria": [], "delete_marker_replication": [{"status": "Disabled"}],
	 "destination": [{"bucket": "arn:aws:s3:::dr", "account": "", "storage_class": "", "access_control_translation": [], "encryption_configuration": []}]},
	{"id": "rest", "prefix": "", "priority": 0, "status": "Enabled", "filter": [{"and": [], "prefix": "", "tag": []}],
	 "delete_marker_replication": [{"status": "Enabled"}], "destination": [{"bucket": "arn:aws:s3:::dr"}]}]`

// wholeRules are the rules in YAML, with the names of a tool.
func wholeRules(indent, id, key, tag, tags string) string {
	text := `- ` + id + `: tagged
  Priority: 2
  Status: Enabled
  Filter:
    And:
      Prefix: a/
      ` + tags + `: [{Key: class, Value: x}, {Key: y, Value: ''}]
  SourceSelectionCriteria:
    SseKmsEncryptedObjects: &on
      Status: Enabled
    ReplicaModifications: *on
  DeleteMarkerReplication: {Status: Disabled}
  Destination:
    Bucket: arn:aws:s3:::dr
    Account: 222222222222
    StorageClass: STANDARD_IA
    AccessControlTranslation: {Owner: Destination}
    EncryptionConfiguration: {` + key + `: 'arn:aws:kms:us-west-2:222222222222:key/k'}
    ReplicationTime: {Status: Enabled, Time: {Minutes: 15}}
    Metrics: {Status: Enabled, EventThreshold: {Minutes: 15}}
- ` + id + `: one
  Priority: 1
  Status: Disabled
  Filter: {` + tag + `: {Key: k, Value: v}}
  DeleteMarkerReplication: {Status: Disabled}
  Destination: {Bucket: 'arn:aws:s3:::dr'}
- ` + id + `: rest
  Priority: 0
  Status: Enabled
  Filter: {Prefix: ''}
  DeleteMarkerReplication: {Status: Enabled}
  Destination: {Bucket: 'arn:aws:s3:::dr'}
`
	return indented(indent, text)
}

func TestReplications_InEveryForm(t *testing.T) {
	t.Parallel()
	want, err := s3config.ParseJSON([]byte(whole))
	require.NoError(t, err)
	for form, text := range forms {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			found, err := document.Replications([]byte(text))
			require.NoError(t, err)
			require.Len(t, found, 1)
			configuration, err := found[0].Configuration()
			require.NoError(t, err)
			configuration.XMLName = want.XMLName
			assert.Equal(t, want, configuration)
			if found[0].Address != "" {
				assert.Equal(t, "data", found[0].Bucket)
			}
		})
	}
}

func TestReplications_OfTheFirstSchema(t *testing.T) {
	t.Parallel()
	found, err := document.Replications([]byte(`{"version": 4, "terraform_version": "1.9.0", "resources": [{"mode": "managed",
		"type": "aws_s3_bucket_replication_configuration", "name": "a", "instances": [{"attributes": {"bucket": "data", "role": "r", "rule": [
		{"id": "old", "prefix": "", "priority": 0, "status": "Enabled", "filter": [], "destination": [{"bucket": "arn:aws:s3:::dr"}]},
		{"id": "empty filter", "prefix": "", "priority": 0, "status": "Enabled", "filter": [null], "destination": [{"bucket": "arn:aws:s3:::dr"}]}]}}]}]}`))
	require.NoError(t, err)
	configuration, err := found[0].Configuration()
	require.NoError(t, err)
	require.Len(t, configuration.Rules, 2)
	assert.Nil(t, configuration.Rules[0].Filter)
	assert.Nil(t, configuration.Rules[0].Priority)
	assert.NotNil(t, configuration.Rules[0].Prefix)
	assert.NotNil(t, configuration.Rules[1].Filter)
	assert.NotNil(t, configuration.Rules[1].Priority)
}

func TestReplications_ThatAreMissing(t *testing.T) {
	t.Parallel()
	for text, why := range map[string]string{
		"":     "the document is empty",
		" \n ": "the document is empty",
		"\nAn error occurred (ReplicationConfigurationNotFoundError) when calling the GetBucketReplication operation: The replication configuration was not found\n":                     "S3 answered ReplicationConfigurationNotFoundError",
		`<?xml version="1.0"?><Error><Code>ReplicationConfigurationNotFoundError</Code><Message>m</Message><BucketName>b</BucketName><RequestId>r</RequestId><HostId>h</HostId></Error>`: "S3 answered ReplicationConfigurationNotFoundError",
	} {
		found, err := document.Replications([]byte(text))
		require.NoError(t, err, text)
		assert.Contains(t, found[0].Missing, why, text)
	}
}

// What can't be read says what can, and what can't be known names itself.
func TestReplications_ThatCannotBeRead(t *testing.T) {
	t.Parallel()
	template := func(role, bucket string) string {
		return "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    Properties:\n      ReplicationConfiguration:\n        Role: " + role +
			"\n        Rules:\n        - Status: Enabled\n          Prefix: ''\n          Destination:\n            Bucket: " + bucket + "\n"
	}
	plan := func(unknown string) string {
		return `{"format_version": "1.2", "planned_values": {"root_module": {"resources": [{"address": "aws_s3_bucket_replication_configuration.a", "mode": "managed",
		"type": "aws_s3_bucket_replication_configuration", "values": {"rule": [{"status": "Enabled"}]}}]}},
		"resource_changes": [{"address": "aws_s3_bucket_replication_configuration.a", "change": {"after_unknown": ` + unknown + `}}]}`
	}
	for name, test := range map[string]struct{ text, says string }{
		"--output text":                 {"REPLICATIONCONFIGURATION\tarn:aws:iam::111111111111:role/r\nRULES\tall\t1\tEnabled\n", "print it with --output json"},
		"--output table":                {"---------------------\n|  GetBucketReplication |\n", "print it with --output json"},
		"another error of AWS":          {"An error occurred (AccessDenied) when calling the GetBucketReplication operation: Access Denied", "an error of AWS, AccessDenied"},
		"another error in XML":          {"<Error><Code>AccessDenied</Code></Error>", "an error of AWS, AccessDenied"},
		"the language of Terraform":     {"# replication\nresource \"aws_s3_bucket_replication_configuration\" \"a\" {\n  role = x\n}\n", "`terraform show -json`"},
		"an old Terraform state":        {`{"version": 3, "terraform_version": "0.11.0", "modules": []}`, "version 3"},
		"a state without replication":   {`{"version": 4, "terraform_version": "1.9.0", "resources": []}`, "there is no replication in it"},
		"a template without it":         {"Resources:\n  T:\n    Type: AWS::SNS::Topic\n", "there is no replication in it"},
		"!GetAtt":                       {template("!GetAtt Role.Arn", "arn:aws:s3:::dr"), "Role is !GetAtt Role.Arn: only CloudFormation can work that out"},
		"!Sub":                          {template("r", "!Sub 'arn:${AWS::Partition}:s3:::dr'"), "Rules[0].Destination.Bucket is !Sub arn:${AWS::Partition}:s3:::dr"},
		"!If and !Join":                 {template("!If [Prod, a, !Ref B]", "!Join ['', [a, b]]"), "Role is !If Prod, a, ..., Rules[0].Destination.Bucket is !Join , ..."},
		"Fn::GetAtt in JSON":            {`{"Role": {"Fn::GetAtt": ["R", "Arn"]}, "Rules": []}`, "Role is !GetAtt R.Arn"},
		"a short form in a flow":        {`{Role: !GetAtt R.Arn, Rules: []}`, "Role is !GetAtt R.Arn"},
		"a role known after apply":      {plan(`{"id": true, "role": true, "rule": [{"id": true}]}`), "aws_s3_bucket_replication_configuration.a: role: Terraform knows that only after it is applied"},
		"a destination after apply":     {plan(`{"rule": [{"destination": [{"bucket": true}]}]}`), "rule[0].destination[0].bucket"},
		"a descriptor":                  {`[{"version": 1, "destinations": []}]`, "--descriptor"},
		"an element that S3 lacks":      {`<ReplicationConfiguration><Role>r</Role><Rule><Status>Enabled</Status><Replicate/></Rule></ReplicationConfiguration>`, "the element Replicate"},
		"another root":                  {`<html></html>`, "the element html"},
		"an entity":                     {`<!DOCTYPE x [<!ENTITY a "b">]><ReplicationConfiguration><Role>&a;</Role></ReplicationConfiguration>`, "invalid character entity"},
		"a field that S3 lacks":         {`{"Role": "r", "Rules": [{"Statuss": "Enabled"}]}`, `unknown field "Statuss"`},
		"a field of Terraform's future": {plan(`{}`)[:0] + `{"format_version": "1.0", "values": {"root_module": {"resources": [{"address": "x", "mode": "managed", "type": "aws_s3_bucket_replication_configuration", "values": {"role": "r", "rule": [{"status": "Enabled", "moon_phase": "full"}]}}]}}}`, `unknown field "MoonPhase"`},
		"a key twice":                   {`{"Role": "r", "Role": "s"}`, `the key "Role" is given twice`},
		"a key twice in YAML":           {"Role: r\nRole: s\n", `the key "Role" is given twice`},
		"binary":                        {"\x00\x01\x02", "it is not text"},
		"prose":                         {"no replication here", "it begins with"},
		"two documents":                 {"Role: r\n---\nRole: s\n", "several documents"},
		"something that follows":        {`{"Role": "r"} {}`, "something follows the document"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := document.Replications([]byte(test.text))
			if err == nil {
				require.Len(t, found, 1)
				_, err = found[0].Configuration()
			}
			require.ErrorContains(t, err, test.says)
		})
	}
}

func TestReplications_OfSeveralBuckets(t *testing.T) {
	t.Parallel()
	found, err := document.Replications([]byte(`{"version": 4, "terraform_version": "1.9.0", "resources": [{"mode": "managed", "module": "module.m",
		"type": "aws_s3_bucket_replication_configuration", "name": "a", "instances": [
		{"index_key": "x", "attributes": {"bucket": "one"}}, {"index_key": 1, "attributes": {"bucket": "two"}}]}]}`))
	require.NoError(t, err)
	require.Len(t, found, 2)
	assert.Equal(t, []string{"one", `module.m.aws_s3_bucket_replication_configuration.a["x"]`}, found[0].Names())
	assert.Equal(t, "two (module.m.aws_s3_bucket_replication_configuration.a[1])", found[1].String())
}
