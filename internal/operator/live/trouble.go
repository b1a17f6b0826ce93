package live

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// trouble is a kind of error of AWS, or of the connection to AWS, that any call can
// return.
type trouble struct {
	is func(error) bool
	// cause replaces the SDK's message. Nil keeps AWS's message.
	cause func(error) string
	// wayOut returns the fix for a bucket.
	wayOut func(place replication.DeployedBucket, err error) string
	// everywhere is set if it is the same in every region and for every call.
	everywhere bool
}

// troubles are all that are known. The first that fits is taken: errors of
// credentials hold those of the calls that were to get them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html
// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
var troubles = []trouble{
	{
		is: needsTerminal, everywhere: true,
		cause: saying("the AWS profile asks for the code of an MFA device (mfa_serial), and standard input is not a terminal"),
		wayOut: always("run this in a terminal, or sign in first and pass the session on: " +
			"`eval \"$(aws configure export-credentials --format env)\"`"),
	},
	{
		is: isA[config.SharedConfigProfileNotExistError], everywhere: true,
		cause: func(err error) string {
			var missing config.SharedConfigProfileNotExistError
			errors.As(err, &missing)
			return fmt.Sprintf("there is no AWS profile %q", missing.Profile)
		},
		wayOut: always("`aws configure list-profiles` lists them; name one of them with AWS_PROFILE, or with aws:profile in the stack file"),
	},
	{
		is: badBundle, everywhere: true,
		cause: func(error) string {
			return "the file of AWS_CA_BUNDLE or ca_bundle has no certificates that can be read"
		},
		wayOut: always("name a file with certificates in PEM, or unset it to trust those of the system"),
	},
	{
		is: asksMachine, everywhere: true,
		cause:  saying("there are no AWS credentials"),
		wayOut: always(signIn),
	},
	{
		is: func(err error) bool { return isA[*processcreds.ProviderError](err) }, everywhere: true,
		wayOut: always("credential_process of the AWS profile failed: run it by itself, and see what it says"),
	},
	{
		is: untrusted, everywhere: true,
		cause: func(err error) string { return "the certificate of the server is not trusted: " + innermost(err) },
		wayOut: always("where a proxy looks into TLS connections, name the file with its CA in AWS_CA_BUNDLE; " +
			"in a shell of the local AWS, read its environment again: `. .local/env`"),
	},
	{
		is: func(err error) bool {
			broken := (*net.OpError)(nil)
			return errors.As(err, &broken) && broken.Op == "proxyconnect"
		},
		cause:  unreached,
		wayOut: always("the proxy that HTTPS_PROXY names does not answer; if it is that of a local AWS, `make up` starts one"),
	},
	{
		is: func(err error) bool {
			lookup := (*net.DNSError)(nil)
			return errors.As(err, &lookup) && lookup.IsNotFound
		},
		cause: unreached,
		wayOut: func(place replication.DeployedBucket, _ error) string {
			return "is there a network here? " + reach(place)
		},
	},
	{
		is: func(err error) bool {
			return Code(err) == "" && errors.Is(err, context.DeadlineExceeded)
		},
		cause:  saying("AWS did not answer in time"),
		wayOut: func(place replication.DeployedBucket, _ error) string { return reach(place) },
	},
	{
		is: func(err error) bool {
			unreachable := net.Error(nil)
			return Code(err) == "" && errors.As(err, &unreachable)
		},
		cause:  unreached,
		wayOut: func(place replication.DeployedBucket, _ error) string { return reach(place) },
	},
	{
		is: ssoExpired, everywhere: true,
		cause: saying("the sign-in of the AWS profile to IAM Identity Center (SSO) has expired, or there was none"),
		wayOut: func(replication.DeployedBucket, error) string {
			return "sign in again: `aws sso login" + profileFlag() + "`"
		},
	},
	{
		is: func(err error) bool { return strings.Contains(err.Error(), "please reauthenticate") }, everywhere: true,
		cause: saying("the sign-in of `aws login` has expired, or there was none"),
		wayOut: func(replication.DeployedBucket, error) string {
			return "sign in again: `aws login" + profileFlag() + "`"
		},
	},
	{
		is: clockIsOff, everywhere: true,
		wayOut: always("AWS refuses requests whose time differs from its own by more than minutes: set the clock of this machine (`timedatectl` shows it)"),
	},
	{
		is: hasCode("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"), everywhere: true,
		wayOut: always("the session has expired: sign in again, or renew AWS_SESSION_TOKEN and the keys beside it; `crr whoami` shows which credentials are in use"),
	},
	{
		is: hasCode("InvalidClientTokenId", "InvalidAccessKeyId", "UnrecognizedClientException", "InvalidToken"),
		wayOut: always("AWS does not know the access key, or not in this region and partition: sign in again, or correct AWS_ACCESS_KEY_ID; regions that are off " +
			"by default must be enabled for the account; `crr whoami` shows which credentials are in use"),
	},
	{
		is: hasCode("SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure", "IncompleteSignature"), everywhere: true,
		wayOut: always("the secret access key is not that of the access key, or a proxy changes requests: correct AWS_SECRET_ACCESS_KEY; " +
			"`crr whoami` shows which credentials are in use"),
	},
	{
		is: mayNotAssume,
		wayOut: always("the credentials at hand may not assume the role: allow them sts:AssumeRole on it, and let its trust policy name them; " +
			"`crr whoami` shows which are in use"),
	},
	{
		is: hasCode(refused...),
		wayOut: func(place replication.DeployedBucket, _ error) string {
			switch {
			case place.AssumeRoleARN != "":
				return "let the role " + place.AssumeRoleARN + " do this"
			case place.AccountID == "":
				return "use credentials that may do this; `crr whoami` shows which ones are in use"
			default:
				return "use credentials that may do this in the account " + place.AccountID + "; `crr whoami` shows which ones are in use"
			}
		},
	},
	{
		is: hasCode("NoSuchBucket", "NotFound"),
		wayOut: func(place replication.DeployedBucket, _ error) string {
			if place.Existing {
				return "check that s3://" + place.Bucket + " still exists; it is managed elsewhere, so ask its owner"
			}
			return "check with `pulumi refresh` that s3://" + place.Bucket + " is still deployed"
		},
	},
	{
		is: hasCode("PermanentRedirect", "MovedPermanently", "TemporaryRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException",
			"InvalidRegion", "OptInRequired"),
		wayOut: func(place replication.DeployedBucket, _ error) string {
			if place.Bucket == "" {
				return "name the right region with AWS_REGION"
			}
			return "s3://" + place.Bucket + " is not in " + place.Region + ", or that region is not enabled for the account: take the descriptor of the stack as it is deployed (--stack)"
		},
	},
	{
		is:     func(err error) bool { return isThrottling(Code(err)) },
		wayOut: always("AWS throttles these calls: try again later, and look what else calls so often"),
	},
	{
		is:     hasCode(troubled...),
		wayOut: func(place replication.DeployedBucket, _ error) string { return reach(place) },
	},
	{
		is:     func(err error) bool { return isA[*smithy.DeserializationError](err) && Code(err) == "" },
		cause:  saying("the answer is not one of AWS"),
		wayOut: always("something else answers in AWS's place: a proxy, a network that wants a sign-in, or an endpoint that AWS_ENDPOINT_URL names"),
	},
}

