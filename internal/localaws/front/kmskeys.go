package front

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// keyStates are the operations of KMS that change the state of a key.
var keyStates = map[string]bool{"EnableKey": true, "DisableKey": true, "ScheduleKeyDeletion": true, "CancelKeyDeletion": true}

// nameKey replaces the ARN of a key by its id in KMS requests for which the emulator
// accepts only ids. KMS accepts both.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html
func nameKey(r *http.Request) error {
	operation, ofKMS := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "TrentService.")
	if !ofKMS || !keyStates[operation] {
		return nil
	}
	body, err := readRequest(r)
	if err != nil {
		return err
	}
	var wanted map[string]any
	if json.Unmarshal(body, &wanted) != nil {
		return nil // KMS itself rejects the request
	}
	arn, _ := wanted["KeyId"].(string)
	_, id, isARN := strings.Cut(arn, ":key/")
	if !isARN {
		return nil
	}
	wanted["KeyId"] = id
	if body, err = json.Marshal(wanted); err != nil {
		return fmt.Errorf("naming the key: %w", err)
	}
	replaceRequest(r, body)
	return nil
}
