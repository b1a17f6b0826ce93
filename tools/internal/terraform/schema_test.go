package terraform

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/vendored/tfplugin5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func attributes(as ...*tfplugin5.Schema_Attribute) *tfplugin5.Schema {
	return &tfplugin5.Schema{Version: 3, Block: &tfplugin5.Schema_Block{Attributes: as}}
}

func TestSchemaOfTheSelectedTypes(t *testing.T) {
	t.Parallel()
	id := &tfplugin5.Schema_Attribute{Name: "id", Type: []byte(`"string"`), Computed: true, Sensitive: true}
	bucket := attributes(id, &tfplugin5.Schema_Attribute{Name: "tags", Type: []byte(`["map","string"]`), Optional: true})
	bucket.Block.BlockTypes = []*tfplugin5.Schema_NestedBlock{{
		TypeName: "rule", Nesting: tfplugin5.Schema_NestedBlock_SET, MinItems: 1, MaxItems: 1000, Block: attributes(id).GetBlock(),
	}}
	all := &tfplugin5.GetProviderSchema_Response{
		Provider:          attributes(&tfplugin5.Schema_Attribute{Name: "region", Type: []byte(`"string"`)}),
		ResourceSchemas:   map[string]*tfplugin5.Schema{"aws_s3_bucket": bucket, "aws_instance": attributes(id)},
		DataSourceSchemas: map[string]*tfplugin5.Schema{"aws_region": attributes(id)},
	}
	got, err := Select{Resources: []string{"aws_s3_bucket"}, DataSources: []string{"aws_region"}}.translate(all)
	require.NoError(t, err)
	assert.Len(t, got.ResourceSchemas, 1, "what is not selected is left out")
	assert.Contains(t, got.DataSourceSchemas, "aws_region")
	assert.Equal(t, tftypes.String, got.Provider.Block.Attributes[0].Type)

	s := got.ResourceSchemas["aws_s3_bucket"]
	assert.Equal(t, int64(3), s.Version)
	assert.True(t, s.Block.Attributes[0].Computed && s.Block.Attributes[0].Sensitive)
	assert.Equal(t, tftypes.Map{ElementType: tftypes.String}, s.Block.Attributes[1].Type)
	rule := s.Block.BlockTypes[0]
	assert.Equal(t, tfprotov6.SchemaNestedBlockNestingModeSet, rule.Nesting)
	assert.Equal(t, []int64{1, 1000}, []int64{rule.MinItems, rule.MaxItems})

	t.Run("a type that the provider lacks", func(t *testing.T) {
		t.Parallel()
		_, err := Select{Resources: []string{"aws_s3_vault"}}.translate(all)
		require.EqualError(t, err, `this terraform-provider-aws has no resource "aws_s3_vault"`)
	})
	t.Run("a malformed type names its place", func(t *testing.T) {
		t.Parallel()
		broken := &tfplugin5.GetProviderSchema_Response{
			Provider:        attributes(),
			ResourceSchemas: map[string]*tfplugin5.Schema{"aws_x": attributes(&tfplugin5.Schema_Attribute{Name: "a", Type: []byte("?")})},
		}
		_, err := Select{Resources: []string{"aws_x"}}.translate(broken)
		require.ErrorContains(t, err, "resource aws_x: a: type ?")
	})
}

func TestDiagnosticsKeepTheirPlace(t *testing.T) {
	t.Parallel()
	got := fromDiagnostics([]*tfplugin5.Diagnostic{{
		Severity: tfplugin5.Diagnostic_WARNING, Summary: "s", Detail: "d",
		Attribute: &tfplugin5.AttributePath{Steps: []*tfplugin5.AttributePath_Step{
			{Selector: &tfplugin5.AttributePath_Step_AttributeName{AttributeName: "rule"}},
			{Selector: &tfplugin5.AttributePath_Step_ElementKeyInt{ElementKeyInt: 2}},
			{Selector: &tfplugin5.AttributePath_Step_ElementKeyString{ElementKeyString: "k"}},
		}},
	}, {Severity: tfplugin5.Diagnostic_ERROR}})
	assert.Equal(t, tfprotov6.DiagnosticSeverityWarning, got[0].Severity)
	want := tftypes.NewAttributePath().WithAttributeName("rule").WithElementKeyInt(2).WithElementKeyString("k")
	assert.True(t, want.Equal(got[0].Attribute), got[0].Attribute)
	assert.Equal(t, tfprotov6.DiagnosticSeverityError, got[1].Severity)
	assert.Nil(t, got[1].Attribute)
}

func TestValuesPassUnchanged(t *testing.T) {
	t.Parallel()
	assert.Nil(t, toValue(nil))
	assert.Nil(t, fromValue(nil))
	assert.Nil(t, toRawState(nil))
	v := &tfprotov6.DynamicValue{MsgPack: []byte{1}, JSON: []byte("2")}
	assert.Equal(t, v, fromValue(toValue(v)))
	assert.Equal(t, []byte("{}"), toRawState(&tfprotov6.RawState{JSON: []byte("{}")}).GetJson())
}