// signIn is what to do without credentials.
const signIn = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with `aws login` or `aws sso login`; " +
	"to try this without an account, use the stack local"

// troubleOf is the kind of an error, or nil where it is none of them.
func troubleOf(err error) *trouble {
	if err == nil {
		return nil
	}
	for i := range troubles {
		if troubles[i].is(err) {
			return &troubles[i]
		}
	}
	return nil
}

func saying(text string) func(error) string { return func(error) string { return text } }

func always(text string) func(replication.DeployedBucket, error) string {
	return func(replication.DeployedBucket, error) string { return text }
}

func hasCode(codes ...string) func(error) bool {
	return func(err error) bool { return slices.Contains(codes, Code(err)) }
}

// isA reports whether an error is, or holds, one of a type.
func isA[T error](err error) bool {
	var found T
	return errors.As(err, &found)
}

func isThrottling(code string) bool {
	_, known := retry.DefaultThrottleErrorCodes[code]
	return known
}

// needsTerminal reports whether a code is asked for that cannot be entered.
func needsTerminal(err error) bool { return isA[config.AssumeRoleTokenProviderNotSetError](err) }

// badBundle reports whether the SDK could not read the CAs that it is to trust. It
// has no type for that.
func badBundle(err error) bool {
	unread := (*fs.PathError)(nil)
	named := errors.As(err, &unread) && unread.Path != "" && unread.Path == os.Getenv("AWS_CA_BUNDLE")
	return named || strings.Contains(err.Error(), "custom CA bundle PEM file")
}

