package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/input"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// DescriptorSource selects the descriptors of a deployment. The first field that is
// set is used.
type DescriptorSource struct {
	// Stack is the name of a Pulumi stack of the project in this folder.
	Stack string
	// File holds a descriptor, or a list of them; "-" is Input.
	File string
	// Input is read if nothing else is set and it is piped. Otherwise the stack selected
	// in this folder is used.
	Input io.Reader
	// Messages receives the name of that stack.
	Messages io.Writer
	// AssumeRoles are the ARNs of roles to assume for the buckets of their accounts,
	// in place of those that the deployment names.
	AssumeRoles []string
}

// Descriptors reads the descriptors.
func Descriptors(ctx context.Context, from DescriptorSource) ([]replication.Descriptor, error) {
	descriptors, err := readDescriptors(ctx, from)
	if err != nil {
		return nil, err
	}
	return descriptors, live.AssumeRoles(descriptors, from.AssumeRoles)
}

func readDescriptors(ctx context.Context, from DescriptorSource) ([]replication.Descriptor, error) {
	switch {
	case from.Stack != "":
		return fromStack(ctx, from.Stack)
	case from.File != "" && from.File != "-":
		data, err := input.File(from.File)
		if err != nil {
			return nil, fmt.Errorf("reading the descriptor: %w", err)
		}
		return parseDescriptors(from.File, data)
	case from.File == "" && !terminal.Piped(from.Input):
		stack, err := selectedStack(ctx)
		if err != nil {
			return nil, err
		}
		if _, err := fmt.Fprintf(from.Messages, "using the stack %s, which is selected in this folder\n", words.Safe(stack)); err != nil {
			return nil, err
		}
		return fromStack(ctx, stack)
	default:
		data, err := input.All("standard input", from.Input)
		if err != nil {
			return nil, fmt.Errorf("reading the descriptor from standard input: %w", err)
		}
		return parseDescriptors("standard input", data)
	}
}

// missingOutput is the fix if a program exports no descriptors.
const missingOutput = "add the line crr.Export(ctx, data), with all replicated buckets of the program, and run `pulumi up`"

// fromStack asks Pulumi for the output that the program exports.
func fromStack(ctx context.Context, stack string) ([]replication.Descriptor, error) {
	data, complaint, err := askPulumi(ctx, "stack", "output", "replications", "--json", "--stack", stack)
	if err != nil && strings.Contains(complaint, "does not have output property") {
		return nil, fmt.Errorf("the stack %s has no output replications, or is not deployed: %s", stack, missingOutput)
	}
	if err != nil && complaint != "" {
		return nil, fmt.Errorf("asking Pulumi for the output replications of the stack %s: %s; is it deployed, and is this the project's folder?", stack, complaint)
	}
	if err != nil {
		return nil, fmt.Errorf("asking Pulumi for the output replications of the stack %s: %w", stack, err)
	}
	return parseDescriptors("the stack "+stack, data)
}

// parseDescriptors reads one descriptor, a list of them, or all outputs of a
// stack.
func parseDescriptors(where string, data []byte) ([]replication.Descriptor, error) {
	data = bytes.TrimSpace(data)
	if len(data) == 0 {
		return nil, fmt.Errorf("there is nothing in %s: name a deployment with --stack or --descriptor", where)
	}
	if bytes.Count(data, []byte("{")) > maxDescriptorObjects {
		return nil, fmt.Errorf("reading %s: this is not the descriptor of a deployment: it has more than %d objects", where, maxDescriptorObjects)
	}
	var outputs struct {
		Replications json.RawMessage `json:"replications"`
	}
	var keys map[string]json.RawMessage
	switch {
	case json.Unmarshal(data, &outputs) == nil && outputs.Replications != nil:
		data = outputs.Replications
	case json.Unmarshal(data, &keys) == nil && keys["version"] == nil:
		return nil, fmt.Errorf("reading %s: this is not the descriptor of a deployment: it has no version; "+
			"if these are the outputs of a stack, replications is missing: %s", where, missingOutput)
	}
	if !bytes.HasPrefix(data, []byte("[")) {
		data = bytes.Join([][]byte{[]byte("["), data, []byte("]")}, nil)
	}
	descriptors, err := decodeDescriptors(data)
	if err != nil {
		return nil, fmt.Errorf("reading %s: this is not the descriptor of a deployment: %w", where, err)
	}
	if len(descriptors) == 0 {
		return nil, fmt.Errorf("reading %s: there is no replication in the descriptor", where)
	}
	for _, descriptor := range descriptors {
		if err := descriptor.CheckVersion(); err != nil {
			return nil, fmt.Errorf("reading %s: %w", where, err)
		}
		if err := checkPlaces(descriptor); err != nil {
			return nil, fmt.Errorf("reading %s: %w", where, err)
		}
	}
	return descriptors, nil
}

// The limits of what is read, for memory's sake.
const (
	maxDescriptors       = 20_000
	maxDescriptorObjects = 200_000
	maxRules             = 1000 // of a bucket, in S3
)

func decodeDescriptors(data []byte) ([]replication.Descriptor, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, err
	}
	if len(list) > maxDescriptors {
		return nil, fmt.Errorf("it has more than %d replications", maxDescriptors)
	}
	descriptors := make([]replication.Descriptor, len(list))
	for i := range list {
		var size struct{ Destinations, Rules, Alarms []json.RawMessage }
		if err := json.Unmarshal(list[i], &size); err == nil && max(len(size.Destinations), len(size.Rules), len(size.Alarms)/10) > maxRules {
			return nil, fmt.Errorf("it has more than %d destinations or rules", maxRules)
		}
		if err := json.Unmarshal(list[i], &descriptors[i]); err != nil {
			return nil, err
		}
	}
	return descriptors, nil
}

// checkPlaces returns an error for a descriptor without buckets.
func checkPlaces(descriptor replication.Descriptor) error {
	if len(descriptor.Destinations) == 0 {
		return errors.New("this is not the descriptor of a deployment: it has no destinations")
	}
	for _, place := range descriptor.Buckets() {
		if place.Name == "" || place.Bucket == "" || place.Region == "" {
			return errors.New("this is not the descriptor of a deployment: its source and destinations each need a name, a bucket and a region")
		}
	}
	return nil
}
