package serve

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func problem(severity tfprotov6.DiagnosticSeverity, summary, detail string) *tfprotov6.Diagnostic {
	return &tfprotov6.Diagnostic{Severity: severity, Summary: summary, Detail: detail}
}

func TestDiagnosticsAreToldInFull(t *testing.T) {
	t.Parallel()
	engine := &recorder{}
	l := logger{engine}
	in := with(context.Background(), &operation{urn: "urn:x"})

	got := l.digest(in, []*tfprotov6.Diagnostic{
		problem(tfprotov6.DiagnosticSeverityWarning, "old", "use the new one"),
		problem(tfprotov6.DiagnosticSeverityError, "first", "why"),
		problem(tfprotov6.DiagnosticSeverityError, "second", "second"),
	})
	require.Len(t, got, 1)
	assert.Equal(t, "first: why\nsecond", got[0].Summary)
	assert.Equal(t, []string{"warning urn:x: old: use the new one"}, engine.said)

	assert.Empty(t, l.digest(in, nil))
	one := []*tfprotov6.Diagnostic{problem(tfprotov6.DiagnosticSeverityError, "only", "")}
	assert.Equal(t, one, l.digest(in, one), "with the attribute that it may have")
	logger{}.warn(in, "no receiver")
}

func TestTimeoutsReachThePrivateData(t *testing.T) {
	t.Parallel()
	req := &tfprotov6.ApplyResourceChangeRequest{PlannedPrivate: []byte(`{"kept":"1"}`)}
	require.NoError(t, setTimeout(req, 0))
	assert.JSONEq(t, `{"kept":"1"}`, string(req.PlannedPrivate))
	require.NoError(t, setTimeout(req, seconds(1.5)))
	assert.JSONEq(t, `{"kept":"1","`+timeoutKey+`":{"create":1500000000,"update":1500000000,"delete":1500000000}}`,
		string(req.PlannedPrivate))

	empty := &tfprotov6.ApplyResourceChangeRequest{}
	require.NoError(t, setTimeout(empty, time.Second))
	assert.Contains(t, string(empty.PlannedPrivate), timeoutKey)
	require.Error(t, setTimeout(&tfprotov6.ApplyResourceChangeRequest{PlannedPrivate: []byte("?")}, time.Second))
}

// applied is a provider whose changes end in a given way.
type applied struct {
	tfprotov6.ProviderServer
	resp *tfprotov6.ApplyResourceChangeResponse
	err  error
	read *tfprotov6.ReadResourceResponse
}

func (a applied) ReadResource(
	context.Context, *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	if a.read == nil {
		return nil, errors.New("cancelled")
	}
	return a.read, nil
}

func (a applied) ApplyResourceChange(
	context.Context, *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return a.resp, a.err
}

func TestWhatIsKeptOfAFailedCreate(t *testing.T) {
	t.Parallel()
	schema := &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{
		{Name: "id", Type: tftypes.String}, {Name: "arn", Type: tftypes.String},
	}}}
	typ := schema.ValueType()
	state := func(id, arn any) *tfprotov6.DynamicValue {
		v, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, map[string]tftypes.Value{
			"id": tftypes.NewValue(tftypes.String, id), "arn": tftypes.NewValue(tftypes.String, arn),
		}))
		require.NoError(t, err)
		return &v
	}
	none, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, nil))
	require.NoError(t, err)

	for _, c := range []struct {
		why    string
		state  *tfprotov6.DynamicValue
		update bool
		kept   bool
	}{
		{"it exists", state("b", "arn"), false, true},
		{"it exists, not all is known", state("b", tftypes.UnknownValue), false, true},
		{"it does not exist", &none, false, false},
		{"nothing is reported", nil, false, false},
		{"it has no id", state(nil, "arn"), false, false},
		{"it was an update", state("b", "arn"), true, false},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			op := &operation{keepPartial: !c.update}
			w := &watched{types: map[string]*tfprotov6.Schema{"aws_x": schema}, ProviderServer: applied{
				resp: &tfprotov6.ApplyResourceChangeResponse{NewState: c.state, Diagnostics: []*tfprotov6.Diagnostic{
					problem(tfprotov6.DiagnosticSeverityError, "failed", ""),
				}},
			}}
			resp, err := w.ApplyResourceChange(with(context.Background(), op), &tfprotov6.ApplyResourceChangeRequest{TypeName: "aws_x"})
			require.NoError(t, err)
			if !c.kept {
				assert.NoError(t, op.failure)
				assert.Len(t, resp.Diagnostics, 1)
				return
			}
			require.EqualError(t, op.failure, "failed")
			assert.Empty(t, resp.Diagnostics)
			v, err := resp.NewState.Unmarshal(typ)
			require.NoError(t, err)
			assert.True(t, v.IsFullyKnown())
		})
	}
	t.Run("as it is, not as it was wanted", func(t *testing.T) {
		t.Parallel()
		w := &watched{types: map[string]*tfprotov6.Schema{"aws_x": schema}, ProviderServer: applied{
			resp: &tfprotov6.ApplyResourceChangeResponse{NewState: state("b", "wanted"), Diagnostics: []*tfprotov6.Diagnostic{
				problem(tfprotov6.DiagnosticSeverityError, "failed", ""),
			}},
			read: &tfprotov6.ReadResourceResponse{NewState: state("b", "found"), Private: []byte("p")},
		}}
		resp, err := w.ApplyResourceChange(with(context.Background(), &operation{keepPartial: true}),
			&tfprotov6.ApplyResourceChangeRequest{TypeName: "aws_x"})
		require.NoError(t, err)
		assert.Equal(t, state("b", "found"), resp.NewState)
		assert.Equal(t, []byte("p"), resp.Private)
	})
	t.Run("the provider died", func(t *testing.T) {
		t.Parallel()
		w := &watched{ProviderServer: applied{err: errors.New("connection closed")}}
		_, err := w.ApplyResourceChange(context.Background(), &tfprotov6.ApplyResourceChangeRequest{})
		require.EqualError(t, err, "connection closed")
	})
}

