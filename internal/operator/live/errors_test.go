package live

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func TestFailed_SaysWhatToDo(t *testing.T) {
	t.Parallel()
	here := replication.DeployedBucket{Bucket: "data", Region: "us-east-1", AccountID: "111111111111"}
	there := here
	there.AssumeRoleARN = "arn:aws:iam::222222222222:role/deploy"
	for _, test := range []struct {
		name  string
		place replication.DeployedBucket
		err   error
		want  string
	}{
		{"no permission", here, &smithy.GenericAPIError{Code: "AccessDenied"}, "credentials that may do this in the account 111111111111"},
		{"no permission in another account", there, &smithy.GenericAPIError{Code: "AccessDeniedException"}, "let the role arn:aws:iam::222222222222:role/deploy"},
		{"no bucket", here, &smithy.GenericAPIError{Code: "NoSuchBucket"}, "s3://data is still deployed"},
		{"no answer", here, &net.DNSError{Err: "no such host"}, "can us-east-1 be reached"},
		{
			"what the SDK says besides", here,
			&smithy.OperationError{ServiceID: "S3", OperationName: "ListObjects", Err: &smithy.GenericAPIError{Code: "ServiceUnavailable", Message: "Try later."}},
			"reading the rules: ServiceUnavailable: Try later; can us-east-1 be reached",
		},
		{"throttling", here, &smithy.GenericAPIError{Code: "SlowDown", Message: "please"}, "reading the rules: SlowDown: please; AWS throttles these calls"},
		{"something else", here, &smithy.GenericAPIError{Code: "Odd", Message: "please"}, "reading the rules: Odd: please"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := Failed("reading the rules", test.place, test.err)
			assert.ErrorContains(t, err, test.want)
			assert.ErrorIs(t, err, test.err)
		})
	}
}

func TestFailed_LeavesAnInterruptionAlone(t *testing.T) {
	t.Parallel()
	assert.NoError(t, Failed("reading", replication.DeployedBucket{}, nil))
	assert.Equal(t, context.Canceled, Failed("reading", replication.DeployedBucket{}, context.Canceled))
	assert.Empty(t, Code(errors.New("anything")))
}

func TestS3API_NamesTheOwner(t *testing.T) {
	t.Parallel()
	place := replication.DeployedBucket{Bucket: "data", Region: "us-east-1", AccountID: "111111111111"}
	assert.Equal(t, "aws s3api head-bucket --bucket data --region us-east-1 --expected-bucket-owner 111111111111", S3API("head-bucket", place))
	place.AccountID = "<account>"
	assert.Equal(t, "aws s3api head-bucket --bucket data --region us-east-1", S3API("head-bucket", place), "a stand-in")
}
