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

// patience with the emulator.
const patience = 30 * time.Second

// Options are how to run alarms.
type Options struct {
	// Minute is how long a minute of an alarm's period lasts. Left out: a minute.
	Minute time.Duration
	// Emulator is the address of the emulator, which has the topics.
	Emulator *url.URL
	// Throttle has one in three calls of PutMetricAlarm refused, as CloudWatch does to
	// who makes many.
	Throttle bool
	// Log is where messages that can't be sent are noted.
	Log *slog.Logger
}

// Place is an account in a region. Alarms, metrics and topics of one place know
// nothing of those in another.
type Place struct{ Account, Region string }

// Service is the alarms of all places. It is safe for concurrent use.
type Service struct {
	options  Options
	client   *emulator.Client
	accounts *emulator.Accounts
	messages *messenger.Messenger
	wake     chan struct{}
	stop     context.CancelFunc
	running  sync.WaitGroup

	mu     sync.Mutex
	places map[Place]*books
	calls  int // of PutMetricAlarm
	outbox []notice
}

// books are what is kept of a place.
type books struct {
	alarms  map[string]*Alarm
	tags    map[string]map[string]string // by the alarms' ARNs
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
		wake: make(chan struct{}, 1), stop: stop, places: map[Place]*books{},
	}
	s.running.Go(func() { s.run(ctx) })
	return s
}

// Close ends the service. Messages that were not sent yet are lost.
func (s *Service) Close() {
	s.stop()
	s.running.Wait()
	s.client.CloseIdleConnections()
}

// run evaluates from time to time while there are alarms, and when woken up.
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

// wakeUp has alarms evaluated, and messages sent, at once.
func (s *Service) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default: // it is going to wake up already
	}
}

// at returns the books of a place.
func (s *Service) at(place Place) *books {
	kept, ok := s.places[place]
	if !ok {
		kept = &books{alarms: map[string]*Alarm{}, tags: map[string]map[string]string{}, metrics: map[metricID]series{}}
		s.places[place] = kept
	}
	return kept
}
