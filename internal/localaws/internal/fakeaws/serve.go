package fakeaws

import (
	"fmt"
	"net"
	"net/http"
	"os"
)

// ServeInherited serves an emulator on the socket that moto's process would inherit,
// for test binaries that replace moto.
func ServeInherited() error {
	const descriptor = 3
	listener, err := net.FileListener(os.NewFile(descriptor, "socket"))
	if err != nil {
		return fmt.Errorf("taking over the socket: %w", err)
	}
	return http.Serve(listener, New())
}
