package localaws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/moto"
)

// lockPatience is how long a daemon waits for its lock, which a status command may
// hold for a moment.
const lockPatience = 2 * time.Second

// report is the one message from a daemon to [Launch]: ready, or an error.
type report struct {
	Error string `json:"error,omitempty"`
}

// ServeOptions configure the daemon.
type ServeOptions struct {
	Dir     string
	Backend string
	Moto    moto.Command
	// ReplicationDelay is the minimum replication time.
	ReplicationDelay time.Duration
	// AlarmMinute is the length of a minute of an alarm's period, or of a schedule.
	AlarmMinute time.Duration
	// Harsh is as in [Options].
	Harsh bool
	// Report receives one report, and is closed.
	Report *os.File
}

// Serve runs the daemon, a local AWS in a folder, until the context ends. If its
// emulator loses its data, it responds to every call with that error.
func Serve(ctx context.Context, options ServeOptions) error {
	d, err := startDaemon(ctx, options)
	if reportErr := sendReport(options.Report, err); err != nil || reportErr != nil {
		return errors.Join(err, reportErr, d.close())
	}
	d.log.Info("ready", "proxy", d.server.address.String(), "instance", d.server.Instance())
	err = d.server.Wait(ctx)
	d.log.Info("ending", "reason", err)
	return errors.Join(err, d.close())
}

// sendReport reports the result of the start. It is no error if no process waits for
// it any more.
func sendReport(to *os.File, result error) error {
	if to == nil {
		return nil
	}
	var said report
	if result != nil {
		said.Error = result.Error()
	}
	text, err := json.Marshal(said)
	if err != nil {
		return err
	}
	_, _ = to.Write(text)
	return to.Close()
}

type daemon struct {
	layout  layout
	options ServeOptions
	log     *slog.Logger
	lock    *fileLock
	server  *Server
	control *control
	started time.Time
	build   string
}

func startDaemon(ctx context.Context, options ServeOptions) (*daemon, error) {
	d := &daemon{options: options, started: time.Now().UTC().Truncate(time.Second)}
	d.log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	var err error
	if d.layout, err = openLayout(options.Dir); err != nil {
		return d, err
	}
	if err := d.takeLock(ctx); err != nil {
		return d, err
	}
	if d.build, err = buildOfThis(); err != nil {
		return d, err
	}
	if d.server, err = Start(ctx, Options{
		StateDir: d.layout.state(), Backend: options.Backend, Moto: options.Moto, Port: lastPort(d.layout), Log: d.log,
		ReplicationDelay: options.ReplicationDelay, AlarmMinute: options.AlarmMinute, Harsh: options.Harsh,
	}); err != nil {
		return d, err
	}
	if d.control, err = startControl(d.server, d.layout.state()); err != nil {
		return d, err
	}
	return d, d.publish()
}

func (d *daemon) takeLock(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	held, err := lock(ctx, d.layout.daemonLock(), func() {})
	if err != nil {
		return fmt.Errorf("another local AWS runs in %s: %w", d.layout.root, err)
	}
	d.lock = held
	return held.sign(self())
}

// publish writes the files that other programs need to use the local AWS.
func (d *daemon) publish() error {
	if err := keepPort(d.layout, d.server.address.Port); err != nil {
		return err
	}
	if err := writeEnv(d.layout, d.server.access()); err != nil {
		return err
	}
	return d.writeState()
}

func (d *daemon) writeState() error {
	s := state{
		Instance: d.server.Instance(), Daemon: self(), Command: d.options.Moto.String(), External: d.options.Backend != "", Control: d.control.url,
		Backend: d.server.emulator.URL().String(), Proxy: "http://" + d.server.address.String(), StartedAt: d.started, Access: d.server.access(),
		Build: d.build, ReplicationDelay: d.options.ReplicationDelay, AlarmMinute: d.options.AlarmMinute, Harsh: d.options.Harsh,
	}
	if pid := d.server.emulator.PID(); pid != 0 {
		if id, err := identifyProcess(pid); err == nil {
			s.Moto = id
		}
	}
	return s.write(d.layout)
}

// close undoes the steps that were done.
func (d *daemon) close() error {
	var err error
	if d.control != nil {
		d.control.close()
	}
	if d.server != nil {
		err = d.server.Close()
	}
	if d.lock != nil {
		err = errors.Join(err, removeState(d.layout))
		d.lock.release()
	}
	return err
}
