package main

import "fmt"

// action is how a tool is provided.
type action int

const (
	use      action = iota // an installed one is used
	keep                   // it was built or installed here before
	linkIt                 // an installed one is linked into our PULUMI_HOME
	build                  // it is built from source
	getBuild               // it is downloaded, or built if that fails
	getReal                // it is downloaded to replace one that was built here, which is kept if that fails
)

// step is the decision about one tool.
type step struct {
	Tool    string
	Action  action
	Version version
	Path    string // the path of the tool
	From    string // the target of the link
	Why     string // why it has to be built
}

// plan is the decisions about all tools.
type plan struct{ Engine, Host, Plugin step }

// decide makes the plan. It changes nothing.
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

// ours returns the decision about a tool that is built here.
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
	if builtHere(path) && !m.AWS { // the download failed when that one was built, too
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
