package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// coldOwn is how long the repository's own programs take, see cold.
const coldOwn = 100 * time.Second

// own builds the programs of the repository itself: the command line, and the
// Pulumi program. The engine would compile that too, but without a word, and behind
// the proxy of the local AWS, which lets nobody fetch modules. Go skips what is up
// to date; the flags are those of the language host, so that it skips it as well.
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
