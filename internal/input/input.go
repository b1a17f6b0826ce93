// Package input reads files and streams that may be of any size.
package input

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Limit is how many bytes of an input are read. Stack files with 10,000
// replications have fewer.
const Limit = 16 << 20

// File reads a file, up to [Limit].
func File(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return All(path, file)
}

// All reads a stream of a name, up to [Limit]. Text in UTF-16 with a byte-order
// mark, which PowerShell writes, becomes UTF-8, and the mark is left out.
func All(name string, stream io.Reader) ([]byte, error) {
	var buffer bytes.Buffer
	if file, isFile := stream.(*os.File); isFile {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			buffer.Grow(int(min(info.Size(), Limit)) + bytes.MinRead)
		}
	}
	if _, err := buffer.ReadFrom(io.LimitReader(stream, Limit+1)); err != nil {
		return nil, err
	}
	data := buffer.Bytes()
	if len(data) > Limit {
		return nil, fmt.Errorf("%s is larger than the limit of %d MB", name, Limit>>20)
	}
	if len(data) == 0 || data[0] < 0xef { // no byte-order mark, as almost always
		return data, nil
	}
	text, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), data)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return text, nil
}
