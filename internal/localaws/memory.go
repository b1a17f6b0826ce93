package localaws

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	asking "github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
)

const (
	// memoryAccount owns the marker, so that it is not in the user's list of
	// buckets.
	memoryAccount  = "000000000042"
	memoryPatience = 10 * time.Second
)

// errForgotten is returned when the emulator runs but has lost its data.
var errForgotten = errors.New("moto was reset")

// memory checks whether an emulator still has its data. Any program on this machine
// can reset moto without ending its process, so memory looks for a marker bucket
// that nothing else creates or deletes.
type memory struct {
	client *asking.Client
	marker string
}

func newMemory(address *url.URL, marker string) *memory {
	return &memory{asking.NewClient(address, memoryPatience), marker}
}

// mark creates the marker.
func (m *memory) mark(ctx context.Context) error {
	key, err := asking.NewAccounts(m.client).KeyOf(ctx, memoryAccount)
	if err != nil {
		return fmt.Errorf("marking the memory of the emulator: %w", err)
	}
	status, err := m.ask(ctx, http.MethodPut, key)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("it answers %d", status)
	}
	if err != nil {
		return fmt.Errorf("marking the memory of the emulator: %w", err)
	}
	return nil
}

// check returns errForgotten if the marker does not exist.
func (m *memory) check(ctx context.Context) error {
	status, err := m.ask(ctx, http.MethodHead, "")
	if err == nil && status == http.StatusNotFound {
		return errForgotten
	}
	return err
}

func (m *memory) ask(ctx context.Context, method, accessKey string) (int, error) {
	answer, err := m.client.Ask(ctx, asking.Question{
		Method: method, Host: "s3.amazonaws.com", Path: "/" + m.marker, Service: "s3", Region: defaultRegion, AccessKey: accessKey,
	})
	m.client.CloseIdleConnections()
	return answer.Status, err
}
