package pulumitest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// Account is the account that the mocks' credentials belong to, unless a
// provider has another one in its name.
const Account = "111111111111"

var accountInName = regexp.MustCompile(`\d{12}`)

// Resource is one registration.
type Resource struct {
	Type, Name string
	Inputs     resource.PropertyMap
	// Parent is "type name", or "" at the root of the stack.
	Parent string
	// Provider is the name of an explicit provider, or "".
	Provider string
	// DependsOn has "type name" of every resource it waits for, sorted.
	DependsOn []string
	// DeletedWith is "type name" of the resource that it goes with, or "".
	DeletedWith             string
	Protect, RetainOnDelete bool
	// Aliases are the names and URNs that it was deployed under before.
	Aliases []string
	// ImportID of a resource that is imported, or "".
	ImportID string
}

// Key identifies the resource among the others of a run: "type name".
func (r Resource) Key() string { return r.Type + " " + r.Name }

// Recorder is the mock of the engine.
type Recorder struct {
	mu        sync.Mutex
	resources map[string]Resource
	previous  Previous
	warnings  []string
	outputs   map[string]any
	existing  Existing
}

// Previous is what the last deployment of a stack left: the outputs of its
// resources by their URNs. See [PreviousURN].
type Previous map[string]map[string]any

// EmptyBucket is the one bucket that is empty for the mocks.
const EmptyBucket = "empty"

// PreviousURN returns the URN of a resource of the mocks' stack. Types are those of its
// parents and its own, joined with "$".
func PreviousURN(types, name string) string {
	return "urn:pulumi:stack::project::" + types + "::" + name
}

// NewRecorder returns a mock of an engine whose stack was deployed before, or was not
// where previous is nil.
func NewRecorder(previous Previous) *Recorder {
	return &Recorder{resources: map[string]Resource{}, previous: previous}
}

// Run runs a program.
func (r *Recorder) Run(program pulumi.RunFunc, options ...pulumi.RunOption) error {
	logged := func(ctx *pulumi.Context) error {
		ctx.Log = &warnings{ctx.Log, r}
		err := program(ctx)
		r.keepOutputs(ctx)
		return err
	}
	return pulumi.RunErr(logged, append([]pulumi.RunOption{pulumi.WithMocks("project", "stack", r)}, options...)...)
}

// Run runs a program and returns everything it registered, and its error.
func Run(t *testing.T, program pulumi.RunFunc, options ...pulumi.RunOption) (*Recorder, error) {
	t.Helper()
	return RunAfter(t, nil, program, options...)
}

// RunAfter returns [Run] in a stack that was deployed before.
func RunAfter(t *testing.T, previous Previous, program pulumi.RunFunc, options ...pulumi.RunOption) (*Recorder, error) {
	t.Helper()
	recorder := NewRecorder(previous)
	return recorder, recorder.Run(program, options...)
}

// warnings records the warnings of a program.
type warnings struct {
	pulumi.Log
	to *Recorder
}

func (w *warnings) Warn(message string, args *pulumi.LogArgs) error {
	w.to.mu.Lock()
	defer w.to.mu.Unlock()
	w.to.warnings = append(w.to.warnings, message)
	return w.Log.Warn(message, args)
}

// Warnings returns those that the program has shown, in no certain order.
func (r *Recorder) Warnings() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(slices.Values(r.warnings))
}

// keepOutputs keeps what the program has exported, which the SDK does not hand to
// mocks.
func (r *Recorder) keepOutputs(ctx *pulumi.Context) {
	pulumi.Map(ctx.GetCurrentExportMap()).ToMapOutput().ApplyT(func(outputs map[string]any) bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.outputs = outputs
		return true
	})
}

// Outputs returns those of the stack; none in a preview, where they are not known.
func (r *Recorder) Outputs() map[string]any {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.outputs
}

// Existing is what was there before a run and differs from what replication can
// work with: outputs of the function that looks at it, or an error. The keys are
// names of buckets and roles and ARNs of keys.
type Existing map[string]any

// RunBeside returns [Run] where buckets, keys and roles are there already. Those that
// are not named are as they should be.
func RunBeside(t *testing.T, existing Existing, program pulumi.RunFunc, options ...pulumi.RunOption) (*Recorder, error) {
	t.Helper()
	recorder := NewRecorder(nil)
	recorder.existing = existing
	return recorder, recorder.Run(program, options...)
}

// Preview returns the option of a run in which nothing is known that only a
// deployment produces.
func Preview(info *pulumi.RunInfo) { info.DryRun = true }

