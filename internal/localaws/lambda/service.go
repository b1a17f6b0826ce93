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

// patience is the timeout for calls to the emulator.
const patience = 30 * time.Second

// Options configure a service.
type Options struct {
	// Emulator is the address of the emulator.
	Emulator *url.URL
	// Environment returns the variables that direct a program to the local AWS, as
	// "NAME=value". It is called for each function call.
	Environment func() []string
	// Trust returns an error if Lambda may not assume a role.
	Trust func(ctx context.Context, roleARN string) error
	// Learn receives STS's response with the credentials of a function. It may be
	// nil.
	Learn func(answer []byte) error
	// Minute is the length of a minute of a schedule. Default: a minute.
	Minute time.Duration
	// Log receives the output of functions, and failures.
	Log *slog.Logger
}

// Service runs functions. It is safe for concurrent use.
type Service struct {
	options  Options
	client   *emulator.Client
	accounts *emulator.Accounts
	messages *messenger.Messenger
	life     context.Context //nolint:containedctx // it ends what continues after a call was answered
	stop     context.CancelFunc
	running  sync.WaitGroup

	reading sync.Mutex // held while the rules of an account and region are read

	mu    sync.Mutex
	code  map[string][]byte // by ARN of the function
	rules map[string]*schedule
}

// Start returns a service that runs until it is closed.
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

// Close stops the service and all programs.
func (s *Service) Close() {
	s.stop()
	s.running.Wait()
	s.client.CloseIdleConnections()
}

// Keep stores the code of a function, a zip file.
func (s *Service) Keep(functionARN string, code []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.code[functionARN] = code
}

// Go calls a function without waiting for the result.
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

// place is the region and account of an ARN.
func place(arn string) (region, account string, err error) {
	parts := strings.Split(arn, ":")
	if len(parts) < 6 {
		return "", "", fmt.Errorf("%q is no ARN", arn)
	}
	return parts[3], parts[4], nil
}
