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

// strike lets faults hit a call to S3.
func (f *Front) strike(c *call) error {
	if !f.faults.Any() {
		return nil
	}
	region := f.buckets.get(c.bucket).region
	if region == "" {
		region = c.regionOrDefault()
	}
	err := f.faults.Strike(c.request.Context(), region, c.operation.name)
	var injected *faults.Injected
	if errors.As(err, &injected) {
		return &fault{injected.Status, injected.Code, injected.Message}
	}
	return err
}

// regionInHost finds the region in the host name of a service.
var regionInHost = regexp.MustCompile(`\.([a-z]{2}(?:-[a-z]+)+-\d+)\.`)

// serviceRegion is the region of a call to a service other than S3.
func serviceRegion(r *http.Request) string {
	if match := regionInHost.FindStringSubmatch(proxy.Hostname(r.Host)); match != nil {
		return match[1]
	}
	return "us-east-1" // where the services without a region are
}

// GreetingHeader marks requests that only ask whether the local AWS answers. It
// does, whatever it was told to do to others.
const GreetingHeader = "X-Crr-Greeting"

// strikeOther lets faults hit a call to another service, and tells whether one
// did.
func (f *Front) strikeOther(w http.ResponseWriter, r *http.Request) (struck bool, err error) {
	if !f.faults.Any() || r.Header.Get(GreetingHeader) != "" {
		return false, nil
	}
	api, err := apiOf(r)
	if err != nil {
		return false, err
	}
	err = f.faults.Strike(r.Context(), serviceRegion(r), api)
	var injected *faults.Injected
	if !errors.As(err, &injected) {
		return false, err
	}
	answerStrike(w, r, injected)
	return true, nil
}

// answerThrottled answers as services other than S3 do.
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
// https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html
func answerThrottled(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(proxy.Hostname(r.Host), "lambda.") {
		answerLambda(w, http.StatusTooManyRequests, "TooManyRequestsException", "Rate exceeded")
		return
	}
	answerRefused(w, r, badRequest("Throttling", "Rate exceeded"), badRequest("ThrottlingException", "Rate exceeded"))
}

// answerStrike answers in the protocol of the request.
func answerStrike(w http.ResponseWriter, r *http.Request, injected *faults.Injected) {
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
