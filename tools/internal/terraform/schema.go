package terraform

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/vendored/tfplugin5"
)

// Select names the Terraform types to serve. The rest of the provider's schema is
// never translated.
type Select struct {
	Resources   []string
	DataSources []string
}

// translate reduces the provider's schema to the selected types. A selected type
// that the provider does not have is an error.
func (s Select) translate(r *tfplugin5.GetProviderSchema_Response) (*tfprotov6.GetProviderSchemaResponse, error) {
	provider, err := fromSchema(r.GetProvider())
	if err != nil {
		return nil, fmt.Errorf("provider configuration: %w", err)
	}
	resources, err := pick(s.Resources, "resource", r.GetResourceSchemas())
	if err != nil {
		return nil, err
	}
	dataSources, err := pick(s.DataSources, "data source", r.GetDataSourceSchemas())
	if err != nil {
		return nil, err
	}
	return &tfprotov6.GetProviderSchemaResponse{
		Provider:          provider,
		ResourceSchemas:   resources,
		DataSourceSchemas: dataSources,
		Diagnostics:       fromDiagnostics(r.GetDiagnostics()),
	}, nil
}

func pick(names []string, kind string, all map[string]*tfplugin5.Schema) (map[string]*tfprotov6.Schema, error) {
	picked := make(map[string]*tfprotov6.Schema, len(names))
	for _, name := range names {
		s, ok := all[name]
		if !ok {
			return nil, fmt.Errorf("this terraform-provider-aws has no %s %q", kind, name)
		}
		schema, err := fromSchema(s)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", kind, name, err)
		}
		picked[name] = schema
	}
	return picked, nil
}

func fromSchema(s *tfplugin5.Schema) (*tfprotov6.Schema, error) {
	block, err := fromBlock(s.GetBlock())
	if err != nil {
		return nil, err
	}
	return &tfprotov6.Schema{Version: s.GetVersion(), Block: block}, nil
}

func fromBlock(b *tfplugin5.Schema_Block) (*tfprotov6.SchemaBlock, error) {
	out := &tfprotov6.SchemaBlock{
		Version:     b.GetVersion(),
		Description: b.GetDescription(),
		Deprecated:  b.GetDeprecated(),
	}
	for _, a := range b.GetAttributes() {
		attribute, err := fromAttribute(a)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.GetName(), err)
		}
		out.Attributes = append(out.Attributes, attribute)
	}
	for _, n := range b.GetBlockTypes() {
		nested, err := fromNestedBlock(n)
		if err != nil {
			return nil, fmt.Errorf("%s.%w", n.GetTypeName(), err)
		}
		out.BlockTypes = append(out.BlockTypes, nested)
	}
	return out, nil
}

func fromAttribute(a *tfplugin5.Schema_Attribute) (*tfprotov6.SchemaAttribute, error) {
	typ, err := tftypes.ParseJSONType(a.GetType()) //nolint:staticcheck // the only way from the wire's form to a type
	if err != nil {
		return nil, fmt.Errorf("type %s: %w", a.GetType(), err)
	}
	return &tfprotov6.SchemaAttribute{
		Name:        a.GetName(),
		Type:        typ,
		Description: a.GetDescription(),
		Required:    a.GetRequired(),
		Optional:    a.GetOptional(),
		Computed:    a.GetComputed(),
		Sensitive:   a.GetSensitive(),
		Deprecated:  a.GetDeprecated(),
	}, nil
}

var nesting = map[tfplugin5.Schema_NestedBlock_NestingMode]tfprotov6.SchemaNestedBlockNestingMode{
	tfplugin5.Schema_NestedBlock_SINGLE: tfprotov6.SchemaNestedBlockNestingModeSingle,
	tfplugin5.Schema_NestedBlock_LIST:   tfprotov6.SchemaNestedBlockNestingModeList,
	tfplugin5.Schema_NestedBlock_SET:    tfprotov6.SchemaNestedBlockNestingModeSet,
	tfplugin5.Schema_NestedBlock_MAP:    tfprotov6.SchemaNestedBlockNestingModeMap,
	tfplugin5.Schema_NestedBlock_GROUP:  tfprotov6.SchemaNestedBlockNestingModeGroup,
}

func fromNestedBlock(n *tfplugin5.Schema_NestedBlock) (*tfprotov6.SchemaNestedBlock, error) {
	block, err := fromBlock(n.GetBlock())
	if err != nil {
		return nil, err
	}
	mode, ok := nesting[n.GetNesting()]
	if !ok {
		return nil, fmt.Errorf("unknown nesting mode %s", n.GetNesting())
	}
	return &tfprotov6.SchemaNestedBlock{
		TypeName: n.GetTypeName(),
		Block:    block,
		Nesting:  mode,
		MinItems: n.GetMinItems(),
		MaxItems: n.GetMaxItems(),
	}, nil
}
