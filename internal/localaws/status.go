package localaws

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/moto"
)

const answerPatience = 10 * time.Second

// Status is the status of the local AWS in a folder.
type Status struct {
	// Running reports whether it responds.
	Running bool `json:"running"`
	// Problem is why it doesn't respond, if there is one at all.
	Problem string `json:"problem,omitempty"`
	// Instance is an id that is new whenever the emulator starts empty.
	Instance string `json:"instance,omitempty"`
	Proxy    string `json:"proxy,omitempty"`
	Backend  string `json:"backend,omitempty"`
	External bool   `json:"external"`
	PID      int    `json:"pid,omitempty"`
	MotoPID  int    `json:"motoPid,omitempty"`
	// Moto is the command that was started, or would be.
	Moto string `json:"moto,omitempty"`
	// MotoLooked are the places that were searched for moto, if none is running.
	MotoLooked []string   `json:"motoLooked,omitempty"`
	StartedAt  *time.Time `json:"startedAt,omitempty"`
	// OtherBuild reports whether another build of this program is running.
	OtherBuild bool `json:"otherBuild"`
	// Temperament is "fast" or "harsh".
	Temperament string `json:"temperament,omitempty"`
	// Faults are the active faults.
	Faults   []faults.Fault `json:"faults,omitempty"`
	Uptime   int64          `json:"uptimeSeconds"`
	Dir      string         `json:"dir"`
	CABundle string         `json:"caBundle"`
	Env      string         `json:"env"`
	Log      string         `json:"log"`
	MotoLog  string         `json:"motoLog"`
	Provider Provider       `json:"provider"`

	// slow marks a Problem that may be temporary: the response took too long.
	slow bool
}

// Inspect returns the status of the local AWS in a folder, and checks that it works.
func Inspect(ctx context.Context, dir string) (Status, error) {
	l, err := layoutOf(dir)
	if err != nil {
		return Status{}, err
	}
	status := Status{
		Dir: l.root, CABundle: l.caBundle(), Env: l.env(), Log: l.daemonLog(), MotoLog: l.motoLog(), Provider: FindProvider(),
	}
	if !exists(l.state()) {
		status.locateMoto(ctx, l)
		return status, nil
	}
	_, running, err := lockHolder(ctx, l.daemonLock())
	if err != nil {
		return Status{}, err
	}
	kept, err := readState(l)
	switch {
	case err != nil:
		status.Problem = err.Error()
	case running && kept.Instance == "":
		status.Problem = "it is starting"
	case running:
		if err := status.describe(kept); err != nil {
			return Status{}, err
		}
		status.examine(ctx, l, kept)
	default:
		if kept.Instance != "" {
			status.Problem = "it ended without cleaning up; `crr local start` does that"
		}
		status.locateMoto(ctx, l)
	}
	return status, nil
}

func (s *Status) describe(kept state) error {
	s.Instance, s.Proxy, s.Backend, s.External = kept.Instance, kept.Proxy, kept.Backend, kept.External
	s.PID, s.MotoPID, s.Moto = kept.Daemon.PID, kept.Moto.PID, kept.Command
	s.StartedAt, s.Temperament = &kept.StartedAt, temperament(kept.Harsh)
	s.Uptime = int64(time.Since(kept.StartedAt).Seconds())
	build, err := buildOfThis()
	s.OtherBuild = kept.Build != build
	return err
}

func temperament(harsh bool) string {
	if harsh {
		return "harsh"
	}
	return "fast"
}

// locateMoto finds the moto that would be started.
func (s *Status) locateMoto(ctx context.Context, l layout) {
	command, err := moto.Locate(ctx, l.state())
	var missing *moto.MissingError
	if errors.As(err, &missing) {
		s.MotoLooked = missing.Looked
		return
	}
	s.Moto = command.String()
}

// examine checks that the local AWS works, and reads the active faults.
func (s *Status) examine(ctx context.Context, l layout, kept state) {
	ctx, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	var lost string
	err := callControl(ctx, http.MethodGet, kept.Control, memoryPath, nil, &lost)
	if err == nil && lost != "" {
		err = errors.New(lost)
	}
	if err == nil {
		err = s.greet(ctx, l, kept.Access)
	}
	if err != nil {
		s.Problem, s.slow = err.Error(), ctx.Err() != nil
		return
	}
	s.Running = true
	if s.Faults, err = (&Faults{kept.Control}).List(ctx); err != nil {
		s.Problem = err.Error()
	}
}

func (s *Status) greet(ctx context.Context, l layout, with access) error {
	proxyURL, err := url.Parse(with.Proxy)
	if err != nil {
		return fmt.Errorf("reading the proxy's address: %w", err)
	}
	bundle, err := os.ReadFile(l.caBundle())
	if err != nil {
		return fmt.Errorf("reading the authority's certificate: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(bundle) {
		return fmt.Errorf("there is no certificate in %s", l.caBundle())
	}
	return greet(ctx, clientThrough(proxyURL, pool), with)
}
