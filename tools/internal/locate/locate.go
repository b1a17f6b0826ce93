package locate

import (
	"os"
	"path/filepath"
	"runtime"
)

// Override is the environment variable with the path of the binary, which replaces
// the search.
const Override = "CRR_TERRAFORM_PROVIDER_AWS"

// Major is the major version of terraform-provider-aws that pulumi-aws v6 is based
// on; others have different types and properties.
const Major = 5

// Machine is the environment of the search. [This] is the real one.
type Machine struct {
	Getenv func(string) string
	Home   string // the user's home directory, "" when there is none
	Root   string // "/" except in tests
	OS     string
	Arch   string
}

// This returns the machine that the program runs on.
func This() Machine {
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	}
	return Machine{Getenv: os.Getenv, Home: home, Root: "/", OS: runtime.GOOS, Arch: runtime.GOARCH}
}

// Binary is a provider binary that was found.
type Binary struct {
	Path    string
	Version string // according to its path, or ""
}

// Place is a directory that was searched.
type Place struct {
	Dir   string
	Why   string // why it was searched
	Found []Binary
	Other []string // incompatible versions in it
}

// Report is the result of a search.
type Report struct {
	Places []Place
	Chosen Binary // the zero value if nothing fits
}

// Find searches for the binary. The newest compatible version wins; the override
// wins over everything.
func (m Machine) Find() Report {
	if path := m.Getenv(Override); path != "" {
		return overridden(path)
	}
	var r Report
	for _, p := range m.places() {
		p.Found, p.Other = m.search(p.Dir)
		r.Places = append(r.Places, p)
		for _, b := range p.Found {
			if r.Chosen.Path == "" || newer(b.Version, r.Chosen.Version) {
				r.Chosen = b
			}
		}
	}
	return r
}

func overridden(path string) Report {
	p := Place{Dir: path, Why: Override}
	if executable(path) {
		p.Found = []Binary{{Path: path, Version: versionInName(filepath.Base(path))}}
		return Report{Places: []Place{p}, Chosen: p.Found[0]}
	}
	return Report{Places: []Place{p}}
}

// registries are the host names at the start of a mirror's layout.
var registries = []string{"registry.terraform.io", "registry.opentofu.org"}

// search searches one mirror, with the layout
// HOST/hashicorp/aws/VERSION/OS_ARCH/terraform-provider-aws*. A mirror may also
// contain archives; those are reported, but cannot be run.
func (m Machine) search(mirror string) (fit []Binary, other []string) {
	for _, host := range registries {
		pattern := filepath.Join(mirror, host, "hashicorp", "aws", "*", m.OS+"_"+m.Arch, "terraform-provider-aws*")
		paths, err := filepath.Glob(pattern)
		if err != nil { // only for a malformed pattern: a directory with a "[" in its name
			continue
		}
		for _, path := range paths {
			version := filepath.Base(filepath.Dir(filepath.Dir(path)))
			switch {
			case !executable(path):
			case major(version) != Major:
				other = append(other, version)
			default:
				fit = append(fit, Binary{Path: path, Version: version})
			}
		}
		zips, err := filepath.Glob(filepath.Join(mirror, host, "hashicorp", "aws", "*_"+m.OS+"_"+m.Arch+".zip"))
		if err != nil {
			continue
		}
		for _, zip := range zips {
			other = append(other, filepath.Base(zip)+", which must be unpacked")
		}
	}
	return fit, other
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode()&0o111 != 0)
}
