package serve

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// timeoutKey is where Terraform's SDK keeps the timeouts of a resource in its
// private data. Resources that are written with the newer plugin framework look
// elsewhere and keep their own.
const timeoutKey = "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0"

// setTimeout makes limit the timeout of the change, whichever kind it is.
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
