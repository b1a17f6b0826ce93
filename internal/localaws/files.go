package localaws

import (
	"fmt"
	"io"
	"os"
)

// maxLogBytes is how long a log may have become before it starts anew.
const maxLogBytes = 8 << 20

// openLog opens a log to append to.
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

// replaceFile writes a file that readers see whole or not at all, and that its
// owner alone can read.
func replaceFile(path string, content []byte) error {
	temporary := path + ".new"
	if err := removeFile(temporary); err != nil { // its mode would stay
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
	defer func() { _ = file.Close() }() // it was only read
	const most = 2000
	if info, err := file.Stat(); err == nil && info.Size() > most {
		_, _ = file.Seek(-most, io.SeekEnd) // where this fails, the beginning has to do
	}
	text, _ := io.ReadAll(io.LimitReader(file, most))
	return string(text)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
