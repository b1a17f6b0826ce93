package live

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// called is an error as the SDK returns it from a call.
func called(service, operation string, err error) error {
	return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: fmt.Errorf(
		"exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , HostID: , %w", err)}
}

// unsent is an error of the network, as the SDK returns it.
func unsent(err error) error {
	return &smithyhttp.RequestSendError{Err: &url.Error{Op: "Post", URL: "https://sts.us-east-1.amazonaws.com/", Err: err}}
}

func answered(code, message string) error {
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusForbidden}}, Err: &smithy.GenericAPIError{Code: code, Message: message},
	}
}

// The errors of AWS and of the way to it, as the SDK returns them, each with its
// cause and the way out.
func TestTrouble_HasACauseAndAWayOut(t *testing.T) {
	t.Setenv("AWS_PROFILE", "prod")
	t.Setenv("AWS_CA_BUNDLE", "")
	place := replication.DeployedBucket{Bucket: "data", Region: "us-east-1", AccountID: "111111111111"}
	misspelled := replication.DeployedBucket{Region: "us-esat-1"}
	lookup := &net.DNSError{Err: "no such host", Name: "sts.us-east-1.amazonaws.com", IsNotFound: true}
	refresh := func(err error) error { return fmt.Errorf("failed to refresh cached credentials, %w", err) }
	for _, test := range []struct {
		name          string
		place         replication.DeployedBucket
		err           error
		cause, wayOut string
	}{
		{"no network", place, called("STS", "GetCallerIdentity", unsent(lookup)), "AWS can't be reached: lookup sts.us-east-1.amazonaws.com: no such host", "is there a network here?"},
		{"no such region", misspelled, called("STS", "GetCallerIdentity", unsent(lookup)), "can't be reached", "did you mean us-east-1?"},
		{"refused connection", place, called("S3", "HeadObject", unsent(&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")})), "AWS can't be reached: dial tcp: connection refused", "can us-east-1 be reached"},
		{"no answer in time", place, called("S3", "HeadObject", fmt.Errorf("canceled, %w", context.DeadlineExceeded)), "AWS did not answer in time", "can us-east-1 be reached"},
		{"no proxy", place, called("S3", "HeadObject", unsent(&net.OpError{Op: "proxyconnect", Net: "tcp", Err: errors.New("connection refused")})), "can't be reached: proxyconnect tcp", "the proxy that HTTPS_PROXY names does not answer"},
		{"unknown CA", place, called("STS", "GetCallerIdentity", unsent(x509.UnknownAuthorityError{})), "the certificate of the server is not trusted: x509: certificate signed by unknown authority", "AWS_CA_BUNDLE"},
		{"certificate that has expired", place, called("S3", "HeadObject", unsent(x509.CertificateInvalidError{Reason: x509.Expired, Detail: "now is later"})), "x509: certificate has expired", "AWS_CA_BUNDLE"},
		{"CA file without certificates", place, errors.New("failed to load custom CA bundle PEM file"), "has no certificates that can be read", "in PEM"},
		{"throttling by S3", place, called("S3", "HeadObject", answered("SlowDown", "Please reduce your request rate.")), "SlowDown: Please reduce", "AWS throttles"},
		{"throttling by others", place, called("KMS", "DescribeKey", answered("ThrottlingException", "Rate exceeded")), "ThrottlingException: Rate exceeded", "AWS throttles"},
		{"clock, as S3 says it", place, called("S3", "HeadBucket", answered("RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")), "RequestTimeTooSkewed", "set the clock"},
		{"clock, as others say it", place, called("STS", "GetCallerIdentity", answered("SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than 20260102T000000Z")), "Signature expired", "set the clock"},
		{"clock that is fast", place, called("KMS", "DescribeKey", answered("InvalidSignatureException", "Signature not yet current: 1 is still later than 2")), "Signature not yet current", "set the clock"},
		{"wrong secret", place, called("STS", "GetCallerIdentity", answered("SignatureDoesNotMatch", "The request signature we calculated does not match.")), "SignatureDoesNotMatch", "correct AWS_SECRET_ACCESS_KEY"},
		{"unknown access key", place, called("STS", "GetCallerIdentity", answered("InvalidClientTokenId", "The security token included in the request is invalid.")), "InvalidClientTokenId", "correct AWS_ACCESS_KEY_ID"},
		{"expired session", place, called("S3", "HeadObject", answered("ExpiredToken", "The provided token has expired.")), "ExpiredToken", "the session has expired: sign in again"},
		{"expired SSO session", place, refresh(&ssocreds.InvalidTokenError{}), "IAM Identity Center (SSO) has expired", "`aws sso login --profile prod`"},
		{"SSO without a session", place, refresh(errors.New("failed to read cached SSO token file, open x: no such file")), "IAM Identity Center (SSO) has expired", "`aws sso login --profile prod`"},
		{"SSO that refuses its token", place, refresh(called("SSO", "GetRoleCredentials", answered("UnauthorizedException", "Session token not found or invalid"))), "IAM Identity Center (SSO) has expired", "`aws sso login --profile prod`"},
		{"SSO without a network", place, refresh(called("SSO OIDC", "CreateToken", unsent(lookup))), "AWS can't be reached", "is there a network here?"},
		{"expired login", place, refresh(errors.New("login session has expired, please reauthenticate")), "the sign-in of `aws login` has expired", "`aws login --profile prod`"},
		{"no credentials", place, refresh(called("ec2imds", "GetMetadata", unsent(&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("no route to host")}))), "there are no AWS credentials", "set AWS_PROFILE"},
		{"no profile", place, config.SharedConfigProfileNotExistError{Profile: "prd"}, `there is no AWS profile "prd"`, "aws configure list-profiles"},
		{"role that can't be assumed", place, called("S3", "HeadBucket", refresh(called("STS", "AssumeRole", answered("AccessDenied", "User: u is not authorized to perform: sts:AssumeRole")))), "AccessDenied: User: u is not authorized", "allow them sts:AssumeRole"},
		{"no permission", place, called("S3", "HeadObject", answered("AccessDenied", "Access Denied")), "AccessDenied: Access Denied", "in the account 111111111111"},
		{"another region", place, called("S3", "HeadObject", answered("PermanentRedirect", "The bucket must be addressed elsewhere.")), "PermanentRedirect", "s3://data is not in us-east-1"},
		{"another region to sign for", place, called("S3", "HeadObject", answered("AuthorizationHeaderMalformed", "the region is wrong; expecting 'eu-west-1'")), "expecting 'eu-west-1'", "s3://data is not in us-east-1"},
		{"region that is not enabled", replication.DeployedBucket{Region: "af-south-1"}, called("EC2", "X", answered("OptInRequired", "You are not subscribed")), "OptInRequired", "AWS_REGION"},
		{"AWS has trouble", place, called("S3", "HeadObject", answered("InternalError", "We encountered an internal error.")), "InternalError", "health.aws.amazon.com"},
		{"a page in the place of an answer", place, called("STS", "GetCallerIdentity", &smithy.DeserializationError{Err: errors.New("EOF")}), "the answer is not one of AWS", "a network that wants a sign-in"},
		{"no bucket", place, called("S3", "HeadObject", answered("NoSuchBucket", "The specified bucket does not exist")), "NoSuchBucket", "`pulumi refresh`"},
		{"no bucket that was adopted", replication.DeployedBucket{Bucket: "data", Existing: true}, called("S3", "HeadObject", answered("NoSuchBucket", "")), "NoSuchBucket", "managed elsewhere"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cause, wayOut := Brief(test.err), Advice(test.place, test.err)
			assert.Contains(t, cause, test.cause)
			assert.Contains(t, wayOut, test.wayOut)
			for _, envelope := range []string{"operation error", "RequestID", "exceeded maximum", "StatusCode", "request send failed"} {
				assert.NotContains(t, cause, envelope)
			}
		})
	}
}
