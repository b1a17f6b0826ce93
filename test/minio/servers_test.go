package minio

import (
	"context"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/minio/madmin-go/v3"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/stretchr/testify/require"
)

const (
	accessKey = "replication"
	secretKey = "replication-secret"
	// A key for SSE-KMS that MinIO manages itself: a name, and 32 bytes.
	kmsKey = "crr-key:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
)

// server is a MinIO server that acts as a region of AWS.
type server struct {
	region  string
	address string
	admin   *madmin.AdminClient
}

// startServer starts a server in a folder of the test, and ends it with the test.
func startServer(t *testing.T, region string) *server {
	t.Helper()
	s := &server{region: region, address: freeAddress(t)}
	log, err := os.Create(filepath.Join(t.TempDir(), "minio.log"))
	require.NoError(t, err)
	command := exec.Command(filepath.Join(programs(t), "minio"), "server", "--quiet", "--address", s.address, t.TempDir())
	command.Env = append(os.Environ(),
		"MINIO_ROOT_USER="+accessKey, "MINIO_ROOT_PASSWORD="+secretKey, "MINIO_SITE_REGION="+region,
		"MINIO_DOMAIN="+s.host(), "MINIO_KMS_SECRET_KEY="+kmsKey, "MINIO_BROWSER=off", "MINIO_UPDATE=off")
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
		_ = log.Close()
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("MinIO in %s said:\n%s", region, text)
		}
	})
	s.admin, err = madmin.NewWithOptions(s.address, &madmin.Options{Creds: credentials.NewStaticV4(accessKey, secretKey, "")})
	require.NoError(t, err)
	require.Eventually(t, s.alive, time.Minute, 100*time.Millisecond, "MinIO does not answer at %s", s.address)
	return s
}

// host is S3's host name in the server's region.
func (s *server) host() string { return "s3." + s.region + ".amazonaws.com" }

func (s *server) alive() bool {
	response, err := http.Get("http://" + s.address + "/minio/health/ready")
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// handler passes requests on unchanged, including the host name, which clients sign.
func (s *server) handler() http.Handler {
	to := &url.URL{Scheme: "http", Host: s.address}
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		host := r.In.Host
		r.SetURL(to)
		r.Out.Host = host
	}}
}

// replicateTo registers a bucket of another server with MinIO's admin API, and
// returns MinIO's name for it.
func (s *server) replicateTo(t *testing.T, bucket string, other *server, otherBucket string) string {
	t.Helper()
	arn, err := s.admin.SetRemoteTarget(context.Background(), bucket, &madmin.BucketTarget{
		SourceBucket: bucket, TargetBucket: otherBucket, Endpoint: other.address, Region: other.region,
		Credentials: &madmin.Credentials{AccessKey: accessKey, SecretKey: secretKey},
		Type:        madmin.ReplicationService, API: "s3v4", Path: "on",
	})
	require.NoError(t, err, "registering with MinIO in %s the bucket %s", s.region, otherBucket)
	return arn
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}
