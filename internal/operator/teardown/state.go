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

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
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

	parent string
	at     replication.DeployedBucket
}

// Key is a KMS key that a stack made, and that stays when the stack is destroyed.
type Key struct {
	ARN string `json:"arn"`
	// Days that KMS is to keep it, once its deletion is scheduled.
	Days int32 `json:"days"`

	parent string
	at     replication.DeployedBucket
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
	places := map[string]replication.DeployedBucket{} // by the URN of the provider
	for _, r := range exported.Deployment.Resources {
		if r.Type == "pulumi:providers:aws" {
			places[r.URN] = assumed(r.Inputs.AssumeRole)
		}
	}
	for _, r := range exported.Deployment.Resources {
		// Buckets' ARNs name no account; those of other resources of the provider do.
		if at, account := places[r.provider()], awsid.AccountOf(r.Outputs.ARN); at.AccountID == "" && account != "" {
			at.AccountID = account
			places[r.provider()] = at
		}
	}
	var state State
	for _, r := range exported.Deployment.Resources {
		if !strings.Contains(r.URN, "::crr:index:") || r.Delete {
			continue // a resource of the program's own, or one that was replaced
		}
		at := places[r.provider()]
		switch r.Type {
		case "aws:s3/bucketV2:BucketV2":
			at.Region = r.Outputs.Region
			state.Buckets = append(state.Buckets, Bucket{
				Name: r.Outputs.Bucket, Region: r.Outputs.Region, ForceDestroy: r.Inputs.ForceDestroy,
				Protected: r.Protect, Retained: r.RetainOnDelete, parent: r.Parent, at: at,
			})
		case "aws:kms/key:Key":
			at.Region = awsid.RegionOf(r.Outputs.ARN)
			state.Keys = append(state.Keys, Key{ARN: r.Outputs.ARN, Days: r.Inputs.DeletionWindowInDays, parent: r.Parent, at: at})
		case "crr:index:DeletionProtection":
			if r.Protect {
				state.Protections = append(state.Protections, r.URN)
			}
		}
	}
	return state, nil
}

// provider is the URN of the resource's provider.
func (r resource) provider() string { return r.Provider[:max(0, strings.LastIndex(r.Provider, "::"))] }

// assumed is how a provider reaches its account: by the last role that it assumes. Its
// inputs are JSON in a string.
func assumed(raw json.RawMessage) replication.DeployedBucket {
	type role struct {
		RoleARN    string `json:"roleArn"`
		ExternalID string `json:"externalId"`
	}
	var text string
	var one role
	var many []role
	if json.Unmarshal(raw, &text) == nil && json.Unmarshal([]byte(text), &one) != nil && json.Unmarshal([]byte(text), &many) == nil && len(many) > 0 {
		one = many[len(many)-1]
	}
	return replication.DeployedBucket{AssumeRoleARN: one.RoleARN, ExternalID: one.ExternalID, AccountID: awsid.AccountOf(one.RoleARN)}
}
