package localaws

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Another user of the machine knows the port, and at most the access key.
func TestSecurity_StrangersAreRefused(t *testing.T) {
	t.Parallel()
	server, err := Start(t.Context(), Options{})
	require.NoError(t, err)
	defer func() { assert.NoError(t, server.Close()) }()
	for name, user := range map[string]*url.Userinfo{
		"no password": nil, "an empty password": url.UserPassword("crr", ""), "another password": url.UserPassword("crr", strings.Repeat("0", 40)),
	} {
		proxyURL := &url.URL{Scheme: "http", User: user, Host: server.address.String()}
		client := clientThrough(proxyURL, server.authority.Pool())
		_, err := client.Get("https://sts.us-east-1.amazonaws.com/") //nolint:bodyclose // there is none
		assert.ErrorContains(t, err, "Proxy Authentication Required", name)
		answer, err := client.Get("http://s3.us-east-1.amazonaws.com/")
		require.NoError(t, err)
		assert.Equal(t, http.StatusProxyAuthRequired, answer.StatusCode, name)
		assert.NoError(t, answer.Body.Close())
	}
	page, err := http.NewRequest(http.MethodPost, "http://"+server.address.String()+"/moto-api/reset", nil)
	require.NoError(t, err)
	page.Header.Set("Origin", "https://evil.example")
	answer, err := http.DefaultTransport.RoundTrip(page)
	require.NoError(t, err)
	assert.NoError(t, answer.Body.Close())
	assert.Equal(t, http.StatusBadRequest, answer.StatusCode, "a web page can call no proxy")
	assert.Empty(t, answer.Header.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, "unix", server.emulator.URL().Scheme, "no port leads to the emulator")
	folder, err := os.Stat(filepath.Dir(server.emulator.URL().Path))
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o700), folder.Mode().Perm())
}

func TestSecurity_FilesAndCredentials(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.launch()
	first, err := readState(s.layout())
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(first.Control, "unix://"), "no port leads to the faults")
	require.NoError(t, filepath.WalkDir(s.layout().root, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := entry.Info()
		require.NoError(t, err)
		if !entry.IsDir() {
			assert.Zero(t, info.Mode().Perm()&0o077, path)
		}
		return nil
	}))
	require.NoError(t, os.Chmod(s.layout().stateFile(), 0o644))
	_, err = Stop(t.Context(), s.dir, io.Discard)
	require.NoError(t, err)
	s.launch()
	second, err := readState(s.layout())
	require.NoError(t, err)
	assert.NotEqual(t, first.Access.AccessKeyID, second.Access.AccessKeyID)
	assert.NotEqual(t, first.Access.SecretAccessKey, second.Access.SecretAccessKey)
	assert.NotEqual(t, first.Access.Proxy, second.Access.Proxy)
}

// The environment of a shell is not passed to programs that run other people's code.
func TestSecurity_EnvironmentOfTheDaemon(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "real")
	t.Setenv("AWS_PROFILE", "prod")
	t.Setenv("GITHUB_TOKEN", "t")
	t.Setenv("PULUMI_ACCESS_TOKEN", "t")
	t.Setenv("ANYTHING", "t")
	s := newSite(t)
	status := s.launch()
	for what, pid := range map[string]int{"daemon": status.PID, "moto": status.MotoPID} {
		environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if os.IsNotExist(err) {
			t.Skip("only Linux shows the environment of a process")
		}
		require.NoError(t, err)
		for _, secret := range []string{"AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "GITHUB_TOKEN", "PULUMI_ACCESS_TOKEN", "ANYTHING"} {
			assert.NotContains(t, "\x00"+string(environment), "\x00"+secret+"=", what)
		}
	}
}

