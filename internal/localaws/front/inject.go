package front

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
)

// inject injects the active faults into a call to S3.
func (f *Front) inject(c *call) error {
	if !f.faults.Any() {
		return nil
	}
	region := f.buckets.get(c.bucket).region
	if region == "" {
		region = c.regionOrDefault()
	}
	err := f.faults.Inject(c.request.Context(), region, c.operation.name)
	var injected *faults.Injected
	if errors.As(err, &injected) {
		return &fault{injected.Status, injected.Code, injected.Message}
	}
	return err
}

// regionInHost finds the region in the host name of a service.
var regionInHost = regexp.MustCompile(`\.([a-z]{2}(?:-[a-z]+)+-\d+)\.`)

// serviceRegion returns the region of a call to a service other than S3.
func serviceRegion(r *http.Request) string {
	if match := regionInHost.FindStringSubmatch(proxy.Hostname(r.Host)); match != nil {
		return match[1]
	}
	return "us-east-1" // services without a region
}

// GreetingHeader marks health checks of the local AWS. Faults don't affect them.
const GreetingHeader = "X-Crr-Greeting"

// injectOther injects the active faults into a call to another service, and reports
// whether one has responded.
func (f *Front) injectOther(w http.ResponseWriter, r *http.Request) (responded bool, err error) {
	if !f.faults.Any() || r.Header.Get(GreetingHeader) != "" {
		return false, nil
	}
	api, err := apiOf(r)
	if err != nil {
		return false, err
	}
	err = f.faults.Inject(r.Context(), serviceRegion(r), api)
	var injected *faults.Injected
	if !errors.As(err, &injected) {
		return false, err
	}
	answerInjected(w, r, injected)
	return true, nil
}

// answerThrottled writes the throttling error of services other than S3.
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
// https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html
func answerThrottled(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(proxy.Hostname(r.Host), "lambda.") {
		answerLambda(w, http.StatusTooManyRequests, "TooManyRequestsException", "Rate exceeded")
		return
	}
	answerRefused(w, r, badRequest("Throttling", "Rate exceeded"), badRequest("ThrottlingException", "Rate exceeded"))
}

// answerInjected writes an injected error in the protocol of the request.
func answerInjected(w http.ResponseWriter, r *http.Request, injected *faults.Injected) {
	if injected.Code == "SlowDown" {
		answerThrottled(w, r)
		return
	}
	if r.Header.Get("X-Amz-Target") == "" {
		writeXML(w, injected.Status, struct {
			XMLName struct{} `xml:"ErrorResponse"`
			Code    string   `xml:"Error>Code"`
			Message string   `xml:"Error>Message"`
		}{Code: injected.Code, Message: injected.Message})
		return
	}
	body, err := json.Marshal(map[string]string{"__type": injected.Code, "message": injected.Message})
	if err != nil {
		panic("front: strings always marshal: " + err.Error())
	}
	writeBody(w, injected.Status, "application/x-amz-json-1.1", body)
}