// operations are the calls that an error comes from, the outermost first: one for
// credentials may be inside another.
func operations(err error) []*smithy.OperationError {
	var all []*smithy.OperationError
	for {
		operation := (*smithy.OperationError)(nil)
		if !errors.As(err, &operation) {
			return all
		}
		all = append(all, operation)
		err = operation.Err
	}
}

// asksMachine reports whether the last place to look for credentials was asked in
// vain: the metadata service that EC2 instances have, and other machines don't.
func asksMachine(err error) bool {
	return slices.ContainsFunc(operations(err), func(o *smithy.OperationError) bool { return o.ServiceID == "ec2imds" })
}

// mayNotAssume reports whether STS refused a role.
func mayNotAssume(err error) bool {
	return hasCode(refused...)(err) && slices.ContainsFunc(operations(err), func(o *smithy.OperationError) bool {
		return o.ServiceID == "STS" && strings.HasPrefix(o.OperationName, "AssumeRole")
	})
}

// ssoExpired reports whether the token of IAM Identity Center is of no use any more.
// The SDK has a type for one of the two ways to configure it only.
func ssoExpired(err error) bool {
	for _, operation := range operations(err) {
		if operation.ServiceID == "SSO" || operation.ServiceID == "SSO OIDC" {
			return hasCode("UnauthorizedException", "ExpiredTokenException", "InvalidGrantException", "InvalidClientException")(err)
		}
	}
	return isA[*ssocreds.InvalidTokenError](err) || strings.Contains(err.Error(), "cached SSO token")
}

// clockIsOff reports whether AWS refused the time of a request. Services other than
// S3 say so in the message alone.
func clockIsOff(err error) bool {
	return hasCode("RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture")(err) ||
		hasCode("SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure")(err) &&
			(strings.Contains(err.Error(), "Signature expired") || strings.Contains(err.Error(), "Signature not yet current"))
}

func untrusted(err error) bool {
	return isA[x509.UnknownAuthorityError](err) || isA[x509.HostnameError](err) || isA[x509.CertificateInvalidError](err) ||
		isA[*tls.CertificateVerificationError](err) || isA[x509.SystemRootsError](err)
}

func unreached(err error) string { return "AWS can't be reached: " + innermost(err) }

// innermost is what happened on the network, without the call that it happened to.
func innermost(err error) string {
	if unreachable := (*url.Error)(nil); errors.As(err, &unreachable) {
		return unreachable.Err.Error()
	}
	if broken := (*net.OpError)(nil); errors.As(err, &broken) {
		return broken.Error()
	}
	if lookup := (*net.DNSError)(nil); errors.As(err, &lookup) {
		return lookup.Error()
	}
	return err.Error()
}

func profileFlag() string {
	if profile := os.Getenv("AWS_PROFILE"); profile != "" {
		return " --profile " + profile
	}
	return ""
}

func reach(place replication.DeployedBucket) string {
	if place.Region == "" {
		return "look at the network, and at the proxy that HTTPS_PROXY may name"
	}
	if known, meant := replication.KnownRegion(place.Region); !known && meant != "" {
		return "there is no region " + place.Region + " that is known here; did you mean " + meant + "?"
	}
	return "can " + place.Region + " be reached from here? see https://health.aws.amazon.com for AWS outages"
}