// Expired and invalid credentials fail as on AWS.
func TestSecurity_Credentials(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	right := a.server.Credentials()
	session, err := sts.NewFromConfig(a.config).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/nobody-made"), RoleSessionName: aws.String("s")})
	require.NoError(t, err)
	role := aws.Credentials{AccessKeyID: *session.Credentials.AccessKeyId, SecretAccessKey: *session.Credentials.SecretAccessKey, SessionToken: *session.Credentials.SessionToken}
	users := iam.NewFromConfig(a.config)
	_, err = users.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("u")})
	require.NoError(t, err)
	made, err := users.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String("u")})
	require.NoError(t, err)
	user := aws.Credentials{AccessKeyID: *made.AccessKey.AccessKeyId, SecretAccessKey: *made.AccessKey.SecretAccessKey}
	inactive, err := users.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String("u")})
	require.NoError(t, err)
	_, err = users.UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{UserName: aws.String("u"), AccessKeyId: inactive.AccessKey.AccessKeyId, Status: "Inactive"})
	require.NoError(t, err)
	expired := a.server.keys.Make("ASIA", time.Now().Add(-time.Second))
	with := func(c aws.Credentials, change func(*aws.Credentials)) aws.Credentials { change(&c); return c }
	for name, c := range map[string]struct {
		credentials  aws.Credentials
		s3, sts, kms string
	}{
		"right":             {right, "", "", ""},
		"of a role":         {role, "", "", ""},
		"of a user":         {user, "AccessDenied", "", "AccessDeniedException"},
		"made up":           {aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x"}, "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"},
		"wrong secret":      {with(right, func(c *aws.Credentials) { c.SecretAccessKey += "x" }), "SignatureDoesNotMatch", "SignatureDoesNotMatch", "InvalidSignatureException"},
		"wrong role secret": {with(role, func(c *aws.Credentials) { c.SecretAccessKey += "x" }), "SignatureDoesNotMatch", "SignatureDoesNotMatch", "InvalidSignatureException"},
		"no token":          {with(role, func(c *aws.Credentials) { c.SessionToken = "" }), "InvalidToken", "InvalidClientTokenId", "UnrecognizedClientException"},
		"another's token":   {with(right, func(c *aws.Credentials) { c.SessionToken = role.SessionToken }), "InvalidToken", "InvalidClientTokenId", "UnrecognizedClientException"},
		"expired":           {expired, "ExpiredToken", "ExpiredToken", "ExpiredTokenException"},
		"inactive":          {aws.Credentials{AccessKeyID: *inactive.AccessKey.AccessKeyId, SecretAccessKey: *inactive.AccessKey.SecretAccessKey}, "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"},
	} {
		c.credentials.CanExpire = false
		config := a.config.Copy()
		config.Credentials = credentials.StaticCredentialsProvider{Value: c.credentials}
		_, err := s3.NewFromConfig(config).ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("data")})
		assert.Equal(t, c.s3, code(err), name)
		_, err = sts.NewFromConfig(config).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		assert.Equal(t, c.sts, code(err), name)
		_, err = kms.NewFromConfig(config).ListKeys(t.Context(), &kms.ListKeysInput{})
		assert.Equal(t, c.kms, code(err), name)
	}
	for _, host := range []string{"sts", "iam", "kms.us-east-1", "lambda.us-east-1"} {
		answer, err := a.config.HTTPClient.(*http.Client).Post("https://"+host+".amazonaws.com/", "application/x-www-form-urlencoded",
			strings.NewReader("Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/r&RoleSessionName=s&WebIdentityToken=t"))
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		assert.Equal(t, http.StatusForbidden, answer.StatusCode, "%s, unsigned", host)
	}
	_, err = sts.NewFromConfig(a.config).GetSessionToken(t.Context(), &sts.GetSessionTokenInput{})
	assert.Equal(t, "UnsupportedOperation", code(err), "the emulator's answer is the same for everybody")
}

