package lambda

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/messenger"
)

// patience with the emulator.
const patience = 30 * time.Second

// Options are how to run functions.
type Options struct {
	// Emulator is the address of the emulator.
	Emulator *url.URL
	// Environment leads a program to the local AWS, as "NAME=value". It is asked
	// for with each call.
	Environment func() []string
	// Trust checks that Lambda may assume a role.
	Trust func(ctx context.Context, roleARN string) error
	// Learn gets the answer of STS with the credentials of a function. It may be nil.
	Learn func(answer []byte) error
	// Minute is how long a minute of a schedule lasts. Left out: a minute.
	Minute time.Duration
	// Log is where functions print, and failures are noted.
	Log *slog.Logger
}

// Service runs functions. It is safe for concurrent use.
type Service struct {
	options  Options
	client   *emulator.Client
	accounts *emulator.Accounts
	messages *messenger.Messenger
	life     context.Context //nolint:containedctx // it ends what goes on after a call was answered
	stop     context.CancelFunc
	running  sync.WaitGroup

	reading sync.Mutex // held while the rules of a place are read

	mu    sync.Mutex
	code  map[string][]byte // by the functions' ARNs
	rules map[string]*schedule
}

// Start returns a service that works until it is closed.
func Start(options Options) *Service {
	if options.Minute == 0 {
		options.Minute = time.Minute
	}
	client := emulator.NewClient(options.Emulator, patience)
	s := &Service{
		options: options, client: client, accounts: emulator.NewAccounts(client), code: map[string][]byte{}, rules: map[string]*schedule{},
	}
	s.messages = messenger.New(client, s.accounts, s.Go)
	s.life, s.stop = context.WithCancel(context.Background())
	return s
}

// Close ends the service and all programs.
func (s *Service) Close() {
	s.stop()
	s.running.Wait()
	s.client.CloseIdleConnections()
}

// Keep keeps the code of a function, a zip file.
func (s *Service) Keep(functionARN string, code []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.code[functionARN] = code
}

// Go calls a function without waiting for what becomes of it.
func (s *Service) Go(functionARN string, payload []byte) {
	s.running.Go(func() {
		result, err := s.Invoke(s.life, functionARN, payload)
		if err != nil && s.life.Err() == nil {
			s.options.Log.Warn("a function was not called", "function", functionARN, "error", err)
		} else if result.Failed != "" {
			s.options.Log.Warn("a function failed", "function", functionARN, "answer", string(result.Payload))
		}
	})
}

// place is the region and the account of an ARN.
func place(arn string) (region, account string, err error) {
	parts := strings.Split(arn, ":")
	if len(parts) < 6 {
		return "", "", fmt.Errorf("%q is no ARN", arn)
	}
	return parts[3], parts[4], nil
}
