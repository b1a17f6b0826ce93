package serve

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// timeoutKey is the key of a resource's timeouts in the private data of Terraform's
// SDK. Resources of the newer plugin framework keep their timeouts elsewhere.
const timeoutKey = "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0"

// setTimeout sets the timeout of all kinds of changes to limit.
func setTimeout(req *tfprotov6.ApplyResourceChangeRequest, limit time.Duration) error {
	if limit <= 0 {
		return nil
	}
	private := map[string]json.RawMessage{}
	if len(req.PlannedPrivate) > 0 {
		if err := json.Unmarshal(req.PlannedPrivate, &private); err != nil {
			return fmt.Errorf("private data of a planned %s: %w", req.TypeName, err)
		}
	}
	times, err := json.Marshal(map[string]time.Duration{"create": limit, "update": limit, "delete": limit})
	if err != nil {
		return err
	}
	private[timeoutKey] = times
	req.PlannedPrivate, err = json.Marshal(private)
	return err
}
