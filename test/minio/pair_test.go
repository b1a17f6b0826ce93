package minio

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// pair is two MinIO servers, a bucket on each, and a replication rule from the first
// to the second. A proxy maps host names of AWS to them, so that clients need the
// same settings as on AWS.
type pair struct {
	t           *testing.T
	dir         string
	env         []string
	source      *server
	destination *server
}

const (
	sourceBucket      = "crr-source"
	destinationBucket = "crr-destination"
	ruleID            = "everything"
)

func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{t: t, dir: t.TempDir(), source: startServer(t, "us-east-1"), destination: startServer(t, "us-west-2")}
	p.startProxy()
	for _, end := range []struct {
		at     *server
		bucket string
	}{{p.source, sourceBucket}, {p.destination, destinationBucket}} {
		p.makeBucket(end.at, end.bucket)
	}
	p.replicate()
	return p
}

func (p *pair) startProxy() {
	p.t.Helper()
	authority, err := proxy.OpenAuthority(p.dir)
	require.NoError(p.t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(p.t, err)
	front := proxy.New(authority, p.route(), slog.New(slog.DiscardHandler))
	go func() { _ = front.Serve(listener) }() // it returns an error when it is closed
	p.t.Cleanup(front.Close)
	address := "http://" + listener.Addr().String()
	p.env = append(os.Environ(), "HTTPS_PROXY="+address, "HTTP_PROXY="+address, "NO_PROXY=", "no_proxy=",
		"https_proxy="+address, "http_proxy="+address, "AWS_CA_BUNDLE="+proxy.BundlePath(p.dir),
		"AWS_ACCESS_KEY_ID="+accessKey, "AWS_SECRET_ACCESS_KEY="+secretKey, "AWS_SESSION_TOKEN=", "AWS_PROFILE=", "AWS_REGION=us-east-1")
}

// route maps each region to its server. MinIO implements only S3.
func (p *pair) route() http.Handler {
	source, destination := p.source.handler(), p.destination.handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch host := proxy.Hostname(r.Host); {
		case strings.HasSuffix(host, p.source.host()):
			source.ServeHTTP(w, r)
		case strings.HasSuffix(host, p.destination.host()):
			destination.ServeHTTP(w, r)
		default:
			http.Error(w, "there is no "+host+" here", http.StatusNotImplemented)
		}
	})
}

// s3 returns a client that does not use the proxy.
func (s *server) s3() *s3.Client {
	return s3.New(s3.Options{
		Region: s.region, BaseEndpoint: aws.String("http://" + s.address), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, secretKey, ""),
	})
}

func (p *pair) makeBucket(at *server, bucket string) {
	p.t.Helper()
	client := at.s3()
	input := &s3.CreateBucketInput{Bucket: &bucket}
	if at.region != "us-east-1" {
		input.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(at.region)}
	}
	_, err := client.CreateBucket(p.t.Context(), input)
	require.NoError(p.t, err)
	_, err = client.PutBucketVersioning(p.t.Context(), &s3.PutBucketVersioningInput{
		Bucket: &bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	require.NoError(p.t, err)
}

func (p *pair) replicate() {
	p.t.Helper()
	arn := p.source.replicateTo(p.t, sourceBucket, p.destination, destinationBucket)
	_, err := p.source.s3().PutBucketReplication(p.t.Context(), &s3.PutBucketReplicationInput{
		Bucket: aws.String(sourceBucket),
		ReplicationConfiguration: &types.ReplicationConfiguration{
			Role: aws.String(""),
			Rules: []types.ReplicationRule{{
				ID: aws.String(ruleID), Priority: aws.Int32(1), Status: types.ReplicationRuleStatusEnabled,
				Filter:                  &types.ReplicationRuleFilter{Prefix: aws.String("")},
				DeleteMarkerReplication: &types.DeleteMarkerReplication{Status: types.DeleteMarkerReplicationStatusEnabled},
				Destination:             &types.Destination{Bucket: &arn},
			}},
		},
	})
	require.NoError(p.t, err)
}

// descriptor returns a descriptor of the deployment.
func (p *pair) descriptor() replication.Descriptor {
	place := func(name string, at *server, bucket string) replication.DeployedBucket {
		return replication.DeployedBucket{
			Name: name, Bucket: bucket, ARN: replication.BucketARN(at.region, bucket), Region: at.region, AccountID: "111111111111",
			KMSKeyARN: "arn:aws:kms:" + at.region + ":111111111111:key/crr-key",
		}
	}
	return replication.Descriptor{
		Version: replication.DescriptorVersion, Name: "minio", Direction: replication.OneWay,
		Source:       place(replication.SourceName, p.source, sourceBucket),
		Destinations: []replication.DeployedBucket{place("dr", p.destination, destinationBucket)},
		RoleARN:      "arn:aws:iam::111111111111:role/minio",
		Rules: []replication.Rule{{
			ID: ruleID, Priority: 1, Destination: "dr", Status: replication.Enabled, DeleteMarkers: true,
		}},
	}
}

// crr runs the command line with the pair, and returns its results, its messages and
// its exit status.
func (p *pair) crr(args ...string) (stdout, stderr string, status int) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "descriptor.json")
	data, err := json.Marshal(p.descriptor())
	require.NoError(p.t, err)
	require.NoError(p.t, os.WriteFile(file, data, 0o600))
	ctx, cancel := context.WithTimeout(p.t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(programs(p.t), "crr"), append(args, "--descriptor", file)...)
	var out, messages strings.Builder
	command.Env, command.Stdout, command.Stderr = p.env, &out, &messages
	if err := command.Run(); command.ProcessState == nil {
		require.NoError(p.t, err)
	}
	return out.String(), messages.String(), command.ProcessState.ExitCode()
}

// put writes an object, and waits until MinIO reports that it was replicated.
func (p *pair) put(key, body string) {
	p.t.Helper()
	client := p.source.s3()
	_, err := client.PutObject(p.t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(sourceBucket), Key: &key, Body: strings.NewReader(body), Metadata: map[string]string{"kept": "yes"},
	})
	require.NoError(p.t, err)
	var status types.ReplicationStatus
	require.Eventually(p.t, func() bool {
		head, err := client.HeadObject(p.t.Context(), &s3.HeadObjectInput{Bucket: aws.String(sourceBucket), Key: &key})
		if err == nil {
			status = head.ReplicationStatus
		}
		return err == nil && status == types.ReplicationStatusCompleted
	}, time.Minute, 50*time.Millisecond, "%s is not replicated", key)
}

func tagging(key, value string) *types.Tagging {
	return &types.Tagging{TagSet: []types.Tag{{Key: &key, Value: &value}}}
}
