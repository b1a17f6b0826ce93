package crr

import (
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// previousResource is a resource as the stack's last deployment left it.
type previousResource struct {
	urn  string
	name string
	// outputs by name: "bucket", "arn".
	outputs map[string]any
}

// text returns an output that is a string, or "".
func (r previousResource) text(output string) string {
	text, _ := r.outputs[output].(string)
	return text
}

// flag returns an output that is a bool, or false.
func (r previousResource) flag(output string) bool {
	flag, _ := r.outputs[output].(bool)
	return flag
}

// previousState is the state of the stack's last deployment. It shows which updates
// would delete or replace a bucket or a key before the engine gets to them, and which
// key objects are encrypted with.
type previousState struct {
	// byType has the resources by type, without parents: "aws:kms/key:Key".
	byType map[string][]previousResource
	// unknown is the error of reading the state, or nil.
	unknown error
}

// readStackResourceOutputs is a built-in function of the engine.
// https://www.pulumi.com/docs/reference/pkg/nodejs/pulumi/pulumi/ (runtime.invoke of
// StackReference)
const readStackResourceOutputs = "pulumi:pulumi:readStackResourceOutputs"

// previousOf reads the state once for each run of a program. It is empty for a stack
// that was never deployed.
func previousOf(ctx *pulumi.Context) *previousState {
	shared := providersOf(ctx)
	shared.readPrevious.Do(func() { shared.previous = readPrevious(ctx) })
	return shared.previous
}

// The engine writes the state while a program runs. If it is a file, a reader may find
// it incomplete.
const (
	readAttempts = 100
	readPause    = 50 * time.Millisecond
)

func readPrevious(ctx *pulumi.Context) *previousState {
	var answer struct {
		Outputs map[string]map[string]any `pulumi:"outputs"`
	}
	name := fmt.Sprintf("%s/%s/%s", ctx.Organization(), ctx.Project(), ctx.Stack())
	read := func() error {
		_, err := ctx.InvokePackageRaw(readStackResourceOutputs, map[string]any{"stackName": name}, &answer, "")
		return err
	}
	err := read()
	for attempt := 1; err != nil && attempt < readAttempts && !ctx.RunningWithMocks(); attempt++ {
		time.Sleep(readPause)
		err = read()
	}
	state := &previousState{byType: map[string][]previousResource{}, unknown: err}
	for urn, resource := range answer.Outputs {
		state.add(urn, resource)
	}
	return state
}

func (s *previousState) add(urn string, resource map[string]any) {
	parts := strings.SplitN(urn, "::", 4)
	if len(parts) < 4 {
		return
	}
	typ := parts[2][strings.LastIndex(parts[2], "$")+1:]
	outputs, _ := resource["outputs"].(map[string]any)
	s.byType[typ] = append(s.byType[typ], previousResource{urn: urn, name: parts[3], outputs: outputs})
}

// findAny returns the resource of a type that has one of several names, with a
// suffix.
func (s *previousState) findAny(typ string, names []string, suffix string) (previousResource, bool) {
	for _, name := range names {
		if resource, found := s.find(typ, name+suffix); found {
			return resource, true
		}
	}
	return previousResource{}, false
}

// find returns the resource of a type and name, whatever its parents.
func (s *previousState) find(typ, name string) (previousResource, bool) {
	for _, resource := range s.byType[typ] {
		if resource.name == name {
			return resource, true
		}
	}
	return previousResource{}, false
}
