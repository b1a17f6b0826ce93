package live

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// sessionsOf the account 111111111111, with an STS that says so.
func sessionsOf(t *testing.T) *Sessions {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		if strings.Contains(r.Form.Get("Action"), "AssumeRole") {
			fmt.Fprint(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ROLE</AccessKeyId><SecretAccessKey>S</SecretAccessKey>`+
				`<SessionToken>T</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
			return
		}
		account := "111111111111"
		if strings.Contains(r.Header.Get("Authorization"), "ROLE/") {
			account = "222222222222"
		}
		fmt.Fprintf(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, account)
	}))
	t.Cleanup(server.Close)
	return &Sessions{
		base:    aws.Config{Credentials: credentials.NewStaticCredentialsProvider("OWN", "S", ""), BaseEndpoint: aws.String(server.URL)},
		assumed: map[string]aws.CredentialsProvider{},
	}
}

func TestCheckAccounts(t *testing.T) {
	t.Parallel()
	place := func(name, account string) replication.DeployedBucket {
		return replication.DeployedBucket{Name: name, Bucket: name, Region: "us-east-1", AccountID: account}
	}
	deployed := func(source, destination replication.DeployedBucket) replication.Descriptor {
		return replication.Descriptor{Version: 1, Name: "data", Source: source, Destinations: []replication.DeployedBucket{destination}}
	}
	assumed, adopted, wrong := place("dr", "222222222222"), place("dr", "222222222222"), place("dr", "333333333333")
	assumed.AssumeRoleARN, adopted.Existing = "arn:aws:iam::222222222222:role/deploy", true
	wrong.AssumeRoleARN = assumed.AssumeRoleARN
	for _, test := range []struct {
		name       string
		descriptor replication.Descriptor
		want       []string
	}{
		{"the account of the credentials", deployed(place("source", "111111111111"), place("dr", "111111111111")), nil},
		{"another account by its role", deployed(place("source", "111111111111"), assumed), nil},
		{"an adopted bucket of another account", deployed(place("source", "111111111111"), adopted), nil},
		{"an account that is not known", deployed(place("source", "<account>"), adopted), nil},
		{
			"all in another account", deployed(place("source", "222222222222"), place("dr", "222222222222")),
			[]string{"credentials are those of the account 111111111111", "s3://source is in 222222222222", "crr whoami"},
		},
		{
			"a destination with a provider of its own", deployed(place("source", "111111111111"), place("dr", "222222222222")),
			[]string{"s3://dr is in 222222222222", "--assume-role arn:aws:iam::222222222222:role/NAME"},
		},
		{"a role of another account than the bucket's", deployed(place("source", "111111111111"), wrong), []string{"is in the account 222222222222, and s3://dr in 333333333333"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := sessionsOf(t).CheckAccounts(t.Context(), test.descriptor)
			if test.want == nil {
				assert.NoError(t, err)
			}
			for _, part := range test.want {
				assert.ErrorContains(t, err, part)
			}
		})
	}
}

func TestAssumeRoles(t *testing.T) {
	t.Parallel()
	descriptors := []replication.Descriptor{{
		Source:       replication.DeployedBucket{Name: "source", AccountID: "111111111111"},
		Destinations: []replication.DeployedBucket{{Name: "dr", AccountID: "222222222222"}},
	}}
	require.NoError(t, AssumeRoles(descriptors, []string{"arn:aws:iam::222222222222:role/ops"}))
	assert.Empty(t, descriptors[0].Source.AssumeRoleARN)
	assert.Equal(t, "arn:aws:iam::222222222222:role/ops", descriptors[0].Destinations[0].AssumeRoleARN)
	assert.ErrorContains(t, AssumeRoles(descriptors, []string{"arn:aws:iam::333333333333:role/ops"}), "no bucket is in the account 333333333333")
	assert.ErrorContains(t, AssumeRoles(descriptors, []string{"ops"}), "is not the ARN of a role")
}

// TestS3_ExpectsTheOwner makes each kind of call once. S3 answers 403 where the
// bucket has another owner.
func TestS3_ExpectsTheOwner(t *testing.T) {
	t.Parallel()
	owners := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		owners <- r.Method + " " + r.Header.Get("X-Amz-Expected-Bucket-Owner")
		w.WriteHeader(http.StatusForbidden)
	}))
	defer server.Close()
	cfg := aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("A", "S", ""), BaseEndpoint: aws.String(server.URL),
	}
	pathStyle := func(o *s3.Options) { o.UsePathStyle = true }
	client := S3(cfg, "111111111111", pathStyle)
	bucket, key := aws.String("data"), aws.String("k")
	head := &s3.HeadObjectInput{Bucket: bucket, Key: key}
	for name, call := range map[string]func() error{
		"HEAD": func() error { _, err := client.HeadObject(t.Context(), head); return err },
		"PUT": func() error {
			_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key})
			return err
		},
		"DELETE": func() error {
			_, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: key})
			return err
		},
		"GET": func() error {
			_, err := s3.NewListObjectVersionsPaginator(client, &s3.ListObjectVersionsInput{Bucket: bucket}).NextPage(t.Context())
			return err
		},
	} {
		assert.Error(t, call(), name)
		assert.Equal(t, name+" 111111111111", <-owners)
	}
	assert.Nil(t, head.ExpectedBucketOwner, "the parameters of the caller stay as they are")
	_, err := S3(cfg, "", pathStyle).HeadObject(t.Context(), head)
	assert.Error(t, err)
	assert.Equal(t, "HEAD ", <-owners, "of an account that is not known, no owner is expected")
}
