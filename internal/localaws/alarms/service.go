package alarms

import (
	"context"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/messenger"
)

// evaluationsPerMinute is how often alarms are evaluated in a minute of
// [Options.Minute].
const evaluationsPerMinute = 12

// patience is the timeout for calls to the emulator.
const patience = 30 * time.Second

// Options configure a service.
type Options struct {
	// Minute is the length of a minute of an alarm's period. Default: a minute.
	Minute time.Duration
	// Emulator is the address of the emulator, which has the topics.
	Emulator *url.URL
	// Throttle throttles every third call of PutMetricAlarm, as CloudWatch does with
	// frequent callers.
	Throttle bool
	// Log receives messages that can't be sent.
	Log *slog.Logger
}

// Place is an account and region. Alarms, metrics and topics of different places are
// independent.
type Place struct{ Account, Region string }

// Service implements the alarms of all places. It is safe for concurrent use.
type Service struct {
	options  Options
	client   *emulator.Client
	accounts *emulator.Accounts
	messages *messenger.Messenger
	wake     chan struct{}
	stop     context.CancelFunc
	running  sync.WaitGroup

	mu     sync.Mutex
	places map[Place]*accountState
	calls  int // of PutMetricAlarm
	outbox []notice
}

// accountState is the state of one account in one region.
type accountState struct {
	alarms  map[string]*Alarm
	tags    map[string]map[string]string // by ARN of the alarm
	metrics map[metricID]series
	history []historyItem // the latest last
}

// Start returns a service that evaluates alarms until it is closed.
func Start(options Options) *Service {
	if options.Minute == 0 {
		options.Minute = time.Minute
	}
	ctx, stop := context.WithCancel(context.Background())
	client := emulator.NewClient(options.Emulator, patience)
	accounts := emulator.NewAccounts(client)
	s := &Service{
		options: options, client: client, accounts: accounts, messages: messenger.New(client, accounts, nil),
		wake: make(chan struct{}, 1), stop: stop, places: map[Place]*accountState{},
	}
	s.running.Go(func() { s.run(ctx) })
	return s
}

// Close stops the service. Messages that have not been sent are lost.
func (s *Service) Close() {
	s.stop()
	s.running.Wait()
	s.client.CloseIdleConnections()
}

// run evaluates periodically while there are alarms, and when woken up.
func (s *Service) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-timer.C:
		}
		if s.evaluate(time.Now()) {
			timer.Reset(s.options.Minute / evaluationsPerMinute)
		}
		s.deliver(ctx)
	}
}

// wakeUp triggers an evaluation and the delivery of messages.
func (s *Service) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default: // a wake-up is already pending
	}
}

// at returns the state of a place.
func (s *Service) at(place Place) *accountState {
	kept, ok := s.places[place]
	if !ok {
		kept = &accountState{alarms: map[string]*Alarm{}, tags: map[string]map[string]string{}, metrics: map[metricID]series{}}
		s.places[place] = kept
	}
	return kept
}
