package localaws

import (
	"context"
	"net/url"
	"path/filepath"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/moto"
)

// emulator is the backend of the front.
type emulator interface {
	URL() *url.URL
	Instance() string
	// PID returns the id of the process that was started for it, or 0.
	PID() int
	// Check returns an error if the emulator lost its data or does not answer.
	Check(context.Context) error
	// Failed receives the reason when the emulator has ended or lost its data.
	Failed() <-chan error
	Close()
}

func startEmulator(ctx context.Context, options Options) (emulator, error) {
	if options.Backend != "" {
		return newExternal(options.Backend)
	}
	command := options.Moto
	if command == nil {
		var err error
		if command, err = moto.Locate(ctx, options.StateDir); err != nil {
			return nil, err
		}
	}
	return startSupervisor(ctx, command, filepath.Join(options.StateDir, motoLogName), options.Harsh)
}
