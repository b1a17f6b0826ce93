package replicator

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// scene is an engine with an emulator that accepts everything, and a directory that
// the test sets.
type scene struct {
	t      *testing.T
	engine *Engine
	faults faults.Set

	mu            sync.Mutex
	configuration *s3config.Configuration
	role          Role
	breaks        int      // number of writes that fail with status 500
	writes        []string // as "METHOD host/key?query"
	// shown receives the version id of each write before its response, which waits
	// for answer. Both may be nil.
	shown  chan string
	answer chan struct{}
}

func allowAll() policy.Document {
	return policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}})
}

func newScene(t *testing.T) *scene {
	t.Helper()
	trust := model.TrustPolicy(model.BucketRef{}, model.TrustAnyAccount)
	s := &scene{t: t, role: Role{Policies: []policy.Document{allowAll()}, Trust: &trust}, configuration: &s3config.Configuration{
		Role:  "arn:aws:iam::123456789012:role/r",
		Rules: []s3config.Rule{{ID: "all", Status: replication.Enabled, Destination: s3config.Destination{Bucket: "arn:aws:s3:::dst"}}},
	}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	s.engine = Start(Options{Emulator: address, Directory: s, Faults: &s.faults, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(s.engine.Close)
	return s
}

func (s *scene) Generation() uint64    { return 1 }
func (s *scene) Replicating() []string { return []string{"src"} }

func (s *scene) Bucket(name string) Bucket {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := Bucket{Account: "123456789012"}
	if name == "src" {
		known.Replication = s.configuration
	}
	return known
}

func (s *scene) Role(context.Context, string, string) (Role, error) { return s.role, nil }

// ServeHTTP is the emulator.
func (s *scene) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case strings.HasPrefix(r.Host, "sts."):
		_, _ = io.WriteString(w, "<R><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></R>")
	case strings.HasPrefix(r.Host, "kms."):
		_, _ = io.WriteString(w, `{"KeyMetadata":{"KeyState":"Enabled"}}`)
	case r.URL.RawQuery == "versioning":
		_, _ = io.WriteString(w, "<V><Status>Enabled</Status></V>")
	case r.Method == http.MethodGet:
		_, _ = io.WriteString(w, "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>")
	case s.breaks > 0:
		s.breaks--
		w.WriteHeader(http.StatusInternalServerError)
	default:
		bucket, _, _ := strings.Cut(r.Host, ".")
		s.writes = append(s.writes, r.Method+" "+bucket+r.URL.Path+"?"+r.URL.RawQuery)
		version := fmt.Sprintf("emulated-%d", len(s.writes))
		if s.shown != nil {
			s.shown <- version
			<-s.answer
		}
		w.Header().Set("X-Amz-Version-Id", version)
	}
}

func (s *scene) happens(kind model.Event, key, version string) ObjectID {
	id := ObjectID{"src", key, version}
	s.engine.HandleEvent(Event{Kind: kind, Object: id, At: time.Now()})
	return id
}

func (s *scene) becomes(id ObjectID, status string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return s.engine.Status(id) == status }, 5*time.Second, time.Millisecond, "%v is %q", id, s.engine.Status(id))
}

func TestEngine_ChangesArriveInOrder(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.breaks = 2
	s.happens(model.Written, "k", "1")
	s.happens(model.TagsChanged, "k", "1")
	second := s.happens(model.Written, "k", "2")
	marker := s.happens(model.DeleteMarkerMade, "k", "3")
	s.becomes(second, Completed)
	s.becomes(marker, Completed)
	s.mu.Lock()
	defer s.mu.Unlock()
	assert.Equal(t, []string{"PUT dst/k?", "PUT dst/k?tagging=&versionId=emulated-1", "PUT dst/k?", "DELETE dst/k?"}, s.writes)
}

// The emulator may return a replica to a client before the engine has its response.
func TestEngine_ReplicasAreShownUnderTheIDsOfTheirSources(t *testing.T) {
	t.Parallel()
	for _, kind := range []model.Event{model.Written, model.DeleteMarkerMade} {
		s := newScene(t)
		s.shown, s.answer = make(chan string), make(chan struct{})
		s.happens(kind, "k", "1")
		emulated := <-s.shown
		assert.Equal(t, emulated, s.engine.PublicVersion(ObjectID{"dst", "other", emulated}), "nothing is made under this key")
		time.AfterFunc(50*time.Millisecond, func() { close(s.answer) })
		assert.Equal(t, "1", s.engine.PublicVersion(ObjectID{"dst", "k", emulated}))
	}
}

func TestEngine_DoesOnlyWhatRulesAskFor(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	prefix := "a/"
	s.configuration.Rules[0].Prefix = &prefix
	missed, hit := s.happens(model.Written, "b/k", "1"), s.happens(model.Written, "a/k", "1")
	s.becomes(hit, Completed)
	assert.Equal(t, Replica, s.engine.Status(ObjectID{"dst", "a/k", "1"}))
	assert.Empty(t, s.engine.Status(missed))
	s.happens(model.TagsChanged, "b/k", "1")
	assert.Empty(t, s.engine.Status(missed), "what was not replicated does not change there")
	s.happens(model.VersionDeleted, "a/k", "1")
	assert.Empty(t, s.engine.Status(hit))
	s.mu.Lock()
	defer s.mu.Unlock()
	assert.Len(t, s.writes, 1)
}

func TestEngine_LooksAtHowThingsStandWhenItIsDue(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	paused, err := s.faults.Add(faults.Fault{Kind: faults.Paused})
	require.NoError(t, err)
	id := s.happens(model.Written, "k", "1")
	s.becomes(id, Pending)
	s.mu.Lock()
	s.configuration = nil
	s.mu.Unlock()
	require.NoError(t, s.faults.Clear(paused.ID))
	s.becomes(id, Failed)
	assert.Equal(t, map[string]string{"dst": "SrcBucketReplicationConfigMissing"}, s.engine.Failures(id))
}

func TestEngine_WithoutARole(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.role = Role{}
	id := s.happens(model.Written, "k", "1")
	s.becomes(id, Failed)
	assert.Equal(t, map[string]string{"dst": "AssumeRoleNotPermitted"}, s.engine.Failures(id))
}

// Pending replication is lost when the engine is closed, which is quick.
func TestEngine_CloseDoesNotWait(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	_, err := s.faults.Add(faults.Fault{Kind: faults.Latency, Delay: 3600})
	require.NoError(t, err)
	for i := range 100 {
		s.happens(model.Written, fmt.Sprint(i), "1")
	}
	begun := time.Now()
	s.engine.Close()
	assert.Less(t, time.Since(begun), time.Minute)
}

func TestEngine_TellingTakesNoTime(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	_, err := s.faults.Add(faults.Fault{Kind: faults.Latency, Delay: 3600})
	require.NoError(t, err)
	begun := time.Now()
	for i := range 1000 {
		s.happens(model.Written, fmt.Sprint(i), "1")
	}
	assert.Less(t, time.Since(begun), time.Minute)
}
