// Package socket provides sockets that only their user can connect to: Unix sockets
// in folders without access for others. Web pages can't reach them.
package socket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

const (
	scheme      = "unix"
	dialTimeout = 5 * time.Second
	// maxPath is the longest path of a socket that every system accepts.
	maxPath = 100
)

// Listener accepts connections from the user's own programs.
type Listener struct {
	*net.UnixListener

	path      string
	temporary string
}

// Listen opens a socket in a folder, and removes others' access to the folder. If
// the path is too long for a socket, it uses the folder of temporary files.
func Listen(dir, name string) (*Listener, error) {
	l := &Listener{path: filepath.Join(dir, name)}
	if len(l.path) > maxPath {
		temporary, err := os.MkdirTemp("", "crr-")
		if err != nil {
			return nil, fmt.Errorf("making a folder for a socket: %w", err)
		}
		l.temporary, l.path = temporary, filepath.Join(temporary, name)
	}
	if err := l.listen(); err != nil {
		return nil, fmt.Errorf("opening the socket %s: %w", l.path, errors.Join(err, l.tidy()))
	}
	return l, nil
}

func (l *Listener) listen() error {
	if err := os.Chmod(filepath.Dir(l.path), 0o700); err != nil {
		return err
	}
	// A killed process leaves its socket.
	if err := os.Remove(l.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: l.path, Net: "unix"})
	if err != nil {
		return err
	}
	l.UnixListener = listener
	return os.Chmod(l.path, 0o600)
}

func (l *Listener) tidy() error {
	if l.temporary == "" {
		return nil
	}
	return os.RemoveAll(l.temporary)
}

// Close implements [net.Listener]. It removes the socket.
func (l *Listener) Close() error { return errors.Join(l.UnixListener.Close(), l.tidy()) }

// Path returns the path of the socket.
func (l *Listener) Path() string { return l.path }

// URL returns the address of the socket, for [Dial] and [Base].
func (l *Listener) URL() *url.URL { return &url.URL{Scheme: scheme, Path: l.path} }

// Dial returns a dial function for an address: that of a socket, or of any HTTP
// server.
func Dial(address *url.URL) func(ctx context.Context, network, host string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: dialTimeout}
	if address.Scheme != scheme {
		return dialer.DialContext
	}
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, "unix", address.Path)
	}
}

// Base returns the prefix of URLs for requests to an address.
func Base(address *url.URL) *url.URL {
	if address.Scheme != scheme {
		return address
	}
	return &url.URL{Scheme: "http", Host: "localhost"}
}