func TestTheIDIsNoCauseOfAReplacement(t *testing.T) {
	t.Parallel()
	id := tftypes.NewAttributePath().WithAttributeName("id")
	name := tftypes.NewAttributePath().WithAttributeName("name")
	assert.Equal(t, []*tftypes.AttributePath{name}, withoutID([]*tftypes.AttributePath{id, name}))
	assert.Equal(t, []*tftypes.AttributePath{id}, withoutID([]*tftypes.AttributePath{id}), "unless it is the only one")
}

func TestSettingsDiffIsCompleted(t *testing.T) {
	t.Parallel()
	got := complete(&pulumirpc.DiffResponse{DetailedDiff: map[string]*pulumirpc.PropertyDiff{
		"region":           {Kind: pulumirpc.PropertyDiff_UPDATE_REPLACE},
		"endpoints[0].s3":  {Kind: pulumirpc.PropertyDiff_ADD},
		"endpoints[0].kms": {Kind: pulumirpc.PropertyDiff_ADD},
	}})
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_SOME, got.GetChanges())
	assert.Equal(t, []string{"endpoints", "region"}, got.GetDiffs())
	assert.Equal(t, []string{"region"}, got.GetReplaces())
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, complete(&pulumirpc.DiffResponse{}).GetChanges())
}

func TestSettingsAreValidatedWhenTheyHaveRules(t *testing.T) {
	t.Parallel()
	typ := tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"region": tftypes.String, "retry_mode": tftypes.String, "assume_role": tftypes.List{ElementType: tftypes.String},
	}}
	config := func(region, mode any, roles []tftypes.Value) *tfprotov6.DynamicValue {
		v, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, map[string]tftypes.Value{
			"region": tftypes.NewValue(tftypes.String, region), "retry_mode": tftypes.NewValue(tftypes.String, mode),
			"assume_role": tftypes.NewValue(typ.AttributeTypes["assume_role"], roles),
		}))
		require.NoError(t, err)
		return &v
	}
	names := []string{"retry_mode", "assume_role", "not_in_this_version"}
	assert.False(t, anyGiven(config("eu-west-1", nil, nil), typ, names))
	assert.False(t, anyGiven(config("eu-west-1", nil, []tftypes.Value{}), typ, names))
	assert.True(t, anyGiven(config(nil, "standard", nil), typ, names))
	assert.True(t, anyGiven(config(nil, tftypes.UnknownValue, nil), typ, names))
	assert.True(t, anyGiven(config(nil, nil, []tftypes.Value{tftypes.NewValue(tftypes.String, "r")}), typ, names))
	assert.False(t, anyGiven(nil, typ, names))
	assert.True(t, anyGiven(&tfprotov6.DynamicValue{JSON: []byte("?")}, typ, names))
}
