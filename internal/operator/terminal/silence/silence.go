// Package silence keeps a library from talking to the terminal before the
// program begins.
//
// Pulumi's SDK, which reads stack configurations, brings bubbletea along. When
// that is initialized it asks the terminal for its colours, and waits five
// seconds for a terminal that does not answer: one of a container, of a build
// or of a script. It does not ask if the variable CI is set.
//
// Go initializes packages in the order of their import paths as soon as what
// they import is there (https://go.dev/ref/spec#Program_initialization), so
// this package, which imports little, comes before those that ask.
package silence

import "os"

const variable = "CI"

var wasSet = keep()

func keep() bool {
	_, set := os.LookupEnv(variable)
	if !set {
		_ = os.Setenv(variable, "true") // where that fails, the terminal is asked
	}
	return set
}

// End gives the program the environment back that it was started with.
func End() {
	if !wasSet {
		_ = os.Unsetenv(variable) // it only ever fails for names that cannot be
	}
}
