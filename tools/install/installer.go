package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/tools/internal/locate"
)

// installer carries out a plan.
type installer struct {
	layout   layout
	pins     pins
	machine  machine
	progress *progress
	out      io.Writer // for results
	results  []result
}

func (in *installer) run(ctx context.Context) error {
	stamps, err := newStamps(in.layout, in.pins)
	if err != nil {
		return err
	}
	p := decide(in.layout, in.pins, in.machine, stamps)
	if err := in.foresee(p); err != nil {
		return err
	}
	in.announce(p)
	if err := in.engine(ctx, p, stamps); err != nil {
		return err
	}
	if err := in.plugin(ctx, p, stamps); err != nil {
		return err
	}
	if err := in.own(ctx); err != nil {
		return err
	}
	_ = os.RemoveAll(in.layout.Scratch()) // remaining files only take up space
	if err := in.record(); err != nil {
		return err
	}
	in.summary()
	return nil
}

// foresee fails early, before builds that take minutes, if the plugin that is built
// here cannot work.
func (in *installer) foresee(p plan) error {
	err := provider()
	if err == nil {
		return nil
	}
	switch {
	case p.Plugin.Action == build, p.Plugin.Action == getBuild && in.offline(), builtHere(p.Plugin.Path):
		return err
	case p.Plugin.Action == getBuild:
		in.progress.say("There is no terraform-provider-aws on this machine, so %s must come from the network.", pluginName)
	}
	return nil
}

// announce prints which steps will take time.
func (in *installer) announce(p plan) {
	builds := p.builds()
	if len(builds) == 0 {
		return
	}
	in.progress.say("To be built with %s on %d processors, %s in all when nothing is compiled yet:",
		runtime.Version(), runtime.NumCPU(), expected(builds))
	for _, s := range builds {
		what := s.Why
		if s.Action == getBuild {
			what += "; the network is asked for it first"
		}
		in.progress.say("  %s %s: %s", s.Tool, s.Version, what)
	}
}

// cold is the duration of builds with two processors and an empty build cache,
// measured in this order: later ones use packages that earlier ones have compiled.
var cold = map[string]time.Duration{
	"pulumi":             120 * time.Second,
	"pulumi-language-go": 20 * time.Second,
	pluginName:           30 * time.Second,
}

// expected estimates the duration of the builds.
func expected(builds []step) string {
	sum := coldOwn
	for _, s := range builds {
		sum += cold[s.Tool]
	}
	if len(builds) == 1 && builds[0].Tool == pluginName {
		sum = coldOwn + 90*time.Second // without the engine's packages
	}
	sum = sum * 2 / time.Duration(max(2, min(runtime.NumCPU(), 8)))
	if sum < time.Minute {
		return "less than a minute"
	}
	return fmt.Sprintf("about %d minutes", int(sum.Round(time.Minute).Minutes()))
}

func (in *installer) engine(ctx context.Context, p plan, s stamps) error {
	if p.Engine.Action == use { // ours would hide the installed one
		for _, path := range []string{in.layout.Engine(), in.layout.Host()} {
			if err := discard(path); err != nil {
				return err
			}
		}
	}
	const setVersion = stripped + "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version="
	jobs := []job{{
		step: p.Engine, dir: in.layout.Tools, stamp: s.Engine,
		pkg: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", ldflags: setVersion + in.pins.Engine.String(),
	}, {
		step: p.Host, dir: filepath.Join(in.layout.Tools, "language-host"), stamp: s.Host,
		pkg: "github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go", ldflags: setVersion + in.pins.Host.String(),
	}}
	for _, j := range jobs {
		if err := in.have(ctx, j); err != nil {
			return err
		}
	}
	return nil
}

// stripped omits debugging information.
const stripped = "-s -w "

// have builds the tool unless it exists.
func (in *installer) have(ctx context.Context, j job) error {
	if j.step.Action != build && j.step.Action != getBuild {
		in.add(j.step, 0)
		return nil
	}
	b := builder{progress: in.progress, scratch: in.layout.Scratch()}
	took, err := b.build(ctx, "building "+j.step.Tool+" "+j.step.Version.String(), j)
	if err != nil {
		return fmt.Errorf("%s could not be built.\n%w", j.step.Tool, err)
	}
	j.step.Action = build
	in.add(j.step, took)
	return nil
}

func (in *installer) plugin(ctx context.Context, p plan, s stamps) error {
	st := p.Plugin
	if st.Action == linkIt {
		if err := link(found{st.From, st.Version}, st.Path); err != nil {
			return err
		}
	}
	if st.Action == getBuild || st.Action == getReal {
		err := in.fetchReal(ctx, p)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case err == nil:
			st.Action = keep
		case st.Action == getReal:
			in.progress.say("%s %s cannot be had from the network: %s; the one that was built here stays", st.Tool, st.Version, err)
			st.Action = keep
		default:
			in.progress.say("%s %s cannot be had from the network: %s; building one that stands in for it",
				st.Tool, st.Version, err)
		}
	}
	if st.Action == getBuild {
		if err := provider(); err != nil {
			return err
		}
	}
	return in.have(ctx, job{
		step: st, dir: in.layout.Tools, stamp: s.Plugin,
		pkg: "./" + pluginName, ldflags: stripped + "-X main.version=" + in.pins.AWS.Bare(),
	})
}

// fetchReal downloads the official plugin. It moves a plugin that was built here out
// of the way, because the engine would consider it installed.
func (in *installer) fetchReal(ctx context.Context, p plan) error {
	in.progress.begin("asking the network for " + p.Plugin.Tool + " " + p.Plugin.Version.String())
	defer in.progress.end()
	folder := filepath.Dir(p.Plugin.Path)
	aside := filepath.Join(in.layout.Scratch(), "stand-in")
	if p.Plugin.Action == getReal {
		if err := errors.Join(os.MkdirAll(in.layout.Scratch(), 0o755), os.RemoveAll(aside), os.Rename(folder, aside)); err != nil {
			return err
		}
	}
	err := in.fetch(ctx, p.Engine.Path)
	if err != nil && p.Plugin.Action == getReal {
		err = errors.Join(err, os.RemoveAll(folder), os.Rename(aside, folder))
	}
	return err
}

// provider returns an error if the provider binary for the plugin that is built here
// is missing.
func provider() error {
	report := locate.This().Find()
	if err := report.Err(); err != nil {
		return fmt.Errorf("the AWS plugin that is built here drives terraform-provider-aws: %w", err)
	}
	return nil
}

func (in *installer) summary() {
	for _, r := range in.results {
		fmt.Fprintf(in.out, "%-20s %-9s %-20s %s\n", r.Tool, r.Version, r.Status, in.short(r.Path))
	}
	for _, r := range in.results {
		if r.Kind != "" {
			fmt.Fprintf(in.out, "AWS plugin: %s\n", r.Kind)
		}
	}
}

// short returns a path in short form.
func (in *installer) short(path string) string {
	if rel, err := filepath.Rel(filepath.Dir(in.layout.Local), path); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return path
}
