package locate

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// places lists the mirrors in the order of Terraform's documentation ("Implied Local
// Mirror Directories"), after those that the user configured, and before the
// optional-software root.
func (m Machine) places() []Place {
	var ps []Place
	seen := map[string]bool{}
	add := func(dir, why string) {
		if dir == "" || seen[dir] {
			return
		}
		seen[dir] = true
		ps = append(ps, Place{Dir: dir, Why: why})
	}
	add(m.Getenv("TF_PLUGIN_CACHE_DIR"), "TF_PLUGIN_CACHE_DIR")
	for _, c := range m.configured() {
		add(c.Dir, c.Why)
	}
	add(m.inHome(".terraform.d", "plugins"), "Terraform's folder for the user's plugins")
	add(m.inHome(".terraform.d", "plugin-cache"), "the usual plugin cache")
	add(m.dataHome(), "XDG_DATA_HOME")
	for _, dir := range m.dataDirs() {
		add(filepath.Join(dir, "terraform", "plugins"), "XDG_DATA_DIRS")
	}
	for _, dir := range m.optional() {
		add(dir, "optional software")
	}
	return ps
}

func (m Machine) inHome(elem ...string) string {
	if m.Home == "" {
		return ""
	}
	return filepath.Join(append([]string{m.Home}, elem...)...)
}

func (m Machine) dataHome() string {
	if dir := m.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "terraform", "plugins")
	}
	return m.inHome(".local", "share", "terraform", "plugins")
}

func (m Machine) dataDirs() []string {
	if dirs := m.Getenv("XDG_DATA_DIRS"); dirs != "" {
		return filepath.SplitList(dirs)
	}
	return []string{filepath.Join(m.Root, "usr", "local", "share"), filepath.Join(m.Root, "usr", "share")}
}

// optional lists the mirrors under the optional-software root. If there are none it
// returns the pattern, so that a report contains it.
func (m Machine) optional() []string {
	pattern := filepath.Join(m.Root, "opt", "*")
	var mirrors []string
	for _, host := range registries {
		hits, err := filepath.Glob(filepath.Join(pattern, host))
		if err != nil {
			continue
		}
		for _, hit := range hits {
			mirrors = append(mirrors, filepath.Dir(hit))
		}
	}
	if len(mirrors) == 0 {
		return []string{pattern}
	}
	return mirrors
}

var (
	mirrorBlock = regexp.MustCompile(`(?s)filesystem_mirror\s*\{[^}]*?\bpath\s*=\s*"([^"]+)"`)
	cacheLine   = regexp.MustCompile(`(?m)^\s*plugin_cache_dir\s*=\s*"([^"]+)"`)
)

// configured reads the mirrors and the plugin cache from Terraform's CLI
// configuration.
func (m Machine) configured() []Place {
	files := []string{m.Getenv("TF_CLI_CONFIG_FILE"), m.inHome(".terraformrc"), m.inHome(".tofurc")}
	var ps []Place
	for _, file := range files {
		if file == "" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil { // missing or unreadable: then Terraform does not use it either
			continue
		}
		for _, hit := range mirrorBlock.FindAllStringSubmatch(string(text), -1) {
			ps = append(ps, Place{Dir: m.expand(hit[1]), Why: "filesystem_mirror in " + file})
		}
		for _, hit := range cacheLine.FindAllStringSubmatch(string(text), -1) {
			ps = append(ps, Place{Dir: m.expand(hit[1]), Why: "plugin_cache_dir in " + file})
		}
	}
	return ps
}

// expand expands a configured path as Terraform does: a leading "~" and environment
// variables.
func (m Machine) expand(path string) string {
	if rest, ok := strings.CutPrefix(path, "~"); ok {
		path = m.Home + rest
	}
	return os.Expand(path, m.Getenv)
}
