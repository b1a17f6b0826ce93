package localaws

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ask sends a request as the tests' administrator, and returns the response without
// retries. Headers are lines such as "X-Amz-Target: A.B".
func (a *account) ask(service, method, address, body string, headers ...string) (status int, header http.Header, content string) {
	a.t.Helper()
	request, err := http.NewRequestWithContext(a.t.Context(), method, address, strings.NewReader(body))
	require.NoError(a.t, err)
	for _, line := range headers {
		if line == "" {
			continue
		}
		name, value, _ := strings.Cut(line, ": ")
		request.Header.Set(name, value)
	}
	if service == "s3" {
		sum := sha256.Sum256([]byte(body))
		request.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:]))
	}
	require.NoError(a.t, a.server.access().sign(request, body, service, "us-east-1"))
	answer, err := a.server.HTTPClient().Do(request)
	require.NoError(a.t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(a.t, err)
	require.NoError(a.t, answer.Body.Close())
	return answer.StatusCode, answer.Header, string(text)
}

// refusedBy returns the elements of S3's error in order, without those that every
// error has.
func (a *account) refusedBy(method, path, body string, headers ...string) (status int, elements []string) {
	a.t.Helper()
	status, _, text := a.ask("s3", method, "https://s3.us-east-1.amazonaws.com"+path, body, headers...)
	var document struct {
		XMLName  xml.Name `xml:"Error"`
		Elements []struct {
			XMLName xml.Name
			Text    string `xml:",chardata"`
		} `xml:",any"`
	}
	require.NoError(a.t, xml.Unmarshal([]byte(text), &document), "%d %s", status, text)
	for _, element := range document.Elements {
		if name := element.XMLName.Local; name != "RequestId" && name != "HostId" {
			elements = append(elements, name+": "+element.Text)
		}
	}
	return status, elements
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
func TestRefusedNotificationConfigurations(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	_, open := a.queue("open")
	closed := strings.Replace(open, ":open", ":closed", 1)
	_, err := a.s3().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("plain")})
	require.NoError(t, err)
	a.query("sqs", "us-east-1", "2012-11-05", map[string][]string{"Action": {"CreateQueue"}, "QueueName": {"closed"}}, &struct{}{})
	const (
		validate = "Message: Unable to validate the following destination configurations"
		invalid  = "Code: InvalidArgument"
		arns     = "arn:aws:sns:us-east-1:123456789012:"
		function = "arn:aws:lambda:us-east-1:123456789012:function:f"
	)
	target := func(kind, arn, more string) string {
		return "<" + kind + "Configuration><" + kind + ">" + arn + "</" + kind + ">" + more + "</" + kind + "Configuration>"
	}
	filter := func(name, value string) string {
		return "<FilterRule><Name>" + name + "</Name><Value>" + value + "</Value></FilterRule>"
	}
	events := func(names ...string) string { return "<Event>" + strings.Join(names, "</Event><Event>") + "</Event>" }
	created := events("s3:ObjectCreated:*")
	filtered := func(rules ...string) string {
		return created + "<Filter><S3Key>" + strings.Join(rules, "") + "</S3Key></Filter>"
	}
	ambiguous := []string{invalid, "Message: Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type."}
	unparsable := func(kind, arn string) []string {
		return []string{invalid, "Message: The ARN could not be parsed", "ArgumentName: " + kind, "ArgumentValue: " + arn}
	}
	tests := map[string]struct {
		bucket, targets string
		want            []string // nil: it is accepted
	}{
		"no bucket":                     {"gone", "", []string{"Code: NoSuchBucket", "Message: The specified bucket does not exist", "BucketName: gone"}},
		"no ARN of a queue":             {"data", target("Queue", "invalid-queue", created), unparsable("Queue", "invalid-queue")},
		"a topic as a queue":            {"data", target("Queue", arns+"t", created), unparsable("Queue", arns+"t")},
		"no ARN of a topic":             {"data", target("Topic", "t", created), unparsable("Topic", "t")},
		"no ARN of a function":          {"data", target("CloudFunction", "f", created), unparsable("CloudFunction", "f")},
		"no such queue":                 {"data", target("Queue", open+"x", created), []string{invalid, validate, "ArgumentName1: " + open + "x", "ArgumentValue1: The destination queue does not exist"}},
		"no such topic":                 {"data", target("Topic", arns+"t", created), []string{invalid, validate, "ArgumentName1: " + arns + "t", "ArgumentValue1: The destination topic does not exist"}},
		"no such function":              {"data", target("CloudFunction", function, created), []string{invalid, validate, "ArgumentName1: " + function + ", null", "ArgumentValue1: Not authorized to invoke function [" + function + "]"}},
		"a queue that keeps S3 out":     {"data", target("Queue", closed, created), []string{invalid, validate, "ArgumentName1: " + closed, "ArgumentValue1: Permissions on the destination queue do not allow S3 to publish notifications from this bucket"}},
		"two that can't be sent to":     {"data", target("Topic", arns+"t", created) + target("Queue", open+"x", events("s3:ObjectRemoved:*")), []string{invalid, validate, "ArgumentName1: " + arns + "t", "ArgumentValue1: The destination topic does not exist", "ArgumentName2: " + open + "x", "ArgumentValue2: The destination queue does not exist"}},
		"no event":                      {"data", target("Queue", open, ""), []string{"Code: MalformedXML", "Message: The XML you provided was not well-formed or did not validate against our published schema"}},
		"an unknown event":              {"data", target("Queue", open, events("s3:ObjectSeen")), []string{invalid, "Message: The event 's3:ObjectSeen' is not supported for notifications", "ArgumentName: Event", "ArgumentValue: s3:ObjectSeen"}},
		"an unknown filter":             {"data", target("Queue", open, filtered(filter("INVALID", "x"))), []string{invalid, "Message: filter rule name must be either prefix or suffix", "ArgumentName: FilterRule.Name", "ArgumentValue: INVALID"}},
		"the same events":               {"data", target("Queue", open, created) + target("Queue", closed, events("s3:ObjectCreated:Put")), ambiguous},
		"overlapping filters":           {"data", target("Queue", open, filtered(filter("prefix", "a"))) + target("Queue", open, filtered(filter("prefix", "ab"), filter("suffix", ".gz"))), ambiguous},
		"filters that don't overlap":    {"data", target("Queue", open, filtered(filter("Prefix", "a"))) + target("Queue", open, filtered(filter("PREFIX", "b"))), nil},
		"suffixes that don't overlap":   {"data", target("Queue", open, filtered(filter("suffix", ".a"))) + target("Queue", open, filtered(filter("suffix", ".b"))), nil},
		"events that begin like others": {"data", target("Queue", open, events("s3:ObjectRemoved:Delete")) + target("Queue", open, events("s3:ObjectRemoved:DeleteMarkerCreated")), nil},
	}
	for name, test := range tests {
		path, body := "/"+test.bucket+"?notification=", "<NotificationConfiguration>"+test.targets+"</NotificationConfiguration>"
		if test.want == nil {
			status, _, text := a.ask("s3", http.MethodPut, "https://s3.us-east-1.amazonaws.com"+path, body)
			assert.Equal(t, http.StatusOK, status, "%s: %s", name, text)
			continue
		}
		_, elements := a.refusedBy(http.MethodPut, path, body)
		assert.Equal(t, test.want, elements, name)
	}
	_, elements := a.refusedBy(http.MethodPut, "/data?notification=", "<NotificationConfiguration>"+target("Queue", "invalid-queue", created)+"</NotificationConfiguration>", "X-Amz-Skip-Destination-Validation: true")
	assert.Equal(t, unparsable("Queue", "invalid-queue"), elements, "an ARN is read also where targets are not looked at")
}

