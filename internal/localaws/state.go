package localaws

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// state is the state file of a running daemon.
type state struct {
	Instance  string    `json:"instance"`
	Daemon    processID `json:"daemon"`
	Moto      processID `json:"moto"`
	Command   string    `json:"command,omitempty"`
	Backend   string    `json:"backend"`
	External  bool      `json:"external"`
	Proxy     string    `json:"proxy"`
	Control   string    `json:"control"`
	StartedAt time.Time `json:"startedAt"`
	Access    access    `json:"access"`
	// Build is the build of the running program, see [buildOfThis].
	Build            string        `json:"build"`
	ReplicationDelay time.Duration `json:"replicationDelay"`
	AlarmMinute      time.Duration `json:"alarmMinute"`
	Harsh            bool          `json:"harsh"`
}

// readState returns the state, which is zero if there is none.
func readState(l layout) (state, error) {
	text, err := os.ReadFile(l.stateFile())
	if errors.Is(err, fs.ErrNotExist) {
		return state{}, nil
	}
	if err != nil {
		return state{}, fmt.Errorf("reading the state of the local AWS: %w", err)
	}
	var s state
	if err := json.Unmarshal(text, &s); err != nil {
		return state{}, fmt.Errorf("reading the state of the local AWS in %s: %w", l.stateFile(), err)
	}
	return s, nil
}

func (s state) write(l layout) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the state of the local AWS: %w", err)
	}
	if err := replaceFile(l.stateFile(), append(text, '\n')); err != nil {
		return fmt.Errorf("writing the state of the local AWS: %w", err)
	}
	return nil
}

func removeState(l layout) error {
	return removeFile(l.stateFile())
}

// lastPort returns the proxy's last port, or 0.
func lastPort(l layout) int {
	text, err := os.ReadFile(l.portFile())
	if err != nil {
		return 0
	}
	port, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || port < 0 || port > 1<<16-1 {
		return 0
	}
	return port
}

func keepPort(l layout, port int) error {
	if err := replaceFile(l.portFile(), []byte(strconv.Itoa(port)+"\n")); err != nil {
		return fmt.Errorf("keeping the proxy's port: %w", err)
	}
	return nil
}
