package localaws

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/front"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/lambda"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/moto"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/signature"
)

// metricsPerMinute is how often replication metrics are published in a minute of
// [Options.AlarmMinute]: often enough for each period of an alarm.
const metricsPerMinute = 6

// minAlarmMinute is the minimum of [Options.AlarmMinute]: it leaves enough time for
// metrics and for other calls to the emulator.
const minAlarmMinute = 500 * time.Millisecond

// Options configure a local AWS in this process. With the zero value it has a
// temporary state folder.
type Options struct {
	// StateDir holds the authority, the logs and an installed moto.
	StateDir string
	// Backend is the URL of a running emulator. Default: moto is started.
	Backend string
	// Moto is the command of moto. Default: the one that [moto.Locate] finds.
	Moto moto.Command
	// Port is the preferred port of the proxy.
	Port int
	// Log receives the log messages. Default: none are logged.
	Log *slog.Logger
	// ReplicationDelay is the minimum replication time.
	ReplicationDelay time.Duration
	// MetricsEvery is the interval of replication metrics. Default: a sixth of
	// AlarmMinute.
	MetricsEvery time.Duration
	// AlarmMinute is the length of a minute of an alarm's period, and of a schedule.
	// Default: a minute.
	AlarmMinute time.Duration
	// Harsh enables the least favorable behavior that AWS documents.
	Harsh bool
}

// Server is a local AWS that runs in this process.
type Server struct {
	address   *net.TCPAddr
	password  string
	keys      *signature.Keys
	owner     aws.Credentials
	authority *proxy.Authority
	proxy     *proxy.Proxy
	emulator  emulator
	engine    *replicator.Engine
	alarms    *alarms.Service
	functions *lambda.Service
	faults    *faults.Set
	bundle    string
	temporary string
	served    chan error
	answers   answers
	watched   sync.WaitGroup
	end       chan struct{}
	closing   sync.Once
	closeErr  error
}

// Start runs a local AWS, and returns when it is ready.
func Start(ctx context.Context, options Options) (*Server, error) {
	if options.AlarmMinute != 0 && options.AlarmMinute < minAlarmMinute {
		return nil, fmt.Errorf("a minute of an alarm's period can't last %s: it lasts %s or more", options.AlarmMinute, minAlarmMinute)
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{served: make(chan error, 1), faults: &faults.Set{}, end: make(chan struct{}), password: signature.Secret()}
	s.keys, s.owner = signature.NewKeys()
	if options.StateDir == "" {
		temporary, err := os.MkdirTemp("", "localaws-")
		if err != nil {
			return nil, fmt.Errorf("making a state folder for the local AWS: %w", err)
		}
		options.StateDir, s.temporary = temporary, temporary
	}
	if err := s.start(ctx, options); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, options Options) error {
	authority, err := proxy.OpenAuthority(options.StateDir)
	if err != nil {
		return err
	}
	s.authority, s.bundle = authority, proxy.BundlePath(options.StateDir)
	listener, err := listen(options.Port)
	if err != nil {
		return err
	}
	s.address = listener.Addr().(*net.TCPAddr)
	if s.emulator, err = startEmulator(ctx, options); err != nil {
		return errors.Join(err, listener.Close())
	}
	front := front.New(s.emulator.URL(), s.faults, options.Log)
	front.Check(s.keys)
	if options.Harsh {
		front.BeHarsh()
	}
	s.faults.Replicating = front.Replicating
	s.alarms = alarms.Start(alarms.Options{Emulator: s.emulator.URL(), Throttle: options.Harsh, Minute: options.AlarmMinute, Log: options.Log})
	front.Alarm(s.alarms)
	s.functions = lambda.Start(lambda.Options{
		Emulator: s.emulator.URL(), Environment: s.Environment, Learn: s.keys.Learn, Minute: options.AlarmMinute, Log: options.Log,
		Trust: func(ctx context.Context, role string) error { return front.Trusts(ctx, "lambda.amazonaws.com", role) },
	})
	front.Run(s.functions)
	if options.Backend == "" {
		front.Notify() // this module's patch prevents that in moto
	}
	if options.MetricsEvery == 0 {
		options.MetricsEvery = options.AlarmMinute / metricsPerMinute
	}
	s.engine = replicator.Start(replicator.Options{
		Emulator: s.emulator.URL(), Directory: front, Faults: s.faults, Log: options.Log,
		Delay: options.ReplicationDelay, PublishEvery: options.MetricsEvery, Published: s.alarms.Published, Call: s.functions.Go,
		Late: lateness(options), WithoutSourceAccount: options.Harsh,
	})
	front.Replicate(s.engine)
	s.answers.by(front)
	s.watched.Go(func() { s.watch(options.Log) })
	s.proxy = proxy.New(authority, &s.answers, options.Log)
	s.proxy.Require(s.password)
	go func() { s.served <- s.proxy.Serve(listener) }()
	return s.greet(ctx)
}

// lateMinutes is the delay of metrics in harsh mode, in minutes.
const lateMinutes = 3

// lateness returns the delay of metrics.
func lateness(options Options) time.Duration {
	switch {
	case !options.Harsh:
		return 0
	case options.AlarmMinute == 0:
		return lateMinutes * time.Minute
	default:
		return lateMinutes * options.AlarmMinute
	}
}

// watch responds to every call with an error once the emulator has lost its data,
// and stops the services that run on their own.
func (s *Server) watch(log *slog.Logger) {
	select {
	case <-s.end:
	case err := <-s.emulator.Failed():
		log.Error("the local AWS answers no more calls", "error", err)
		s.answers.by(front.Lost(err))
		s.engine.Close()
		s.alarms.Close()
		s.functions.Close()
	}
}

// Check returns an error if the local AWS has lost its data.
func (s *Server) Check(ctx context.Context) error { return s.emulator.Check(ctx) }

// greet calls GetCallerIdentity through the proxy to check that the local AWS works.
func (s *Server) greet(ctx context.Context) error {
	if err := greet(ctx, s.HTTPClient(), s.access()); err != nil {
		return fmt.Errorf("the local AWS was started but does not answer: %w", err)
	}
	return nil
}

// Close stops the local AWS and all its processes. Further calls do nothing.
func (s *Server) Close() error {
	s.closing.Do(func() {
		close(s.end)
		s.watched.Wait()
		if s.proxy != nil {
			s.proxy.Close()
		}
		if s.engine != nil {
			s.engine.Close()
		}
		if s.alarms != nil {
			s.alarms.Close()
		}
		if s.functions != nil {
			s.functions.Close()
		}
		if s.emulator != nil {
			s.emulator.Close()
		}
		if s.temporary != "" {
			s.closeErr = os.RemoveAll(s.temporary)
		}
	})
	return s.closeErr
}

// Wait returns when the proxy fails, or with nil when the context ends.
func (s *Server) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.served:
		return err
	}
}

