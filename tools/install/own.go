package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// coldOwn is the duration of building the repository's own programs, see cold.
const coldOwn = 100 * time.Second

// own builds the programs of the repository: the command line, and the Pulumi
// program. The engine would also compile the latter, but without progress, and
// behind the proxy of the local AWS, which does not allow downloads of modules. Go
// skips programs that are up to date; the flags are those of the language host, so
// that it skips them too.
func (in *installer) own(ctx context.Context) error {
	b := builder{progress: in.progress, scratch: in.layout.Scratch()}
	root := filepath.Dir(in.layout.Tools)
	for _, program := range []struct{ name, pkg string }{{"crr", "./cmd/crr"}, {"crr-program", "."}} {
		in.progress.begin("building " + program.name)
		err := b.compile(ctx, job{dir: root, pkg: program.pkg}, filepath.Join(in.layout.Bin(), exe(program.name)))
		in.progress.end()
		if err != nil {
			return fmt.Errorf("%s could not be built.\n%w", program.name, err)
		}
	}
	return nil
}
