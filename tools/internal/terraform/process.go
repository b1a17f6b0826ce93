package terraform

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/vendored/tfplugin5"
	"google.golang.org/grpc"
)

// handshake is the agreement between Terraform and its providers.
var handshake = plugin.HandshakeConfig{
	MagicCookieKey:   "TF_PLUGIN_MAGIC_COOKIE",
	MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
}

// Process is a running provider binary.
type Process struct {
	client *plugin.Client
	cmd    *exec.Cmd
	remote tfplugin5.ProviderClient
	closed sync.Once
}

// Start runs the provider binary at path.
//
// The process ends with [Process.Close], and with this process, however that ends:
// on Linux the kernel ends it; elsewhere it stays in the process group of this
// process, which the Pulumi engine ends as a whole.
//
// Its socket is in a private directory that is removed once the connection is
// established, so that not even a SIGKILL leaves a file behind; see socketDir.
func Start(path string) (*Process, error) {
	sockets, err := socketDir()
	if err != nil {
		return nil, fmt.Errorf("making a directory for the socket of %s: %w", path, err)
	}
	defer func() { _ = os.RemoveAll(sockets) }() // the next start removes the rest

	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), plugin.EnvUnixSocketDir+"="+sockets)
	bindToParent(cmd)
	stderr := &tail{limit: 4 << 10}
	p := &Process{client: plugin.NewClient(clientConfig(cmd, stderr)), cmd: cmd}
	if err := p.connect(); err != nil {
		p.Close()
		return nil, startError(path, err, stderr.String())
	}
	return p, nil
}

func clientConfig(cmd *exec.Cmd, stderr io.Writer) *plugin.ClientConfig {
	return &plugin.ClientConfig{
		HandshakeConfig:  handshake,
		VersionedPlugins: map[int]plugin.PluginSet{5: {"provider": dispenser{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Cmd:              cmd,
		AutoMTLS:         true,
		Logger:           hclog.NewNullLogger(),
		Stderr:           stderr,
		SkipHostEnv:      true, // cmd.Env is complete
		// The socket's file is removed once connected, so an idle connection must
		// never be closed.
		GRPCDialOptions: []grpc.DialOption{grpc.WithIdleTimeout(0)},
	}
}

// connect starts the process and performs the handshake. It runs on a thread of its
// own that lives as long as this process: in Linux "parent death" means the end of
// the thread that started the child.
func (p *Process) connect() error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		done <- p.dial()
		select {}
	}()
	return <-done
}

func (p *Process) dial() error {
	rpc, err := p.client.Client()
	if err != nil {
		return err
	}
	raw, err := rpc.Dispense("provider")
	if err != nil {
		return err
	}
	remote, ok := raw.(tfplugin5.ProviderClient)
	if !ok {
		return fmt.Errorf("it serves %T instead of a Terraform provider", raw)
	}
	p.remote = remote
	return nil
}

// Client returns the provider's remote interface.
func (p *Process) Client() tfplugin5.ProviderClient { return p.remote }

// Close ends the process at once and waits for it: a provider has nothing to save.
// It may be called more than once.
func (p *Process) Close() {
	p.closed.Do(func() {
		if p.cmd.Process != nil {
			_ = p.cmd.Process.Kill() // fails only if it has already ended
		}
		p.client.Kill()
	})
}

// dispenser creates go-plugin's client from a connection.
type dispenser struct{ plugin.NetRPCUnsupportedPlugin }

func (dispenser) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return tfplugin5.NewProviderClient(conn), nil
}

func (dispenser) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return fmt.Errorf("this side only calls providers")
}
