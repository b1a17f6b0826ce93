package stacks

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Program deploys what the stack's configuration describes. It registers
// nothing where that has problems.
func Program(ctx *pulumi.Context) error {
	values, err := configuredIn(ctx)
	if err != nil {
		return err
	}
	return deploy(ctx, values)
}

func deploy(ctx *pulumi.Context, values map[string]string) error {
	config, err := load(values)
	if err != nil {
		return fmt.Errorf("the configuration of the stack %s: %w", ctx.Stack(), err)
	}
	if err := config.check(ctx); err != nil {
		return fmt.Errorf("the configuration of the stack %s: %w", ctx.Stack(), err)
	}
	if err := config.checkExisting(ctx); err != nil {
		return fmt.Errorf("the configuration of the stack %s: %w", ctx.Stack(), err)
	}
	_, err = config.register(ctx)
	return err
}

// register registers everything, and returns the descriptors that are exported.
func (c Config) register(ctx *pulumi.Context) (pulumi.MapArray, error) {
	protections, err := crr.ProtectTogether(ctx)
	if err != nil {
		return nil, err
	}
	var buckets []*crr.ReplicatedBucket
	dashboards := pulumi.Array{}
	for _, r := range c.Replications {
		bucket, err := crr.NewReplicatedBucket(ctx, r.Name, c.args(r))
		if err != nil {
			return nil, err
		}
		buckets = append(buckets, bucket)
		if bucket.Dashboard != nil {
			dashboards = append(dashboards, bucket.Dashboard.URL)
		}
	}
	c.warn(ctx, buckets)
	descriptors, err := c.audit(ctx, buckets)
	if err != nil {
		return nil, err
	}
	overviews, err := c.overviews(ctx, descriptors)
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

// check refuses credentials of the wrong account, and an update that would lose
// data.
func (c Config) check(ctx *pulumi.Context) error {
	program := map[string]*crr.ReplicatedBucketArgs{}
	for _, r := range c.Replications {
		program[r.Name] = c.args(r)
	}
	if err := crr.CheckAccounts(ctx, program); err != nil {
		return err
	}
	return crr.CheckEdits(ctx, program, c.AbandonBuckets)
}

// checkExisting looks at what the replications adopt, all of it before the first
// resource of any is registered.
func (c Config) checkExisting(ctx *pulumi.Context) error {
	var problems replication.Problems
	for i, r := range c.Replications {
		err := c.args(r).CheckExisting(ctx)
		found := problemsOf(err)
		if err != nil && len(found) == 0 {
			return err
		}
		problems = append(problems, found.Under(fmt.Sprintf("replications[%d]", i))...)
	}
	return problems.Err()
}

// load reads and validates a configuration.
func load(values map[string]string) (Config, error) {
	config, err := decode(values)
	if err != nil {
		return Config{}, err
	}
	return config, config.Validate()
}

// configuredIn are all values of the namespace. The SDK can look keys up but not list
// them, and a key that no one looks up is a misspelt one, so keys that are not known are
// taken from the environment. A program that runs inside of another one, by the
// Automation API, has its configuration from the context only.
func configuredIn(ctx *pulumi.Context) (map[string]string, error) {
	fromEnvironment, err := configured()
	if err != nil {
		return nil, err
	}
	values, ours := map[string]string{}, true
	for _, key := range keysBelow("") {
		value, set := ctx.GetConfig(Namespace + ":" + key)
		if set {
			values[key] = value
		}
		ours = ours && value == fromEnvironment[key]
	}
	if ours {
		return fromEnvironment, nil
	}
	return values, nil // the environment is that of another program
}

// configured are all values of the namespace in the environment, where the SDK has
// them from, unless a program is run by the Automation API.
func configured() (map[string]string, error) {
	text := cmp.Or(os.Getenv(pulumi.EnvConfig), "{}") // nothing: the stack has no configuration
	var all map[string]string
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("reading the stack's configuration from %s: %w", pulumi.EnvConfig, err)
	}
	values := map[string]string{}
	for key, value := range all {
		if name, ours := strings.CutPrefix(key, Namespace+":"); ours {
			values[name] = value
		}
	}
	return values, nil
}