// Few errors contain the bucket or the key.
func TestElementsOfErrors(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	a.write("data", "k", "x")
	tests := map[string]struct {
		method, path, body string
		want               []string
	}{
		"no bucket":     {"GET", "/gone?policy=", "", []string{"Code: NoSuchBucket", "Message: The specified bucket does not exist", "BucketName: gone"}},
		"no lifecycle":  {"GET", "/data?lifecycle=", "", []string{"Code: NoSuchLifecycleConfiguration", "Message: The lifecycle configuration does not exist", "BucketName: data"}},
		"no key":        {"GET", "/data/none", "", []string{"Code: NoSuchKey", "Message: The specified key does not exist.", "Key: none"}},
		"no version":    {"GET", "/data/k?versionId=11111111-2222-3333-4444-555555555555", "", []string{"Code: NoSuchVersion", "Message: The specified version does not exist.", "Key: k", "VersionId: 11111111-2222-3333-4444-555555555555"}},
		"a bad version": {"GET", "/data/k?versionId=bad", "", []string{"Code: InvalidArgument", "Message: Invalid version id specified", "ArgumentName: versionId", "ArgumentValue: bad"}},
		"not XML":       {"PUT", "/data?replication=", "x", []string{"Code: MalformedXML", "Message: The XML you provided was not well-formed or did not validate against our published schema"}},
		"a rule to no bucket": {
			"PUT", "/data?replication=", `<ReplicationConfiguration><Role>arn:aws:iam::123456789012:role/r</Role><Rule><ID>a</ID><Status>Enabled</Status><Priority>1</Priority><Filter/>` +
				`<DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication><Destination><Bucket>arn:aws:s3:::gone</Bucket></Destination></Rule></ReplicationConfiguration>`,
			[]string{"Code: InvalidRequest", "Message: Destination bucket must have versioning enabled."},
		},
	}
	for name, test := range tests {
		_, elements := a.refusedBy(test.method, test.path, test.body)
		assert.Equal(t, test.want, elements, name)
	}
}

