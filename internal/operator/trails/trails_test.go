package trails

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const bucket = "arn:aws:s3:::data"

func field(name string, equals, under []string) types.AdvancedFieldSelector {
	return types.AdvancedFieldSelector{Field: &name, Equals: equals, StartsWith: under}
}

func TestSelected_SaysWhatIsCovered(t *testing.T) {
	t.Parallel()
	objects := field("resources.type", []string{"AWS::S3::Object"}, nil)
	data := func(more ...types.AdvancedFieldSelector) *cloudtrail.GetEventSelectorsOutput {
		fields := append([]types.AdvancedFieldSelector{field("eventCategory", []string{"Data"}, nil), objects}, more...)
		return &cloudtrail.GetEventSelectorsOutput{AdvancedEventSelectors: []types.AdvancedEventSelector{{FieldSelectors: fields}}}
	}
	basic := func(kind types.ReadWriteType, values ...string) *cloudtrail.GetEventSelectorsOutput {
		return &cloudtrail.GetEventSelectorsOutput{EventSelectors: []types.EventSelector{{
			ReadWriteType: kind, IncludeManagementEvents: aws.Bool(true),
			DataResources: []types.DataResource{{Type: aws.String("AWS::S3::Object"), Values: values}},
		}}}
	}
	butFor := func(change func(*types.AdvancedFieldSelector)) *cloudtrail.GetEventSelectorsOutput {
		under := field("resources.ARN", nil, []string{bucket + "/"})
		change(&under)
		return data(under)
	}
	part := []string{bucket + "/finance/"}
	for name, test := range map[string]struct {
		found  *cloudtrail.GetEventSelectorsOutput
		text   string
		covers bool
	}{
		"the bucket":             {data(field("resources.ARN", nil, []string{bucket + "/"})), "objects of " + bucket, true},
		"another bucket":         {data(field("resources.ARN", nil, []string{bucket + "-2/"})), "objects of " + bucket + "-2", false},
		"a part of the bucket":   {data(field("resources.ARN", nil, []string{bucket + "/a/"})), "objects of " + bucket + "/a", false},
		"all but a part":         {butFor(func(f *types.AdvancedFieldSelector) { f.NotStartsWith = part }), "limits on resources.ARN", false},
		"all but an object":      {butFor(func(f *types.AdvancedFieldSelector) { f.NotEquals = part }), "limits on resources.ARN", false},
		"all but an ending":      {butFor(func(f *types.AdvancedFieldSelector) { f.NotEndsWith = []string{".pdf"} }), "limits on resources.ARN", false},
		"an ending only":         {butFor(func(f *types.AdvancedFieldSelector) { f.EndsWith = []string{".pdf"} }), "limits on resources.ARN", false},
		"all buckets":            {data(), "objects of all buckets", true},
		"writes only":            {data(field("resources.ARN", nil, []string{bucket + "/"}), field("readOnly", []string{"false"}, nil)), "limits on readOnly", false},
		"an older selector":      {basic(types.ReadWriteTypeAll, bucket+"/"), "management events, objects of " + bucket, true},
		"an older one for reads": {basic(types.ReadWriteTypeReadOnly, bucket+"/"), "limits on ReadOnly", false},
		"an older one without KMS": {
			func() *cloudtrail.GetEventSelectorsOutput {
				found := basic(types.ReadWriteTypeAll, bucket+"/")
				found.EventSelectors[0].ExcludeManagementEventSources = []string{"kms.amazonaws.com"}
				return found
			}(), "management events, objects of " + bucket + ", no management events of kms.amazonaws.com", true,
		},
		"nothing": {&cloudtrail.GetEventSelectorsOutput{}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trail := Trail{selection: selected(test.found)}
			assert.Equal(t, test.text, trail.selection.String())
			assert.Equal(t, test.covers, trail.Covers(bucket))
		})
	}
}

// A trail that is on and can't write its log files records nothing.
func TestRead_KnowsTheErrorsOfDeliveries(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = io.WriteString(w, map[string]string{
			"GetTrail":          `{"Trail": {"S3BucketName": "logs"}}`,
			"GetTrailStatus":    `{"IsLogging": true, "LatestDeliveryError": "AccessDenied", "LatestDeliveryTime": 1700000000}`,
			"GetEventSelectors": `{}`,
		}[r.Header.Get("X-Amz-Target")[len("CloudTrail_20131101."):]])
	}))
	defer server.Close()
	trail, err := Read(t.Context(), aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("A", "S", ""),
	}, "arn:aws:cloudtrail:us-east-1:111111111111:trail/audit")
	require.NoError(t, err)
	assert.True(t, trail.Logging())
	assert.Equal(t, []string{"the latest delivery of log files failed: AccessDenied"}, trail.Undelivered)
	assert.Equal(t, int64(1700000000), trail.Delivered.Unix())
	assert.False(t, trail.Covers(bucket))
}
