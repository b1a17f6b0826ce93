package front

import (
	"net/http"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
)

// Lost responds to every call that the local AWS has lost its data. It is a client
// error, because SDKs retry server errors for minutes.
func Lost(reason error) http.Handler {
	injected := &faults.Injected{
		Status: http.StatusBadRequest, Code: "LocalAWSLost",
		Message: "crr local AWS: " + reason.Error() + "; everything it kept is lost: `make up` or `crr local start` starts the local AWS anew",
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target, ok := parseTarget(r)
		if !ok {
			answerInjected(w, r, injected)
			return
		}
		newCall(r, target).refuse(w, nil, &fault{injected.Status, injected.Code, injected.Message})
	})
}
