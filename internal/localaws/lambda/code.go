package lambda

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// maxUnzipped is Lambda's limit for the unzipped code of a function.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const maxUnzipped = 250 << 20

// unzip extracts the code of a function to a folder.
func unzip(code []byte, folder string) error {
	files, err := zip.NewReader(bytes.NewReader(code), int64(len(code)))
	if err != nil {
		return fmt.Errorf("reading the code of the function: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return fmt.Errorf("writing the code of the function: %w", err)
	}
	defer func() { _ = root.Close() }() // all files have been closed
	left := int64(maxUnzipped)
	for _, file := range files.File {
		if file.FileInfo().IsDir() {
			continue
		}
		written, err := extract(root, file, left)
		if err != nil {
			return fmt.Errorf("writing the code of the function, %s: %w", file.Name, err)
		}
		left -= written
	}
	return nil
}

// extract writes a file, within the root only.
func extract(root *os.Root, file *zip.File, limit int64) (int64, error) {
	from, err := file.Open()
	if err != nil {
		return 0, err
	}
	defer func() { _ = from.Close() }() // opened for reading
	if err := root.MkdirAll(filepath.Dir(file.Name), 0o755); err != nil {
		return 0, err
	}
	to, err := root.OpenFile(file.Name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, file.Mode().Perm()|0o400)
	if err != nil {
		return 0, err
	}
	written, err := io.Copy(to, io.LimitReader(from, limit+1))
	if written > limit {
		err = fmt.Errorf("the code has more than %d bytes", int64(maxUnzipped))
	}
	return written, errors.Join(err, to.Close())
}
