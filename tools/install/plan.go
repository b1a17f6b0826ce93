package main

import "fmt"

// action is what is done to have a tool.
type action int

const (
	use      action = iota // an installed one is used where it is
	keep                   // it was built or installed here before
	linkIt                 // an installed one is linked into our PULUMI_HOME
	build                  // it is built from source
	getBuild               // it is fetched, or built when it cannot be
	getReal                // it is fetched in place of one that was built here, which stays when it cannot be
)

// step is the decision about one tool.
type step struct {
	Tool    string
	Action  action
	Version version
	Path    string // where it is, or will be
	From    string // what is linked
	Why     string // why it has to be built
}

// plan is what will be done.
type plan struct{ Engine, Host, Plugin step }

// decide makes the plan. Nothing is changed.
func decide(l layout, p pins, m machine, s stamps) plan {
	var out plan
	engine, host, why := m.engine(p.Engine)
	if why == "" {
		out.Engine = step{Tool: "pulumi", Action: use, Version: engine.Version, Path: engine.Path}
		out.Host = step{Tool: "pulumi-language-go", Action: use, Version: host.Version, Path: host.Path}
	} else {
		out.Engine = ours("pulumi", l.Engine(), p.Engine, s.Engine, why)
		out.Host = ours("pulumi-language-go", l.Host(), p.Host, s.Host, why)
	}
	out.Plugin = decidePlugin(l, p, m, s)
	return out
}

// ours is the decision about a tool that is built here.
func ours(tool, path string, v version, stamp, why string) step {
	st := step{Tool: tool, Action: build, Version: v, Path: path, Why: why}
	if runnable(path) {
		if stampOf(path) == stamp {
			st.Action, st.Why = keep, ""
		} else {
			st.Why = "its sources have changed"
		}
	}
	return st
}

func decidePlugin(l layout, p pins, m machine, s stamps) step {
	path := l.Plugin(p.AWS)
	st := step{Tool: pluginName, Action: keep, Version: p.AWS, Path: path}
	switch {
	case runnable(path) && !builtHere(path):
		return st
	case runnable(path) && stampOf(path) == s.Plugin && !m.AWS:
		return st
	}
	if installed, ok := m.plugin(p.AWS, l); ok {
		st.Action, st.From, st.Version = linkIt, installed.Path, installed.Version
		return st
	}
	if runnable(path) && stampOf(path) == s.Plugin {
		st.Action = getReal
		return st
	}
	st.Action, st.Why = getBuild, "no pulumi-aws "+p.AWS.String()+" plugin is installed"
	if builtHere(path) && !m.AWS { // it could not be had when that was built, either
		st.Action, st.Why = build, "its sources have changed"
	}
	return st
}

// builds lists the tools that will take time.
func (p plan) builds() []step {
	var all []step
	for _, s := range []step{p.Engine, p.Host, p.Plugin} {
		if s.Action == build || s.Action == getBuild {
			all = append(all, s)
		}
	}
	return all
}

func major(v version) string { return fmt.Sprintf("v%d", v.major) }
