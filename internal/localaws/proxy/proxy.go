package proxy

import (
	"bufio"
	"context"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	headerTimeout   = 30 * time.Second
	goodbyeDeadline = 2 * time.Second
)

// Proxy is the forward proxy. Its zero value is not usable: see [New].
type Proxy struct {
	authority *Authority
	outer     *http.Server
	inner     *http.Server
	tunnels   *tunnelListener
	log       *slog.Logger
	password  string
}

// User is the user name for a proxy with a password.
const User = "crr"

// Require sets the password of the proxy, which keeps out programs of other users.
// It must be called before the first request.
func (p *Proxy) Require(password string) { p.password = password }

// welcome reports whether a client has the password.
func (p *Proxy) welcome(r *http.Request) bool {
	if p.password == "" {
		return true
	}
	given := &http.Request{Header: http.Header{"Authorization": r.Header.Values("Proxy-Authorization")}}
	name, password, ok := given.BasicAuth()
	return ok && name == User && subtle.ConstantTimeCompare([]byte(password), []byte(p.password)) == 1
}

// New returns a proxy with a handler for AWS. Requests have an empty URL.Scheme and
// URL.Host, as on a server, and a non-nil TLS if they came over TLS.
func New(authority *Authority, aws http.Handler, log *slog.Logger) *Proxy {
	p := &Proxy{authority: authority, log: log, tunnels: newTunnelListener()}
	quiet := slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	p.inner = &http.Server{Handler: aws, ReadHeaderTimeout: headerTimeout, ErrorLog: quiet}
	p.outer = &http.Server{Handler: p.forward(aws), ReadHeaderTimeout: headerTimeout, ErrorLog: quiet}
	return p
}

// Serve serves connections of the listener until [Proxy.Close], and then returns
// nil.
func (p *Proxy) Serve(listener net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- p.inner.Serve(p.tunnels) }()
	err := p.outer.Serve(listener)
	if errors.Is(err, http.ErrServerClosed) {
		err = <-served
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serving the proxy: %w", err)
}

// Close waits briefly for active requests, then closes their connections.
func (p *Proxy) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), goodbyeDeadline)
	defer cancel()
	for _, server := range []*http.Server{p.outer, p.inner} {
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // the connections have been closed: an error changes nothing
		}
	}
}

func (p *Proxy) forward(aws http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodConnect && !r.URL.IsAbs():
			http.Error(w, "crr local AWS: this is a forward proxy, not a server; set HTTPS_PROXY and HTTP_PROXY to its address "+
				"(`. .local/env` does)", http.StatusBadRequest)
		case !p.welcome(r):
			w.Header().Set("Proxy-Authenticate", `Basic realm="crr local AWS"`)
			http.Error(w, "crr local AWS: this proxy belongs to another user or to an earlier start; "+
				"read the file env of your own local AWS (again) in this shell (`. .local/env` does)", http.StatusProxyAuthRequired)
		case !IsAWS(r.Host):
			p.log.Info("refused", "host", r.Host)
			http.Error(w, fmt.Sprintf("crr local AWS: %s is not a host name of AWS, and this proxy reaches nothing else; "+
				"use a shell without HTTPS_PROXY to reach other hosts", Hostname(r.Host)), http.StatusForbidden)
		case r.Method == http.MethodConnect:
			p.tunnel(w, r)
		default:
			r.URL.Scheme, r.URL.Host = "", ""
			r.Header.Del("Proxy-Connection")
			r.Header.Del("Proxy-Authorization")
			aws.ServeHTTP(w, r)
		}
	})
}

// tunnel responds to CONNECT, and serves the requests in the tunnel.
func (p *Proxy) tunnel(w http.ResponseWriter, r *http.Request) {
	host := Hostname(r.Host)
	connection, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "crr local AWS: CONNECT needs HTTP/1.1", http.StatusHTTPVersionNotSupported)
		return
	}
	if _, err := connection.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		_ = connection.Close() // the client has disconnected
		return
	}
	p.tunnels.add(p.secure(host, &bufferedConn{Conn: connection, reader: buffered.Reader}, r))
}

// secure terminates TLS, unless the tunnel leads to the port of plain HTTP.
func (p *Proxy) secure(host string, connection net.Conn, r *http.Request) net.Conn {
	if _, port, err := net.SplitHostPort(r.Host); err == nil && port == "80" {
		return connection
	}
	return tls.Server(connection, &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if hello.ServerName != "" {
				return p.authority.Certificate(Hostname(hello.ServerName))
			}
			return p.authority.Certificate(host)
		},
	})
}

// bufferedConn first reads what the HTTP server has buffered.
type bufferedConn struct {
	net.Conn
	reader *bufio.Reader
}

func (c *bufferedConn) Read(p []byte) (int, error) { return c.reader.Read(p) }

// tunnelListener passes tunnels to an [http.Server] as accepted connections.
type tunnelListener struct {
	connections chan net.Conn
	closed      chan struct{}
	once        sync.Once
}

func newTunnelListener() *tunnelListener {
	return &tunnelListener{connections: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *tunnelListener) add(connection net.Conn) {
	select {
	case l.connections <- connection:
	case <-l.closed:
		_ = connection.Close() // it will not be served
	}
}

func (l *tunnelListener) Accept() (net.Conn, error) {
	select {
	case connection := <-l.connections:
		return connection, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *tunnelListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *tunnelListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
