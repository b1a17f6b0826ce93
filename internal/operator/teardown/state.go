// Package teardown looks before a stack is destroyed, and cleans up behind it.
// It reads the stack's state as `pulumi stack export` prints it.
package teardown

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Bucket is a bucket that a stack manages.
type Bucket struct {
	Name   string `json:"bucket"`
	Region string `json:"region"`
	// ForceDestroy reports whether the provider deletes its objects with it.
	ForceDestroy bool `json:"forceDestroy"`
	// Protected reports whether Pulumi refuses to delete it.
	Protected bool `json:"protected"`
	// Retained reports whether it stays in AWS when the stack is destroyed.
	Retained bool `json:"retained"`

	parent        string
	assumeRoleARN string
}

// Key is a KMS key that a stack made, and that stays when the stack is destroyed.
type Key struct {
	ARN string `json:"arn"`
	// Days that KMS is to keep it, once its deletion is scheduled.
	Days int32 `json:"days"`

	parent        string
	assumeRoleARN string
}

// State is what a stack manages that holds data.
type State struct {
	Buckets []Bucket
	Keys    []Key
	// Protections are the URNs of the protected [crr.DeletionProtection]s.
	Protections []string
}

// maxState bounds what is read. A stack of a thousand replicated buckets has about
// 100 MB.
const maxState = 512 << 20

// ReadFile reads a state from a file.
func ReadFile(path string) (State, error) {
	file, err := os.Open(path)
	if err != nil {
		return State{}, fmt.Errorf("reading the state: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(file, maxState))
	if err != nil {
		return State{}, fmt.Errorf("reading the state: %w", err)
	}
	return parse(data)
}

// ReadStack asks Pulumi for the state of a stack of the project in this folder.
func ReadStack(ctx context.Context, stack string) (State, error) {
	command := exec.CommandContext(ctx, "pulumi", "stack", "export", "--stack", stack)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	data, err := command.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return State{}, errors.New("asking Pulumi for the stack: pulumi is not on the PATH; install it, or give the state with --state")
	}
	if err != nil {
		return State{}, fmt.Errorf("asking Pulumi for the state of the stack %s: %s", stack, strings.TrimSpace(complaint.String()))
	}
	return parse(data)
}

// resource is a resource of a state, as far as it matters here.
type resource struct {
	URN, Type, Parent, Provider string
	Delete, Protect             bool
	RetainOnDelete              bool `json:"retainOnDelete"`
	Inputs                      struct {
		ForceDestroy         bool            `json:"forceDestroy"`
		DeletionWindowInDays int32           `json:"deletionWindowInDays"`
		AssumeRole           json.RawMessage `json:"assumeRole"`
	}
	Outputs struct {
		ARN, Bucket, Region string
	}
}

func parse(data []byte) (State, error) {
	var exported struct {
		Deployment struct{ Resources []resource }
	}
	if err := json.Unmarshal(data, &exported); err != nil {
		return State{}, errors.New("this is not the state of a stack: give what `pulumi stack export` prints")
	}
	roles := map[string]string{}
	for _, r := range exported.Deployment.Resources {
		if r.Type == "pulumi:providers:aws" {
			roles[r.URN] = assumedRole(r.Inputs.AssumeRole)
		}
	}
	var state State
	for _, r := range exported.Deployment.Resources {
		if !strings.Contains(r.URN, "::crr:index:") || r.Delete {
			continue // a resource of the program's own, or one that was replaced
		}
		provider := r.Provider[:max(0, strings.LastIndex(r.Provider, "::"))]
		switch r.Type {
		case "aws:s3/bucketV2:BucketV2":
			state.Buckets = append(state.Buckets, Bucket{
				Name: r.Outputs.Bucket, Region: r.Outputs.Region, ForceDestroy: r.Inputs.ForceDestroy,
				Protected: r.Protect, Retained: r.RetainOnDelete, parent: r.Parent, assumeRoleARN: roles[provider],
			})
		case "aws:kms/key:Key":
			state.Keys = append(state.Keys, Key{
				ARN: r.Outputs.ARN, Days: r.Inputs.DeletionWindowInDays, parent: r.Parent, assumeRoleARN: roles[provider],
			})
		case "crr:index:DeletionProtection":
			if r.Protect {
				state.Protections = append(state.Protections, r.URN)
			}
		}
	}
	return state, nil
}

// assumedRole reads the role of a provider, whose inputs are JSON in a string.
func assumedRole(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	var one struct {
		RoleARN string `json:"roleArn"`
	}
	if json.Unmarshal([]byte(text), &one) == nil {
		return one.RoleARN
	}
	var many []struct {
		RoleARN string `json:"roleArn"`
	}
	if json.Unmarshal([]byte(text), &many) == nil && len(many) > 0 {
		return many[len(many)-1].RoleARN
	}
	return ""
}

// place is how to reach a resource's account and region.
func place(region, assumeRoleARN string) replication.DeployedPlace {
	return replication.DeployedPlace{Region: region, AssumeRoleARN: assumeRoleARN}
}
