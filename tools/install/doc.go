// Command install makes a Pulumi engine, its Go language host and an AWS plugin
// ready for the local stack, and builds only what this machine has not got:
//
//	go -C tools run ./install [--local DIR]
//
// It needs nothing but Go's standard library, so it starts before anything is
// downloaded. Built things go into DIR (.local beside tools, unless given):
//
//	DIR/bin/pulumi, DIR/bin/pulumi-language-go
//	DIR/pulumi                       PULUMI_HOME, with plugins/resource-aws-vVERSION
//	DIR/tools.json                   what is used, for other programs
//
// What it decides, and in which order, is in plan.go, engine.go and plugin.go; how it
// builds in build.go; what it prints in progress.go.
//
// Environment: CRR_OFFLINE=1 keeps it from asking the network for the plugin.
package main
