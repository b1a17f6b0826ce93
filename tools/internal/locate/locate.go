package locate

import (
	"os"
	"path/filepath"
	"runtime"
)

// Override is the environment variable that names the binary and so ends the search.
const Override = "CRR_TERRAFORM_PROVIDER_AWS"

// Major is the major version of terraform-provider-aws that pulumi-aws v6 is
// made from; no other one has the same types and properties.
const Major = 5

// Machine is what the search depends on. [This] is the real one.
type Machine struct {
	Getenv func(string) string
	Home   string // the user's home directory, "" when there is none
	Root   string // "/" but in tests
	OS     string
	Arch   string
}

// This is the machine that the program runs on.
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
	Version string // as its place says, "" when it does not
}

// Place is a directory that was looked at.
type Place struct {
	Dir   string
	Why   string // what makes it a place to look
	Found []Binary
	Other []string // versions of it that do not fit
}

// Report says where was looked and what was found.
type Report struct {
	Places []Place
	Chosen Binary // the zero value when nothing fits
}

// Find looks for the binary. The newest fitting version wins; the override wins
// over everything.
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

// registries are the hosts that the layout of a mirror starts with.
var registries = []string{"registry.terraform.io", "registry.opentofu.org"}

// search looks into one mirror, laid out as
// HOST/hashicorp/aws/VERSION/OS_ARCH/terraform-provider-aws*. A mirror may also hold
// archives; those are told of, but cannot be run.
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