// NewResource records a registration and makes up what AWS would answer.
func (r *Recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	rpc := args.RegisterRPC
	recorded := Resource{
		Type: args.TypeToken, Name: args.Name, Inputs: args.Inputs.Copy(),
		Parent: keyOf(rpc.GetParent()), Provider: nameOf(rpc.GetProvider()),
		DeletedWith: keyOf(rpc.GetDeletedWith()),
		Protect:     rpc.GetProtect(), RetainOnDelete: rpc.GetRetainOnDelete(), ImportID: rpc.GetImportId(),
	}
	for _, urn := range rpc.GetDependencies() {
		recorded.DependsOn = append(recorded.DependsOn, keyOf(urn))
	}
	slices.Sort(recorded.DependsOn)
	for _, alias := range rpc.GetAliases() {
		recorded.Aliases = append(recorded.Aliases, alias.GetUrn()+alias.GetSpec().GetName())
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	if _, taken := r.resources[recorded.Key()]; taken {
		return "", nil, fmt.Errorf("%s is registered twice", recorded.Key())
	}
	r.resources[recorded.Key()] = recorded
	return answer(args)
}

// Call answers the functions that programs ask.
func (r *Recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	if args.Token == "pulumi:pulumi:readStackResourceOutputs" {
		outputs := map[string]any{}
		for urn, of := range r.previous {
			outputs[urn] = map[string]any{"outputs": of}
		}
		return resource.NewPropertyMapFromMap(map[string]any{"outputs": outputs}), nil
	}
	if args.Token == "aws:s3/getObjects:getObjects" {
		if args.Args["bucket"].StringValue() == EmptyBucket {
			return resource.PropertyMap{}, nil
		}
		return resource.NewPropertyMapFromMap(map[string]any{"keys": []any{"an/object"}}), nil
	}
	if args.Token == "aws:index/getRegion:getRegion" {
		return r.regionOf(args.Provider), nil
	}
	outputs, known := functions[args.Token]
	if !known {
		return nil, fmt.Errorf("the mocks do not know the function %s", args.Token)
	}
	if nameOf(args.Provider) == "" {
		return nil, fmt.Errorf("the function %s is called without a provider: it would answer for whatever region and account are at hand", args.Token)
	}
	subject, answer := outputs(args)
	switch differs := r.existing[subject].(type) {
	case error:
		return nil, differs
	case map[string]any:
		maps.Copy(answer, differs)
	}
	return resource.NewPropertyMapFromMap(answer), nil
}

// functions answer for what they are asked about, whose name is returned too.
var functions = map[string]func(args pulumi.MockCallArgs) (subject string, outputs map[string]any){
	"aws:index/getCallerIdentity:getCallerIdentity": func(args pulumi.MockCallArgs) (string, map[string]any) {
		account := accountOf(args.Provider)
		return "", map[string]any{"accountId": account, "arn": "arn:aws:sts::" + account + ":assumed-role/deploy/session"}
	},
	"aws:s3/getBucket:getBucket": func(args pulumi.MockCallArgs) (string, map[string]any) {
		return args.Args["bucket"].StringValue(), map[string]any{"region": regionInName.FindString(nameOf(args.Provider))}
	},
	"aws:kms/getKey:getKey": func(args pulumi.MockCallArgs) (string, map[string]any) {
		return args.Args["keyId"].StringValue(), map[string]any{
			"keyState": "Enabled", "enabled": true, "keyUsage": "ENCRYPT_DECRYPT", "keySpec": "SYMMETRIC_DEFAULT", "keyManager": "CUSTOMER",
		}
	},
	"aws:iam/getRole:getRole": func(args pulumi.MockCallArgs) (string, map[string]any) {
		return args.Args["name"].StringValue(), map[string]any{}
	},
}

var regionInName = regexp.MustCompile(`\b(us|eu|af|ap|ca|cn|il|me|mx|sa)(-[a-z]+)+-[0-9]`)

// regionOf answers with the region that a provider was given.
func (r *Recorder) regionOf(provider string) resource.PropertyMap {
	r.mu.Lock()
	defer r.mu.Unlock()
	inputs := r.resources["pulumi:providers:aws "+nameOf(provider)].Inputs
	return resource.PropertyMap{"name": inputs["region"]}
}

// All returns the registrations, sorted by type and name, without the stack itself.
func (r *Recorder) All() []Resource {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []Resource
	for _, key := range slices.Sorted(maps.Keys(r.resources)) {
		if !strings.HasPrefix(key, "pulumi:pulumi:Stack ") {
			all = append(all, r.resources[key])
		}
	}
	return all
}

// OfType returns the registrations of a type, sorted by name.
func (r *Recorder) OfType(token string) []Resource {
	var some []Resource
	for _, each := range r.All() {
		if each.Type == token {
			some = append(some, each)
		}
	}
	return some
}

// Beyond returns the registrations that another run does not have.
func (r *Recorder) Beyond(other *Recorder) *Recorder {
	beyond := &Recorder{resources: map[string]Resource{}}
	there := map[string]bool{}
	for _, each := range other.All() {
		there[each.Key()] = true
	}
	for _, each := range r.All() {
		if !there[each.Key()] {
			beyond.resources[each.Key()] = each
		}
	}
	return beyond
}

// One returns the registration of a type and name, which must be there.
func (r *Recorder) One(t *testing.T, token, name string) Resource {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.resources[token+" "+name]
	require.Truef(t, ok, "%s %s is not registered; there are:\n%s", token, name, strings.Join(slices.Sorted(maps.Keys(r.resources)), "\n"))
	return found
}

// keyOf turns a URN into "type name", and that of the stack into "".
func keyOf(urn string) string {
	parts := strings.SplitN(urn, "::", 4)
	if len(parts) < 4 || parts[2] == "pulumi:pulumi:Stack" {
		return ""
	}
	types := strings.Split(parts[2], "$")
	return types[len(types)-1] + " " + parts[3]
}

// accountOf returns the account of a provider's credentials.
func accountOf(provider string) string {
	if account := accountInName.FindString(nameOf(provider)); account != "" {
		return account
	}
	return Account
}

// nameOf returns the name in a reference to a provider, which is URN::id.
func nameOf(reference string) string {
	parts := strings.Split(reference, "::")
	if len(parts) < 5 {
		return ""
	}
	return parts[3]
}

// Only keeps what has one of the types, for a golden file without the rest.
func (r *Recorder) Only(tokens ...string) *Recorder {
	some := &Recorder{resources: map[string]Resource{}}
	for _, each := range r.All() {
		if slices.Contains(tokens, each.Type) {
			some.resources[each.Key()] = each
		}
	}
	return some
}