// Signed parts can't be changed, and unsigned requests are anonymous.
func TestSecurity_Signatures(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	client := a.config.HTTPClient.(*http.Client)
	status := func(request *http.Request) int {
		answer, err := client.Do(request)
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, answer.Body)
		require.NoError(t, answer.Body.Close())
		return answer.StatusCode
	}
	const odd = "a b+c/ü~!*'()=&?#:@$,;%.txt"
	_, err := a.s3().PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("data"), Key: aws.String(odd), Body: strings.NewReader("x")})
	require.NoError(t, err)
	presigner := s3.NewPresignClient(a.s3())
	get := &s3.GetObjectInput{Bucket: aws.String("data"), Key: aws.String(odd), VersionId: nil}
	presigned, err := presigner.PresignGetObject(t.Context(), get)
	require.NoError(t, err)
	request := func(method, address string) *http.Request {
		made, err := http.NewRequestWithContext(t.Context(), method, address, nil)
		require.NoError(t, err)
		return made
	}
	assert.Equal(t, http.StatusOK, status(request(http.MethodGet, presigned.URL)))
	assert.Equal(t, http.StatusForbidden, status(request(http.MethodGet, presigned.URL+"0")))
	assert.Equal(t, http.StatusForbidden, status(request(http.MethodDelete, presigned.URL)), "of another method")
	assert.Equal(t, http.StatusForbidden, status(request(http.MethodGet, strings.Replace(presigned.URL, "X-Amz-Expires=900", "X-Amz-Expires=9000", 1))))
	assert.Equal(t, http.StatusForbidden, status(request(http.MethodGet, strings.Split(presigned.URL, "?")[0])), "anonymous")
	old := request(http.MethodGet, "https://data.s3.us-east-1.amazonaws.com/k?X-Amz-Expires=60")
	address, _, err := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }).PresignHTTP(
		context.Background(), a.server.Credentials(), old, "UNSIGNED-PAYLOAD", "s3", "us-east-1", time.Now().Add(-time.Minute-time.Second))
	require.NoError(t, err)
	assert.Equal(t, http.StatusForbidden, status(request(http.MethodGet, address)), "expired")

	signed := func(at time.Time) *http.Request {
		made := request(http.MethodGet, "https://data.s3.us-east-1.amazonaws.com/?list-type=2&prefix=a%20b")
		made.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
		require.NoError(t, v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }).SignHTTP(
			context.Background(), a.server.Credentials(), made, "UNSIGNED-PAYLOAD", "s3", "us-east-1", at))
		return made
	}
	assert.Equal(t, http.StatusOK, status(signed(time.Now())))
	assert.Equal(t, http.StatusForbidden, status(signed(time.Now().Add(-time.Hour))), "an old one")
	changed := signed(time.Now())
	changed.URL.RawQuery = "list-type=2&prefix="
	assert.Equal(t, http.StatusForbidden, status(changed), "of another query")
	twice := signed(time.Now())
	twice.Header.Add("Authorization", twice.Header.Get("Authorization"))
	assert.Equal(t, http.StatusBadRequest, status(twice))
	version2 := request(http.MethodGet, "https://data.s3.us-east-1.amazonaws.com/")
	version2.Header.Set("Authorization", "AWS "+a.server.Credentials().AccessKeyID+":c2lnbmF0dXJl")
	assert.Equal(t, http.StatusBadRequest, status(version2))
	body := request(http.MethodPost, "https://iam.amazonaws.com/")
	body.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	require.NoError(t, a.server.access().sign(body, "Action=ListRoles&Version=2010-05-08", "iam", "us-east-1"))
	body.Body = io.NopCloser(strings.NewReader("Action=ListUsers&Version=2010-05-08"))
	assert.Equal(t, http.StatusForbidden, status(body), "of another body")
	assert.Equal(t, http.StatusForbidden, status(request(http.MethodPost, "https://s3.us-east-1.amazonaws.com/moto-api/reset")))
}

// Only webhooks on this machine are called.
func TestSecurity_NothingIsDeliveredElsewhere(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	var topic struct {
		ARN string `xml:"CreateTopicResult>TopicArn"`
	}
	a.query("sns", "us-east-1", "2010-03-31", url.Values{"Action": {"CreateTopic"}, "Name": {"t"}}, &topic)
	for _, endpoint := range []string{"http://192.0.2.1/hook", "http://hooks.example.com/x", "https://[2001:db8::1]/"} {
		scheme, _, _ := strings.Cut(endpoint, ":")
		a.query("sns", "us-east-1", "2010-03-31", url.Values{"Action": {"Subscribe"}, "TopicArn": {topic.ARN}, "Protocol": {scheme}, "Endpoint": {endpoint}}, &struct{}{})
	}
	called := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		select {
		case called <- struct{}{}:
		default:
		}
	}))
	defer server.Close()
	a.query("sns", "us-east-1", "2010-03-31", url.Values{"Action": {"Subscribe"}, "TopicArn": {topic.ARN}, "Protocol": {"http"}, "Endpoint": {server.URL}}, &struct{}{})
	started := time.Now()
	a.query("sns", "us-east-1", "2010-03-31", url.Values{"Action": {"Publish"}, "TopicArn": {topic.ARN}, "Message": {"m"}}, &struct{}{})
	assert.Less(t, time.Since(started), 10*time.Second, "nothing was waited for")
	<-called
	log, err := os.ReadFile(filepath.Join(filepath.Dir(a.server.CABundle()), motoLogName))
	require.NoError(t, err)
	for _, host := range []string{"192.0.2.1", "hooks.example.com", "2001:db8::1"} {
		assert.Contains(t, string(log), "does not connect to other machines: "+host)
	}
}
