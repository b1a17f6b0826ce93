// Command install prepares a Pulumi engine, its Go language host and an AWS plugin
// for the local stack, and builds only what this machine does not have:
//
//	go -C tools run ./install [--local DIR]
//
// It needs only Go's standard library, so it starts without downloads. It installs
// into DIR (default: .local beside tools):
//
//	DIR/bin/pulumi, DIR/bin/pulumi-language-go
//	DIR/pulumi                       PULUMI_HOME, with plugins/resource-aws-vVERSION
//	DIR/tools.json                   the tools in use, for other programs
//
// The decisions are in plan.go, engine.go and plugin.go, the builds in build.go, and
// the output in progress.go.
//
// Environment: CRR_OFFLINE=1 prevents it from downloading the plugin.
package main
