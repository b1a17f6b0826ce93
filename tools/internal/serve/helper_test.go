package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/crr-io/pulumi-aws-crr/tools/internal/awstypes"
	"github.com/crr-io/pulumi-aws-crr/tools/internal/locate"
	"github.com/crr-io/pulumi-aws-crr/tools/internal/terraform"
)

const testVersion = "6.1.2"

// recorder is an engine that records the messages.
type recorder struct {
	mu   sync.Mutex
	said []string
}

func (r *recorder) Log(_ context.Context, sev diag.Severity, urn resource.URN, msg string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, fmt.Sprintf("%s %s: %s", sev, urn, msg))
	return nil
}

// newServer returns a server with the real provider; the test is skipped on machines
// without one.
func newServer(t *testing.T, host Host) *Server {
	t.Helper()
	report := locate.This().Find()
	if report.Err() != nil {
		t.Skip("no terraform-provider-aws on this machine")
	}
	return New(func() (tfprotov6.ProviderServer, error) {
		process, err := terraform.Start(report.Chosen.Path)
		if err != nil {
			return nil, err
		}
		t.Cleanup(process.Close)
		return terraform.NewServer(process.Client(), awstypes.Selected()), nil
	}, testVersion, host)
}

// configured returns a server that calls an emulator of AWS.
func configured(t *testing.T) *Server {
	t.Helper()
	s := newServer(t, nil)
	url := moto(t)
	endpoints := map[string]any{}
	for _, service := range []string{"iam", "kms", "lambda", "s3", "sns", "sqs", "sts"} {
		endpoints[service] = url
	}
	_, err := s.Configure(context.Background(), &pulumirpc.ConfigureRequest{Args: properties(t, map[string]any{
		"region": "us-east-1", "accessKey": "AKIAIOSFODNN7EXAMPLE", "secretKey": "x",
		"s3UsePathStyle": "true",
		"endpoints":      "[" + toJSON(t, endpoints) + "]",
	})})
	require.NoError(t, err)
	return s
}

// emulator is the moto server that the tests of this package share.
var emulator struct {
	once sync.Once
	url  string
	err  error
	end  func()
}

func TestMain(m *testing.M) {
	code := m.Run()
	if emulator.end != nil {
		emulator.end()
	}
	os.Exit(code)
}

// moto is an emulator of AWS; the test is skipped without one.
func moto(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("moto_server"); err != nil {
		t.Skip("no moto_server on this machine")
	}
	emulator.once.Do(func() { emulator.url, emulator.end, emulator.err = startMoto() })
	require.NoError(t, emulator.err)
	return emulator.url
}

func startMoto() (url string, end func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", nil, err
	}
	_, port, _ := strings.Cut(addr, ":")
	cmd := exec.Command("moto_server", "-H", "127.0.0.1", "-p", port)
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	end = func() { _ = errors.Join(cmd.Process.Kill(), cmd.Wait()) } // "killed" is expected
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if resp, err := http.Get("http://" + addr + "/moto-api/"); err == nil {
			_ = resp.Body.Close()
			return "http://" + addr, end, nil
		}
	}
	end()
	return "", nil, errors.New("moto_server does not answer")
}

func urn(token, name string) string {
	return string(resource.NewURN("dev", "test", "", tokenType(token), name))
}

func properties(t *testing.T, props map[string]any) *structpb.Struct {
	t.Helper()
	s, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(props), plugin.MarshalOptions{KeepUnknowns: true})
	require.NoError(t, err)
	return s
}

func values(t *testing.T, s *structpb.Struct) resource.PropertyMap {
	t.Helper()
	m, err := unmarshal(s)
	require.NoError(t, err)
	return m
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

func tokenType(token string) tokens.Type { return tokens.Type("aws:" + token) }
