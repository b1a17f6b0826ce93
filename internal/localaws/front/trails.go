package front

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// nameTrail replaces the ARN of a trail by its name in the requests of CloudTrail
// in which the emulator takes nothing but names. CloudTrail takes either.
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
		return nil // the emulator's to refuse, or a name
	}
	wanted.Name = wanted.Name[strings.LastIndex(wanted.Name, "/")+1:]
	if body, err = json.Marshal(wanted); err != nil {
		return fmt.Errorf("naming the trail: %w", err)
	}
	replaceRequest(r, body)
	return nil
}
