package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Canary measures a replication end to end.
type Canary struct {
	Enabled      bool   `config:"enabled"`
	EveryMinutes int    `config:"everyMinutes"`
	AgeSeconds   int    `config:"ageSeconds"`
	Architecture string `config:"architecture"`
	// Code is a zip file with the function, instead of building it.
	Code string `config:"code"`
}

// options returns the options of the canary, or nil if it is disabled.
func (c Canary) options() *crr.CanaryOptions {
	if !c.Enabled {
		return nil
	}
	options := &crr.CanaryOptions{EveryMinutes: c.EveryMinutes, AgeSeconds: c.AgeSeconds, Architecture: c.Architecture}
	if c.Code != "" {
		options.Code = pulumi.NewFileArchive(c.Code)
	}
	return options
}

func (c Canary) validate() replication.Problems {
	var problems replication.Problems
	if !c.Enabled && c != (Canary{}) {
		problems.Add("", "has settings but is not enabled; add enabled: true, or remove them")
	}
	return problems
}
