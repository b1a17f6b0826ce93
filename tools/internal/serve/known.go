package serve

import (
	"fmt"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

// known returns an error if the resource's type is not served.
func (b *backend) known(urn string) error {
	_, err := b.terraformType(urn)
	return err
}

func (b *backend) terraformType(urn string) (string, error) {
	token := resource.URN(urn).Type()
	for name, r := range b.info.Resources {
		if r.Tok == token {
			return name, nil
		}
	}
	return "", fmt.Errorf("type %s is not served. %s", token, tableHint)
}

// unknownInputs lists the inputs that a resource's type does not have.
func (b *backend) unknownInputs(urn string, inputs *structpb.Struct) ([]*pulumirpc.CheckFailure, error) {
	name, err := b.terraformType(urn)
	if err != nil {
		return nil, err
	}
	props, err := unmarshal(inputs)
	if err != nil {
		return nil, err
	}
	f := unknownFinder{subject: string(resource.URN(urn).Type())}
	f.object(nil, props, b.info.P.ResourcesMap().Get(name).Schema(), b.info.Resources[name].Fields)
	return f.failures, nil
}

// unknownArguments lists the arguments that a function does not have.
func (b *backend) unknownArguments(token string, args *structpb.Struct) ([]*pulumirpc.CheckFailure, error) {
	props, err := unmarshal(args)
	if err != nil {
		return nil, err
	}
	for name, d := range b.info.DataSources {
		if string(d.Tok) == token {
			f := unknownFinder{subject: token}
			f.object(nil, props, b.info.P.DataSourcesMap().Get(name).Schema(), d.Fields)
			return f.failures, nil
		}
	}
	return nil, fmt.Errorf("function %s is not served. %s", token, tableHint)
}

// unknownConfig lists the settings that the provider does not have.
func (b *backend) unknownConfig(config *structpb.Struct) ([]*pulumirpc.CheckFailure, error) {
	props, err := tfbridge.NewConfigEncoding(b.info.P.Schema(), b.info.Config).UnmarshalProperties(config)
	if err != nil {
		return nil, err
	}
	delete(props, "version") // the engine's own
	delete(props, "pluginDownloadURL")
	f := unknownFinder{subject: "pulumi:providers:aws"}
	f.object(nil, props, b.info.P.Schema(), b.info.Config)
	return f.failures, nil
}

func unmarshal(s *structpb.Struct) (resource.PropertyMap, error) {
	return plugin.UnmarshalProperties(s, plugin.MarshalOptions{
		KeepUnknowns: true, KeepSecrets: true, KeepResources: true, KeepOutputValues: true,
	})
}
