// Command pulumi-resource-aws replaces pulumi-aws's resource plugin if that cannot
// be downloaded. It serves the types that pulumi-aws-crr uses, under pulumi-aws's
// tokens and names, by bridging HashiCorp's terraform-provider-aws binary, the
// provider that pulumi-aws is based on.
//
// The Pulumi engine starts it. By hand:
//
//	pulumi-resource-aws --where     where terraform-provider-aws is
//	pulumi-resource-aws --schema    the Pulumi schema of the served types
//	pulumi-resource-aws --version   the version of pulumi-aws that it replaces
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/pulumi/pulumi/pkg/v3/resource/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/crr-io/pulumi-aws-crr/tools/internal/awstypes"
	"github.com/crr-io/pulumi-aws-crr/tools/internal/locate"
	"github.com/crr-io/pulumi-aws-crr/tools/internal/serve"
	"github.com/crr-io/pulumi-aws-crr/tools/internal/terraform"
)

// version is the version of pulumi-aws that it replaces; the installer sets it.
var version = "6.0.0-dev"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-aws:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 1 {
		switch args[0] {
		case "--where":
			report := locate.This().Find()
			fmt.Println(report)
			if report.Err() != nil {
				return locate.ErrNotFound
			}
			return nil
		case "--schema":
			return printSchema()
		case "--version":
			fmt.Println(version)
			return nil
		}
	}
	return serveEngine()
}

// serveEngine serves until the engine ends it.
func serveEngine() error {
	children := &children{}
	defer children.end()
	endWithEngine(children)
	return provider.Main(awstypes.Package, func(host *provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		if host == nil { // a typed nil would not be nil as an interface
			return serve.New(children.open, version, nil), nil
		}
		return serve.New(children.open, version, host), nil
	})
}

func printSchema() error {
	children := &children{offline: true}
	defer children.end()
	resp, err := serve.New(children.open, version, nil).GetSchema(context.Background(), &pulumirpc.GetSchemaRequest{})
	if err != nil {
		return err
	}
	fmt.Println(resp.GetSchema())
	return nil
}

var errEnding = errors.New("the plugin is ending")

// open finds and starts the Terraform provider.
func (c *children) open() (tfprotov6.ProviderServer, error) {
	c.starting.Add(1)
	defer c.starting.Done()
	report := locate.This().Find()
	if err := report.Err(); err != nil {
		return nil, err
	}
	if err := permitted(os.Getenv, report.Chosen.Version); err != nil && !c.offline {
		return nil, err
	}
	process, err := terraform.Start(report.Chosen.Path)
	if err != nil {
		return nil, err
	}
	if !c.add(process) {
		process.Close()
		return nil, errEnding
	}
	return terraform.NewServer(process.Client(), awstypes.Selected()), nil
}
