package localaws

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
)

// external is an emulator that was not started by the local AWS.
type external struct {
	address  *url.URL
	instance string
}

func newExternal(address string) (emulator, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return nil, fmt.Errorf("--backend %q is not the URL of an emulator; it looks like http://127.0.0.1:4566", address)
	}
	return &external{address: parsed, instance: rand.Text()}, nil
}

func (e *external) URL() *url.URL               { return e.address }
func (e *external) Instance() string            { return e.instance }
func (e *external) PID() int                    { return 0 }
func (e *external) Check(context.Context) error { return nil }
func (e *external) Failed() <-chan error        { return nil }
func (e *external) Close()                      {}
