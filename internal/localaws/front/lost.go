package front

import (
	"net/http"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
)

// Lost answers every call that the local AWS has lost what it kept, as an error
// of the client: SDKs don't repeat those, while they repeat a server's for minutes.
func Lost(reason error) http.Handler {
	injected := &faults.Injected{
		Status: http.StatusBadRequest, Code: "LocalAWSLost",
		Message: "crr local AWS: " + reason.Error() + "; everything it kept is lost: `make up` or `crr local start` starts the local AWS anew",
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target, ok := parseTarget(r)
		if !ok {
			answerStrike(w, r, injected)
			return
		}
		newCall(r, target).refuse(w, nil, &fault{injected.Status, injected.Code, injected.Message})
	})
}
