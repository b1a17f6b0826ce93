package front

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
)

// defaultRotationDays is the default rotation period.
const defaultRotationDays = 365

// rotations are the rotation periods of keys, which the emulator drops, by host and
// key.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
type rotations struct {
	mu   sync.Mutex
	days map[string]int
}

func newRotations() *rotations { return &rotations{days: map[string]int{}} }

// rotationRequest has the fields of a KMS request that concern rotation.
type rotationRequest struct {
	KeyID  string `json:"KeyId"`
	Period *int   `json:"RotationPeriodInDays"`
}

// amendment returns the amendment of a response about rotation, or nil.
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
		return nil, nil // KMS itself rejects the request
	}
	key := host + "/" + asked.KeyID[strings.LastIndex(asked.KeyID, "/")+1:]
	if operation == "EnableKeyRotation" {
		return func(answer *http.Response) error { r.enabled(key, asked, answer); return nil }, nil
	}
	return func(answer *http.Response) error { return r.addPeriod(key, answer) }, nil
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

// addPeriod adds the period to the status of a rotation.
func (r *rotations) addPeriod(key string, answer *http.Response) error {
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