// SDKs retry server errors. The emulator has many where AWS has client errors.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
// https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
func TestWrongRequestsAreErrorsOfTheClient(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	a.write("data", "k", "x")
	const (
		malformed = "MalformedXML"
		trail     = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."
	)
	tests := []struct {
		service, what, body string // a method and a path, a target, or nothing for a query
		want                string
		status              int
	}{
		{"s3", "PUT /data?encryption=", "<ServerSideEncryptionConfiguration/>", malformed, 400},
		{"s3", "PUT /data?encryption=", "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>x</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>", malformed, 400},
		{"s3", "PUT /data?tagging=", "<Tagging/>", malformed, 400},
		{"s3", "PUT /data?acl=", "x", "AccessControlListNotSupported", 400},
		{"s3", "PUT /data?cors=", "<CORSConfiguration/>", malformed, 400},
		{"s3", "PUT /data?accelerate=", "x", malformed, 400},
		{"s3", "PUT /data?publicAccessBlock=", "x", malformed, 400},
		{"s3", "PUT /gone?publicAccessBlock=", "<PublicAccessBlockConfiguration/>", "NoSuchBucket", 404},
		{"s3", "PUT /data?ownershipControls=", "<OwnershipControls/>", malformed, 400},
		{"s3", "PUT /data?versioning=", "<VersioningConfiguration/>", "IllegalVersioningConfigurationException", 400},
		{"s3", "PUT /data?versioning=", "<VersioningConfiguration><Status>enabled</Status></VersioningConfiguration>", malformed, 400},
		{"s3", "PUT /data/k?tagging=", "x", malformed, 400},
		{"s3", "DELETE /data/none?tagging=", "", "NoSuchKey", 404},
		{"s3", "GET /data?list-type=2&max-keys=x", "", "InvalidArgument", 400},
		{"s3", "GET /data?list-type=2&continuation-token=x", "", "InvalidArgument", 400},
		{"s3", "GET /data?versions=&max-keys=-1", "", "InvalidArgument", 400},
		{"s3", "GET /data/k?partNumber=3", "", "InvalidPartNumber", 416},
		{"s3", "GET /data/k?versionId=bad", "", "InvalidArgument", 400},
		{"s3", "DELETE /data/k?versionId=bad", "", "InvalidArgument", 400},
		{"s3", "GET /data/k?versionId=11111111-2222-3333-4444-555555555555", "", "NoSuchVersion", 404},
		{"s3", "POST /data/k?uploadId=none", "<CompleteMultipartUpload/>", "NoSuchUpload", 404},
		{"s3", "PUT /data/k?uploadId=none&partNumber=1", "x", "NoSuchUpload", 404},
		{"s3", "POST /data/k?restore=", "x", malformed, 400},
		{"s3", "PUT /fresh", "x", malformed, 400},
		{"kms", "TrentService.CreateKey", "x", "SerializationException", 400},
		{"kms", "TrentService.DescribeKey", "{}", "ValidationException", 400},
		{"kms", "TrentService.ListGrants", `{"KeyId":"none"}`, "NotFoundException", 400},
		{"kms", "TrentService.Nothing", "{}", "UnknownOperationException", 400},
		{"logs", "Logs_20140328.CreateLogGroup", "{}", "ValidationException", 400},
		{"cloudtrail", trail + "StartLogging", `{"Name":"none"}`, "TrailNotFoundException", 400},
		{"cloudtrail", trail + "GetTrailStatus", "{}", "ValidationException", 400},
		{"events", "AWSEvents.PutTargets", `{"Rule":"none"}`, "ValidationException", 400},
		{"sqs", "AmazonSQS.CreateQueue", "{}", "ValidationException", 400},
		{"monitoring", "GraniteServiceVersion20100801.GetMetricData", "{}", "ValidationException", 400},
		{"lambda", "POST /2015-03-31/functions", "x", "SerializationException", 400},
		{"lambda", "POST /2015-03-31/functions", "{}", "ValidationException", 400},
		{"iam", "", "Version=2010-05-08&Action=Nothing", "InvalidAction", 400},
		{"iam", "", "Version=2010-05-08&Action=ListRoles&MaxItems=x", "ValidationError", 400},
		{"sts", "", "Version=2011-06-15&Action=AssumeRole", "ValidationError", 400},
		{"sns", "", "Version=2010-03-31&Action=GetTopicAttributes&TopicArn=x", "ValidationError", 400},
		{"monitoring", "", "Version=2010-08-01&Action=PutDashboard", "ValidationError", 400},
	}
	for _, test := range tests {
		method, path, rest := strings.Cut(test.what, " ")
		var headers []string
		if !rest {
			method, path = http.MethodPost, "/"
			headers = []string{"Content-Type: application/x-www-form-urlencoded"}
			if test.what != "" {
				headers = []string{"Content-Type: application/x-amz-json-1.1", "X-Amz-Target: " + test.what}
			}
		}
		status, header, text := a.ask(test.service, method, "https://"+test.service+".us-east-1.amazonaws.com"+path, test.body, headers...)
		what := test.service + " " + test.what + " " + test.body
		assert.Equal(t, test.status, status, what)
		assert.Contains(t, header.Get("X-Amzn-Errortype")+text, test.want, what)
		assert.Empty(t, header.Get("X-Emulator-Failure"), what)
	}
	done, err := a.s3().DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: aws.String("data"), Delete: &types.Delete{
		Objects: []types.ObjectIdentifier{{Key: aws.String("k"), VersionId: aws.String("bad")}},
	}})
	require.NoError(t, err)
	require.Len(t, done.Errors, 1)
	assert.Equal(t, "NoSuchVersion", aws.ToString(done.Errors[0].Code))
	assert.Equal(t, "bad", aws.ToString(done.Errors[0].VersionId))
}
