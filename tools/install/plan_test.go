package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crr-io/pulumi-aws-crr/tools/internal/locate"
)

func TestEngine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		make func(w *world)
		want action
		path string // path below the root of the tool in use
		why  string
	}{
		{"nothing installed", func(*world) {}, build, "", "there is no pulumi on PATH"},
		{"a fitting one, host beside it", func(w *world) {
			w.program("bin1/pulumi", "v3.200.1")
			w.program("bin1/pulumi-language-go", "")
		}, use, "bin1/pulumi", ""},
		{"host elsewhere on PATH", func(w *world) {
			w.program("bin1/pulumi", "v3.145.0")
			w.program("bin2/pulumi-language-go", "")
		}, use, "bin1/pulumi", ""},
		{"host beside what a link leads to", func(w *world) {
			real := w.program("opt/pulumi/pulumi", "v3.145.0")
			w.program("opt/pulumi/pulumi-language-go", "")
			link := filepath.Join(w.root, "bin1", "pulumi")
			_ = os.MkdirAll(filepath.Dir(link), 0o755)
			_ = os.Symlink(real, link)
			w.answers[link] = "v3.145.0"
		}, use, "bin1/pulumi", ""},
		{"no host", func(w *world) { w.program("bin1/pulumi", "v3.145.0") }, build, "", "has no pulumi-language-go"},
		{"too old", func(w *world) {
			w.program("bin1/pulumi", "v3.144.9")
			w.program("bin1/pulumi-language-go", "")
		}, build, "", "is v3.144.9, v3.145.0 or a newer v3 is needed"},
		{"another major version", func(w *world) {
			w.program("bin1/pulumi", "v4.0.0")
			w.program("bin1/pulumi-language-go", "")
		}, build, "", "is v4.0.0"},
		{"the second on PATH fits", func(w *world) {
			w.program("bin1/pulumi", "v3.1.0")
			w.program("bin2/pulumi", "v3.145.0")
			w.program("bin2/pulumi-language-go", "")
		}, use, "bin2/pulumi", ""},
		{"it does not answer", func(w *world) {
			delete(w.answers, w.program("bin1/pulumi", ""))
		}, build, "", "does not report its version"},
		{"built before", func(w *world) {
			w.built(w.layout.Engine(), now.Engine)
			w.built(w.layout.Host(), now.Host)
		}, keep, "", ""},
		{"built from other sources", func(w *world) {
			w.built(w.layout.Engine(), "e1")
			w.built(w.layout.Host(), now.Host)
		}, build, "", "its sources have changed"},
		{"half replaced", func(w *world) { w.built(w.layout.Engine(), "") }, build, "", "its sources have changed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.make(w)
			got := w.decide().Engine
			if got.Action != c.want || !strings.Contains(got.Why, c.why) {
				t.Fatalf("got %+v", got)
			}
			if c.path != "" && got.Path != filepath.Join(w.root, c.path) {
				t.Errorf("uses %s, want %s", got.Path, c.path)
			}
			if c.want == build && got.Path != w.layout.Engine() {
				t.Errorf("builds %s", got.Path)
			}
		})
	}
}

