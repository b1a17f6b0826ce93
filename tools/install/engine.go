package main

import "path/filepath"

// found is an installed program.
type found struct {
	Path    string
	Version version
}

// engine returns the installed pulumi that can be used, with its Go language host,
// or why there is none.
func (m machine) engine(wanted version) (engine, host found, why string) {
	why = "there is no pulumi on PATH"
	for _, dir := range m.Path {
		path := look("pulumi", dir)
		if path == "" {
			continue
		}
		answer, err := m.Ask(path, "version")
		v, ok := parseVersion(answer)
		switch {
		case err != nil || !ok:
			why = path + " does not report its version"
		case !v.fits(wanted):
			why = path + " is " + v.String() + ", " + wanted.String() + " or a newer " + major(wanted) + " is needed"
		default:
			hostPath := m.hostOf(path)
			if hostPath == "" {
				why = path + " has no pulumi-language-go beside it or on PATH"
				continue
			}
			return found{path, v}, found{hostPath, v}, ""
		}
	}
	return found{}, found{}, why
}

// hostOf returns the Go language host for the engine: the one beside it, or one on
// PATH.
func (m machine) hostOf(engine string) string {
	dirs := []string{filepath.Dir(engine)}
	if real, err := filepath.EvalSymlinks(engine); err == nil {
		dirs = append(dirs, filepath.Dir(real))
	}
	return look("pulumi-language-go", append(dirs, m.Path...)...)
}
