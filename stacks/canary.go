package stacks

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Canary measures a replication end to end.
type Canary struct {
	Enabled      bool `config:"enabled"`
	EveryMinutes int  `config:"everyMinutes"`
	AgeSeconds   int  `config:"ageSeconds"`
	// Code is a zip file with the function, where it is not to be built.
	Code string `config:"code"`
}

func (c Canary) options() crr.CanaryOptions {
	options := crr.CanaryOptions{EveryMinutes: c.EveryMinutes, AgeSeconds: c.AgeSeconds}
	if c.Code != "" {
		options.Code = pulumi.NewFileArchive(c.Code)
	}
	return options
}

func (c Canary) validate() replication.Problems {
	if !c.Enabled && c != (Canary{}) {
		var problems replication.Problems
		problems.Add("", "has settings and is not enabled; add enabled: true, or leave them out")
		return problems
	}
	return problemsOf(c.options().Check())
}

// watch registers the canary that a replication asks for.
func (c Config) watch(ctx *pulumi.Context, r Replication, bucket *crr.ReplicatedBucket) error {
	if !r.Canary.Enabled {
		return nil
	}
	_, err := crr.NewCanary(ctx, r.Name+"-canary", &crr.CanaryArgs{Bucket: bucket, CanaryOptions: r.Canary.options(), Tags: c.Tags})
	if err != nil {
		return fmt.Errorf("watching the replication %s: %w", r.Name, err)
	}
	return nil
}
