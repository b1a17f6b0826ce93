package front

import (
	"net/http"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
)

// Alarm sets the service that handles calls to CloudWatch about alarms. It must be
// called before the first request.
func (f *Front) Alarm(with *alarms.Service) { f.alarms = with }

// serveAlarms handles a request if it is about alarms, and reports the metrics that
// clients put to the service.
func (f *Front) serveAlarms(w http.ResponseWriter, r *http.Request) (served bool, err error) {
	if f.alarms == nil || !strings.HasPrefix(proxy.Hostname(r.Host), "monitoring.") {
		return false, nil
	}
	api, err := apiOf(r)
	if err != nil || (api != "PutMetricData" && !f.alarms.Answers(api)) {
		return false, err
	}
	body, err := readRequest(r)
	if err != nil {
		return false, err
	}
	who, err := f.callers.of(r.Context(), parseCredential(r, r.URL.Query()))
	if err != nil {
		return false, err
	}
	place := alarms.Place{Account: who.account, Region: serviceRegion(r)}
	if api != "PutMetricData" {
		f.alarms.Answer(w, place, api, r.Header, body)
		return true, nil
	}
	f.forward(w, r, func(answer *http.Response) error {
		if answer.StatusCode == http.StatusOK {
			return f.alarms.Observe(place, r.Header, body)
		}
		return nil
	})
	return true, nil
}