func TestPlugin(t *testing.T) {
	t.Parallel()
	const home = "home/.pulumi/plugins/resource-aws-v"
	for _, c := range []struct {
		name string
		make func(w *world)
		want action
		from string // below the root
	}{
		{"nothing installed", func(*world) {}, getBuild, ""},
		{"installed here", func(w *world) { w.write(w.layout.Plugin(w.pins.AWS), "#!", 0o755) }, keep, ""},
		{"built here", func(w *world) { w.built(w.layout.Plugin(w.pins.AWS), now.Plugin) }, keep, ""},
		{"built here from other sources", func(w *world) { w.built(w.layout.Plugin(w.pins.AWS), "p1") }, build, ""},
		{"the user's own", func(w *world) { w.program(home+"6.83.2/pulumi-resource-aws", "") }, linkIt, home + "6.83.2/pulumi-resource-aws"},
		{"a newer one", func(w *world) {
			w.program(home+"6.90.0/pulumi-resource-aws", "")
			w.program(home+"6.84.0/pulumi-resource-aws", "")
		}, linkIt, home + "6.84.0/pulumi-resource-aws"},
		{"an older one", func(w *world) { w.program(home+"6.83.1/pulumi-resource-aws", "") }, getBuild, ""},
		{"another major version", func(w *world) { w.program(home+"7.0.0/pulumi-resource-aws", "") }, getBuild, ""},
		{"half installed", func(w *world) {
			w.program(home+"6.83.2/pulumi-resource-aws", "")
			w.write(filepath.Join(w.root, home+"6.83.2.partial"), "", 0o644)
		}, getBuild, ""},
		{"in PULUMI_HOME", func(w *world) {
			w.vars["PULUMI_HOME"] = filepath.Join(w.root, "ph")
			w.program("ph/plugins/resource-aws-v6.83.2/pulumi-resource-aws", "")
		}, linkIt, "ph/plugins/resource-aws-v6.83.2/pulumi-resource-aws"},
		{"PULUMI_HOME is ours", func(w *world) {
			w.vars["PULUMI_HOME"] = w.layout.Home()
			w.program("repo/.local/pulumi/plugins/resource-aws-v6.90.0/pulumi-resource-aws", "")
		}, getBuild, ""},
		{"on PATH", func(w *world) { w.program("bin2/pulumi-resource-aws", "6.83.2") }, linkIt, "bin2/pulumi-resource-aws"},
		{"another checkout's stand-in", func(w *world) { w.built(filepath.Join(w.root, home+"6.83.2/pulumi-resource-aws"), now.Plugin) }, getBuild, ""},
		{"built here, and AWS is the target", func(w *world) {
			w.machine.AWS = true
			w.built(w.layout.Plugin(w.pins.AWS), now.Plugin)
		}, getReal, ""},
		{"built here from other sources, and AWS is the target", func(w *world) {
			w.machine.AWS = true
			w.built(w.layout.Plugin(w.pins.AWS), "p1")
		}, getBuild, ""},
		{"built here and the user's own, and AWS is the target", func(w *world) {
			w.machine.AWS = true
			w.built(w.layout.Plugin(w.pins.AWS), now.Plugin)
			w.program(home+"6.83.2/pulumi-resource-aws", "")
		}, linkIt, home + "6.83.2/pulumi-resource-aws"},
		{"installed here, and AWS is the target", func(w *world) {
			w.machine.AWS = true
			w.write(w.layout.Plugin(w.pins.AWS), "#!", 0o755)
		}, keep, ""},
		{"on PATH, silent", func(w *world) { w.program("bin2/pulumi-resource-aws", "") }, getBuild, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.make(w)
			got := w.decide().Plugin
			if got.Action != c.want {
				t.Fatalf("got %+v", got)
			}
			if c.from != "" && got.From != filepath.Join(w.root, c.from) {
				t.Errorf("links %s, want %s", got.From, c.from)
			}
		})
	}
}

func TestALinkedPluginIsThereUntilItsTargetGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	real := w.program("home/.pulumi/plugins/resource-aws-v6.84.0/pulumi-resource-aws", "")
	st := w.decide().Plugin
	if err := link(found{st.From, st.Version}, st.Path); err != nil {
		t.Fatal(err)
	}
	// The engine ignores folders that are links.
	if info, err := os.Lstat(filepath.Dir(st.Path)); err != nil || !info.IsDir() {
		t.Errorf("%s is not a folder: %v", filepath.Dir(st.Path), err)
	}
	if got := w.decide().Plugin.Action; got != keep {
		t.Errorf("the linked plugin is not kept: %d", got)
	}
	if err := os.RemoveAll(filepath.Dir(real)); err != nil {
		t.Fatal(err)
	}
	if got := w.decide().Plugin.Action; got != getBuild {
		t.Errorf("a link to nothing is kept: %d", got)
	}
}

func TestBuilds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := expected(w.decide().builds()); !strings.HasPrefix(got, "about") && !strings.HasPrefix(got, "less") {
		t.Errorf("expected time: %q", got)
	}
	w.built(w.layout.Engine(), now.Engine)
	w.built(w.layout.Host(), now.Host)
	w.built(w.layout.Plugin(w.pins.AWS), now.Plugin)
	if got := w.decide().builds(); len(got) != 0 {
		t.Errorf("still to be built: %+v", got)
	}
}

func TestWhichPluginDeploys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path, provider := w.layout.Plugin(w.pins.AWS), locate.Binary{Version: "5.100.0"}
	w.write(path, "#!", 0o755)
	if got, want := kind(path, w.pins.AWS, provider), "the official pulumi-aws v6.83.2"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	w.built(path, now.Plugin)
	standIn := "a stand-in for pulumi-aws v6.83.2, built here on terraform-provider-aws 5.100.0"
	if got := kind(path, w.pins.AWS, provider); got != standIn {
		t.Errorf("%q, want %q", got, standIn)
	}
	link := filepath.Join(w.root, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if got := kind(link, w.pins.AWS, provider); got != standIn {
		t.Errorf("a link to it: %q, want %q", got, standIn)
	}
}

func TestOneInstallerAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	release, err := lock(t.Context(), w.layout, newProgress(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	waiting, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var said bytes.Buffer
	if _, err := lock(waiting, w.layout, newProgress(&said)); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(said.String(), "Waiting for another build") {
		t.Errorf("a second one does not wait: %v, %q", err, said.String())
	}
	release()
	again, err := lock(t.Context(), w.layout, newProgress(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	again()
}
