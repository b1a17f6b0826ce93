package localaws

import (
	"fmt"
	"io"
	"os"
)

// maxLogBytes is the size above which a log is truncated at the next start.
const maxLogBytes = 8 << 20

// openLog opens a log for appending.
func openLog(path string) (*os.File, error) {
	mode := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if info, err := os.Stat(path); err == nil && info.Size() > maxLogBytes {
		mode |= os.O_TRUNC
	}
	file, err := os.OpenFile(path, mode, 0o600)
	if err == nil {
		err = file.Chmod(0o600) // an earlier version let others read it
	}
	if err != nil {
		return nil, fmt.Errorf("opening the log %s: %w", path, err)
	}
	return file, nil
}

// replaceFile writes a file atomically. Only its owner can read it.
func replaceFile(path string, content []byte) error {
	temporary := path + ".new"
	if err := removeFile(temporary); err != nil { // an existing file would keep its mode
		return err
	}
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// tail returns the last lines of a log, for error messages.
func tail(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }() // opened for reading
	const most = 2000
	if info, err := file.Stat(); err == nil && info.Size() > most {
		_, _ = file.Seek(-most, io.SeekEnd) // if seeking fails, the beginning is returned
	}
	text, _ := io.ReadAll(io.LimitReader(file, most))
	return string(text)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
