package front

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
)

// defaultRotationDays is the period of a rotation that names none.
const defaultRotationDays = 365

// rotations are the periods of key rotation that the emulator forgets, by host
// and key. https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
type rotations struct {
	mu   sync.Mutex
	days map[string]int
}

func newRotations() *rotations { return &rotations{days: map[string]int{}} }

// rotationRequest is as much of a KMS request as concerns rotation.
type rotationRequest struct {
	KeyID  string `json:"KeyId"`
	Period *int   `json:"RotationPeriodInDays"`
}

// amendment is that of the answer to a KMS request about rotation, or nil.
func (r *rotations) amendment(request *http.Request) (amendment, error) {
	host := proxy.Hostname(request.Host)
	operation := strings.TrimPrefix(request.Header.Get("X-Amz-Target"), "TrentService.")
	if !strings.HasPrefix(host, "kms") || (operation != "EnableKeyRotation" && operation != "GetKeyRotationStatus") {
		return nil, nil
	}
	body, err := readRequest(request)
	if err != nil {
		return nil, err
	}
	var asked rotationRequest
	if json.Unmarshal(body, &asked) != nil {
		return nil, nil // KMS refuses the request itself
	}
	key := host + "/" + asked.KeyID[strings.LastIndex(asked.KeyID, "/")+1:]
	if operation == "EnableKeyRotation" {
		return func(answer *http.Response) error { r.enabled(key, asked, answer); return nil }, nil
	}
	return func(answer *http.Response) error { return r.tell(key, answer) }, nil
}

func (r *rotations) enabled(key string, asked rotationRequest, answer *http.Response) {
	if answer.StatusCode != http.StatusOK {
		return
	}
	days := defaultRotationDays
	if asked.Period != nil {
		days = *asked.Period
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.days[key] = days
}

// tell adds the period to the status of a rotation.
func (r *rotations) tell(key string, answer *http.Response) error {
	if answer.StatusCode != http.StatusOK {
		return nil
	}
	body, err := readAnswer(answer)
	if err != nil {
		return err
	}
	var status map[string]any
	if err := json.Unmarshal(body, &status); err != nil {
		return fmt.Errorf("reading the status of a key's rotation: %w", err)
	}
	if status["KeyRotationEnabled"] == true {
		r.mu.Lock()
		days, known := r.days[key]
		r.mu.Unlock()
		if !known {
			days = defaultRotationDays
		}
		status["RotationPeriodInDays"] = days
	}
	if body, err = json.Marshal(status); err != nil {
		return fmt.Errorf("writing the status of a key's rotation: %w", err)
	}
	replaceAnswer(answer, body)
	return nil
}
