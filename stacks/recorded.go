package stacks

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/access"
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Recording has the resources that a deployment of a configuration would register.
type Recording struct {
	// Resources are all registrations. Generated parts of names are patterns:
	// "data-source-*".
	Resources []access.Resource
	// Descriptors are those that the deployment would export, with the same patterns.
	Descriptors []replication.Descriptor
}

// Deployer has the project, stack and account of a recording. Empty fields are unknown.
type Deployer struct{ Project, Stack, Account string }

// Placeholders for values that only a deployment determines. They look like real names,
// so that the program accepts them, and become patterns in a recording.
const (
	placeholderName    = "-0000000"
	placeholderAccount = "000000000000"
	placeholderKey     = "00000000-0000-0000-0000-000000000000"
)

// Record runs the program of the stack against a mock of the engine, without AWS calls.
func Record(config stackfile.Config, by Deployer) (Recording, error) {
	config.Replications = slices.Clone(config.Replications)
	for i := range config.Replications {
		if canary := config.Replications[i].Canary; canary != nil && canary.CodeFile == "" {
			coded := *canary
			coded.CodeFile = "crr-canary.zip" // neither built nor read
			config.Replications[i].Canary = &coded
		}
	}
	r := &recorder{account: cmp.Or(by.Account, config.OwnAccount(), placeholderAccount)}
	project, stack := by.Project, by.Stack
	if project == "" {
		project = "project" + placeholderName
	}
	if stack == "" {
		stack = "stack" + placeholderName
	}
	var exported []byte
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		descriptors, err := register(ctx, config)
		if err != nil {
			return err
		}
		descriptors.ToMapArrayOutput().ApplyT(func(values []map[string]any) (string, error) {
			var err error
			exported, err = json.Marshal(values)
			return "", err
		})
		return nil
	}, pulumi.WithMocks(project, stack, r))
	if err != nil {
		return Recording{}, fmt.Errorf("recording the resources of the configuration: %w", err)
	}
	return r.recording(exported)
}

// recorder stands in for the engine.
type recorder struct {
	account string

	mu        sync.Mutex
	resources []access.Resource
	providers map[string]access.Resource
}

// recording converts placeholders to patterns.
func (r *recorder) recording(exported []byte) (Recording, error) {
	made := Recording{Resources: r.resources}
	text, err := json.Marshal(made.Resources)
	if err == nil {
		err = json.Unmarshal([]byte(patterns(string(text))), &made.Resources)
	}
	if err == nil {
		err = json.Unmarshal([]byte(patterns(string(exported))), &made.Descriptors)
	}
	if err != nil {
		return Recording{}, fmt.Errorf("reading what the configuration deploys: %w", err)
	}
	for i := range made.Resources {
		if made.Resources[i].Account == "*" {
			made.Resources[i].Account = ""
		}
	}
	return made, nil
}

func patterns(text string) string {
	return strings.NewReplacer(placeholderKey, "*", placeholderAccount, "*", "project"+placeholderName, "*", "stack"+placeholderName, "*", placeholderName, "-*").Replace(text)
}

// NewResource records a registration, and answers as AWS would.
func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	recorded := access.Resource{Type: args.TypeToken, Name: args.Name, Inputs: args.Inputs.Mappable(), Retained: args.RegisterRPC.GetRetainOnDelete()}
	if args.TypeToken == "pulumi:providers:aws" {
		r.addProvider(recorded, args)
		return args.Name + "-id", args.Inputs, nil
	}
	if provider, explicit := r.providers[urnOf(args.Provider)]; explicit {
		recorded.Region, recorded.Account, recorded.AssumeRoleARN = provider.Region, provider.Account, provider.AssumeRoleARN
	}
	r.resources = append(r.resources, recorded)
	state := args.Inputs.Copy()
	for name, value := range access.Answer(recorded, placeholderName, placeholderKey) {
		state[resource.PropertyKey(name)] = resource.NewPropertyValue(value)
	}
	return args.Name + "-id", state, nil
}

// addProvider keeps where the resources of a provider are.
func (r *recorder) addProvider(recorded access.Resource, args pulumi.MockResourceArgs) {
	recorded.Region, _ = recorded.Inputs["region"].(string)
	recorded.Account = r.account
	at := recorded
	if role := access.AssumedRole(recorded.Inputs); role != "" {
		recorded.Inputs["assumes"] = role
		at.AssumeRoleARN, at.Account = role, awsid.AccountOf(role)
	}
	if r.providers == nil {
		r.providers = map[string]access.Resource{}
	}
	r.providers[args.RegisterRPC.GetType()+" "+args.Name] = at
	r.resources = append(r.resources, recorded)
}

// urnOf returns "type name" of a reference to a provider, which is URN::id.
func urnOf(reference string) string {
	parts := strings.Split(reference, "::")
	if len(parts) < 4 {
		return ""
	}
	return parts[2] + " " + parts[3]
}

// Call answers functions of the provider.
func (r *recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.providers[urnOf(args.Provider)]
	if args.Token == "aws:index/getCallerIdentity:getCallerIdentity" {
		partition, _ := replication.PartitionOf(at.Region)
		return resource.NewPropertyMapFromMap(map[string]any{
			"accountId": at.Account, "arn": "arn:" + partition.ID + ":sts::" + at.Account + ":assumed-role/deploy/session",
		}), nil
	}
	if !strings.HasPrefix(args.Token, "aws:") {
		return resource.PropertyMap{}, nil // of the engine: the stack was never deployed
	}
	asked := at
	asked.Type, asked.Name, asked.Inputs = args.Token, args.Token, args.Args.Mappable()
	r.resources = append(r.resources, asked)
	answer := args.Args.Copy()
	for name, value := range access.Answer(asked, placeholderName, placeholderKey) {
		answer[resource.PropertyKey(name)] = resource.NewPropertyValue(value)
	}
	return answer, nil
}
