package stacks

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Program deploys the stack's configuration. It registers nothing if the configuration
// has problems.
func Program(ctx *pulumi.Context) error {
	values, err := configuredIn(ctx)
	if err != nil {
		return err
	}
	return deploy(ctx, values)
}

func deploy(ctx *pulumi.Context, values map[string]string) error {
	config, err := stackfile.Load(values)
	if err != nil {
		return fmt.Errorf("the configuration of the stack %s: %w", ctx.Stack(), err)
	}
	if err := check(ctx, config); err != nil {
		return fmt.Errorf("the configuration of the stack %s: %w", ctx.Stack(), err)
	}
	if err := checkExisting(ctx, config); err != nil {
		return fmt.Errorf("the configuration of the stack %s: %w", ctx.Stack(), err)
	}
	_, err = register(ctx, config)
	return err
}

// register registers everything and returns the exported descriptors.
func register(ctx *pulumi.Context, config stackfile.Config) (pulumi.MapArray, error) {
	protections, err := crr.ProtectTogether(ctx)
	if err != nil {
		return nil, err
	}
	var buckets []*crr.ReplicatedBucket
	dashboards := pulumi.Array{}
	for _, r := range config.Replications {
		bucket, err := crr.NewReplicatedBucket(ctx, r.Name, argsOf(config, r))
		if err != nil {
			return nil, err
		}
		buckets = append(buckets, bucket)
		if bucket.Dashboard != nil {
			dashboards = append(dashboards, bucket.Dashboard.URL)
		}
	}
	warn(ctx, config, buckets)
	descriptors, err := registerAudit(ctx, config, buckets)
	if err != nil {
		return nil, err
	}
	overviews, err := registerOverviews(ctx, config, descriptors)
	if err != nil {
		return nil, err
	}
	if err := protections.Register(ctx, "deletion-protection"); err != nil {
		return nil, err
	}
	ctx.Export("replications", descriptors)
	ctx.Export("policies", crr.PoliciesOfOthers(buckets...))
	ctx.Export("dashboards", append(overviews, dashboards...))
	return descriptors, nil
}

// check rejects credentials of the wrong account and updates that would lose data.
func check(ctx *pulumi.Context, config stackfile.Config) error {
	program := map[string]*crr.ReplicatedBucketArgs{}
	for _, r := range config.Replications {
		program[r.Name] = argsOf(config, r)
	}
	if err := crr.CheckAccounts(ctx, program); err != nil {
		return err
	}
	return crr.CheckEdits(ctx, program, config.AbandonBuckets)
}

// checkExisting looks up the existing resources of all replications before the first
// resource is registered.
func checkExisting(ctx *pulumi.Context, config stackfile.Config) error {
	var problems replication.Problems
	for i, r := range config.Replications {
		var found replication.Problems
		if err := argsOf(config, r).CheckExisting(ctx); err != nil && !errors.As(err, &found) {
			return err
		}
		problems = append(problems, found.Under(fmt.Sprintf("replications[%d]", i))...)
	}
	return problems.Err()
}

// configuredIn returns all values of the namespace. The SDK can look up keys but not
// list them, so unknown keys, which must be reported, are taken from the environment.
// An inline program of the Automation API has its configuration in the context only.
func configuredIn(ctx *pulumi.Context) (map[string]string, error) {
	fromEnvironment, err := configured()
	if err != nil {
		return nil, err
	}
	values, ours := map[string]string{}, true
	for _, key := range stackfile.Keys() {
		value, set := ctx.GetConfig(stackfile.Namespace + ":" + key)
		if set {
			values[key] = value
		}
		ours = ours && value == fromEnvironment[key]
	}
	if ours {
		return fromEnvironment, nil
	}
	return values, nil // the environment belongs to another program
}

// configured returns all values of the namespace in the environment, where the SDK
// reads them, except in an inline program of the Automation API.
func configured() (map[string]string, error) {
	text := cmp.Or(os.Getenv(pulumi.EnvConfig), "{}") // empty: the stack has no configuration
	var all map[string]string
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("reading the stack's configuration from %s: %w", pulumi.EnvConfig, err)
	}
	values := map[string]string{}
	for key, value := range all {
		if name, ours := strings.CutPrefix(key, stackfile.Namespace+":"); ours {
			values[name] = value
		}
	}
	return values, nil
}
