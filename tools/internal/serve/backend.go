package serve

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/proto"
	pfbridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/crr-io/pulumi-aws-crr/tools/internal/awstypes"
)

// Open starts the Terraform provider.
type Open func() (tfprotov6.ProviderServer, error)

// backend is the running Terraform provider behind the server.
type backend struct {
	terraform tfprotov6.ProviderServer
	info      info.Provider
	bridge    pulumirpc.ResourceProviderServer
}

func newBackend(open Open, version string, log logger) (*backend, error) {
	raw, err := open()
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	terraform := &watched{ProviderServer: raw, log: log}
	shim := proto.New(ctx, terraform)
	described := awstypes.Provider(shim, version)
	// Read the schema here, where an error can be reported.
	pf, ok := shim.(interface {
		Server(context.Context) (tfprotov6.ProviderServer, error)
	})
	if !ok {
		return nil, fmt.Errorf("the bridge's provider is a %T", shim)
	}
	cached, err := pf.Server(ctx)
	if err != nil {
		return nil, err
	}
	schema, err := cached.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	terraform.types, terraform.settings = schema.ResourceSchemas, schema.Provider.ValueType()
	bridge, err := pfbridge.NewProviderServer(ctx, nil, described, pfbridge.ProviderMetadata{XGetSchema: noSchema})
	if err != nil {
		return nil, err
	}
	return &backend{terraform: terraform, info: described, bridge: bridge}, nil
}

// noSchema replaces the bridge's own schema call; see [Server.GetSchema].
func noSchema(context.Context, plugin.GetSchemaRequest) ([]byte, error) {
	return nil, errors.New("the schema is served without the bridge")
}

// starting is a backend that is starting.
type starting struct {
	done    chan struct{}
	backend *backend
	err     error
}

func start(open Open, version string, log logger) *starting {
	s := &starting{done: make(chan struct{})}
	go func() {
		defer close(s.done)
		s.backend, s.err = newBackend(open, version, log)
	}()
	return s
}

// wait returns the backend once it has started, or the error.
func (s *starting) wait(ctx context.Context) (*backend, error) {
	select {
	case <-s.done:
		return s.backend, s.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
