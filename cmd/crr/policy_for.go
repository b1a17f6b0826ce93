package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	"github.com/crr-io/pulumi-aws-crr/internal/access"
	"github.com/crr-io/pulumi-aws-crr/internal/input"
	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
	"github.com/crr-io/pulumi-aws-crr/stacks"
)

// taskNames returns the values of --for, separated by "|".
func taskNames() string {
	names := make([]string, len(access.Tasks))
	for i, task := range access.Tasks {
		names[i] = string(task)
	}
	return strings.Join(names, "|")
}

// access returns the policies for a task.
func (p policySource) access(command *cobra.Command, task access.Task, account string) ([]access.Policy, error) {
	if !slices.Contains(access.Tasks, task) {
		return nil, fmt.Errorf("--for %q is not known; use one of %s", task, taskNames())
	}
	if p.found != "" {
		return nil, errors.New("--for needs the whole topology, and --replication has the rules of one bucket; use --config, --stack or --descriptor")
	}
	if task == access.ToDeploy || task == access.ToCanary || task == access.ToTearDown {
		return p.registered(command, task, account)
	}
	if p.config == "" {
		descriptors, err := operator.Descriptors(command.Context(), p.deployed)
		if err != nil {
			return nil, err
		}
		return access.For(task, descriptors)
	}
	recording, err := p.record(command, account)
	if err != nil {
		return nil, err
	}
	return access.For(task, recording.Descriptors)
}

// registered returns the policies for tasks that need all resources. If both a
// stack file and a stack are given, the policies cover the resources of both.
func (p policySource) registered(command *cobra.Command, task access.Task, account string) ([]access.Policy, error) {
	if p.config == "" && p.deployed.Stack == "" {
		return nil, fmt.Errorf("--for %s needs every resource, and a descriptor doesn't list all of them; use --config Pulumi.dev.yaml, --stack NAME, or both", task)
	}
	var resources []access.Resource
	var descriptors []replication.Descriptor
	if p.deployed.Stack != "" {
		var err error
		if resources, err = operator.StackResources(command.Context(), p.deployed.Stack); err != nil {
			return nil, err
		}
	}
	if p.config != "" {
		if account == "" {
			account = accountOf(resources)
		}
		recording, err := p.record(command, account)
		if err != nil {
			return nil, err
		}
		resources, descriptors = append(resources, recording.Resources...), recording.Descriptors
	}
	switch task {
	case access.ToDeploy:
		return access.Deploy(resources)
	case access.ToTearDown:
		return access.TearDown(resources)
	}
	if p.config == "" {
		var err error
		if descriptors, err = operator.Descriptors(command.Context(), p.deployed); err != nil {
			return nil, err
		}
	}
	return access.Canary(resources, descriptors)
}

// accountOf returns the account of the resources that are deployed without an
// assumed role, or "".
func accountOf(resources []access.Resource) string {
	for _, each := range resources {
		if each.AssumeRoleARN == "" && each.Account != "" {
			return each.Account
		}
	}
	return ""
}

func (p policySource) record(command *cobra.Command, account string) (stacks.Recording, error) {
	planned, err := stackfile.ReadFile(p.config)
	if err != nil {
		return stacks.Recording{}, err
	}
	if err := noteSecrets(command, planned); err != nil {
		return stacks.Recording{}, err
	}
	return stacks.Record(planned, deployerOf(p.config, account))
}

// deployerOf returns the names of the project and the stack of a stack file,
// which are parts of resource names.
func deployerOf(config, account string) stacks.Deployer {
	by := stacks.Deployer{Account: account}
	name := filepath.Base(config)
	if stack, named := strings.CutPrefix(strings.TrimSuffix(name, filepath.Ext(name)), "Pulumi."); named {
		by.Stack = stack
	}
	var project struct{ Name string }
	text, err := input.File(filepath.Join(filepath.Dir(config), "Pulumi.yaml"))
	if err == nil && yaml.Unmarshal(text, &project) == nil {
		by.Project = project.Name
	}
	return by
}