// answers is a handler that can be replaced.
type answers struct{ handler atomic.Pointer[http.Handler] }

func (a *answers) by(handler http.Handler) { a.handler.Store(&handler) }

// ServeHTTP implements [http.Handler].
func (a *answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*a.handler.Load()).ServeHTTP(w, r)
}

// Faults returns the active faults, for tests and drills. There are none at first.
func (s *Server) Faults() *faults.Set { return s.faults }

// URL returns the URL of the proxy, for HTTPS_PROXY and HTTP_PROXY. It contains a
// password.
func (s *Server) URL() string { return s.proxyURL().String() }

func (s *Server) proxyURL() *url.URL {
	return &url.URL{Scheme: "http", User: url.UserPassword(proxy.User, s.password), Host: s.address.String()}
}

// Credentials returns the credentials of the administrator.
func (s *Server) Credentials() aws.Credentials { return s.owner }

func (s *Server) access() access {
	return access{Proxy: s.URL(), AccessKeyID: s.owner.AccessKeyID, SecretAccessKey: s.owner.SecretAccessKey}
}

// Instance returns an id that is new whenever the emulator starts empty.
func (s *Server) Instance() string { return s.emulator.Instance() }

// CABundle returns the path of the trusted certificates, for AWS_CA_BUNDLE.
func (s *Server) CABundle() string { return s.bundle }

// HTTPClient returns a client that reaches only the local AWS.
func (s *Server) HTTPClient() *http.Client {
	return clientThrough(s.proxyURL(), s.authority.Pool())
}

// Environment returns the variables that direct a program to the local AWS, as
// "NAME=value".
func (s *Server) Environment() []string {
	var pairs []string
	for _, v := range awsVariables(s.access(), s.bundle) {
		pairs = append(pairs, v.name+"="+v.value)
	}
	return pairs
}

// listen opens the preferred port, or any other.
func listen(preferred int) (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(preferred)))
	if err != nil && preferred != 0 {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("opening a port for the proxy: %w", err)
	}
	return listener, nil
}
