package front

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// nameTrail replaces the ARN of a trail by its name in CloudTrail requests for which
// the emulator accepts only names. CloudTrail accepts both.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html
func nameTrail(r *http.Request) error {
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "CloudTrail_20131101.")
	if action != "StartLogging" && action != "StopLogging" && action != "DeleteTrail" {
		return nil
	}
	body, err := readRequest(r)
	if err != nil {
		return err
	}
	var wanted struct{ Name string }
	if json.Unmarshal(body, &wanted) != nil || !strings.HasPrefix(wanted.Name, "arn:") {
		return nil // a name, or rejected by the emulator
	}
	wanted.Name = wanted.Name[strings.LastIndex(wanted.Name, "/")+1:]
	if body, err = json.Marshal(wanted); err != nil {
		return fmt.Errorf("naming the trail: %w", err)
	}
	replaceRequest(r, body)
	return nil
}
