package main

import (
	"os"
	"path/filepath"
	"strings"
)

// plugin returns an installed AWS plugin that can be linked: one of the wanted
// version, or else the oldest compatible one.
func (m machine) plugin(wanted version, l layout) (found, bool) {
	var best found
	for _, p := range append(m.pluginsAtHome(l), m.pluginsOnPath()...) {
		if p.Version.fits(wanted) && (best.Path == "" || p.Version.less(best.Version)) {
			best = p
		}
	}
	return best, best.Path != ""
}

// pluginsAtHome lists the plugins that the user's Pulumi has installed.
func (m machine) pluginsAtHome(l layout) []found {
	home := m.Getenv("PULUMI_HOME")
	if home == "" && m.Home != "" {
		home = filepath.Join(m.Home, ".pulumi")
	}
	if abs, err := filepath.Abs(home); home == "" || err != nil || abs == l.Home() {
		return nil
	}
	entries, err := os.ReadDir(filepath.Join(home, "plugins"))
	if err != nil { // no plugins, then
		return nil
	}
	var all []found
	for _, e := range entries {
		text, ok := strings.CutPrefix(e.Name(), "resource-aws-v")
		v, isVersion := parseVersion(text)
		dir := filepath.Join(home, "plugins", e.Name())
		if !ok || !isVersion || exists(dir+".partial") { // partially installed
			continue
		}
		if path := look(pluginName, dir); path != "" && !builtHere(path) {
			all = append(all, found{path, v})
		}
	}
	return all
}

func (m machine) pluginsOnPath() []found {
	var all []found
	for _, dir := range m.Path {
		path := look(pluginName, dir)
		if path == "" || builtHere(path) {
			continue
		}
		answer, err := m.Ask(path, "-version")
		if v, ok := parseVersion(answer); err == nil && ok {
			all = append(all, found{path, v})
		}
	}
	return all
}

// link links an installed plugin to where the engine looks for the wanted version.
// The engine does not follow a link to a folder, so the folder is real and its files
// are links.
func link(plugin found, to string) error {
	if err := os.RemoveAll(filepath.Dir(to)); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.Symlink(plugin.Path, to)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
