package front

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/lambda"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// maxFunctionBytes limits requests with the code of a function: Lambda accepts 50
// MB, in base64.
const maxFunctionBytes = 70 << 20

// functionsPath is the path prefix of Lambda's API for functions.
const functionsPath = "/2015-03-31/functions"

// Run sets the service that runs Lambda functions. It must be called before the
// first request.
func (f *Front) Run(with *lambda.Service) { f.functions = with }

// serveFunctions handles function calls, and reports their code and the rules that
// call them to the service.
func (f *Front) serveFunctions(w http.ResponseWriter, r *http.Request) (served bool, err error) {
	host := proxy.Hostname(r.Host)
	switch {
	case f.functions == nil:
		return false, nil
	case strings.HasPrefix(host, "events."):
		return f.watchRules(w, r)
	case !strings.HasPrefix(host, "lambda.") || !strings.HasPrefix(r.URL.Path, functionsPath):
		return false, nil
	}
	name, rest, _ := strings.Cut(strings.Trim(strings.TrimPrefix(r.URL.Path, functionsPath), "/"), "/")
	switch {
	case r.Method == http.MethodPost && rest == "invocations":
		return true, f.invoke(w, r, name)
	case r.Method == http.MethodPost && name == "", r.Method == http.MethodPut && rest == "code":
		return true, f.watchCode(w, r, name)
	case r.Method == http.MethodGet && (rest == "" || rest == "configuration"), r.Method == http.MethodPut && rest == "configuration":
		return true, f.describeFunction(w, r, name)
	default:
		return false, nil
	}
}

// watchRules passes on a request to EventBridge, and notifies the service of
// changes.
func (f *Front) watchRules(w http.ResponseWriter, r *http.Request) (bool, error) {
	api, err := apiOf(r)
	if err != nil || hasHarmlessName(api) {
		return false, err
	}
	who, err := f.callers.of(r.Context(), parseCredential(r, r.URL.Query()))
	if err != nil {
		return false, err
	}
	f.forward(w, r, func(*http.Response) error {
		f.functions.RulesChanged(who.account, serviceRegion(r))
		return nil
	})
	return true, nil
}

// functionARN returns the ARN of a function given by name or ARN, with or without a
// version.
func functionARN(account, region, name string) string {
	if _, after, found := strings.Cut(name, ":function:"); found {
		name = after
	}
	name, _, _ = strings.Cut(name, ":")
	return "arn:aws:lambda:" + region + ":" + account + ":function:" + name
}

// watchCode passes on the creation or update of a function, and stores its code.
func (f *Front) watchCode(w http.ResponseWriter, r *http.Request, name string) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxFunctionBytes+1))
	if err != nil {
		return fmt.Errorf("reading the request: %w", err)
	}
	if len(body) > maxFunctionBytes {
		http.Error(w, `{"Type":"User","message":"Request must be smaller than 70167211 bytes for the operation"}`, http.StatusRequestEntityTooLarge)
		return nil
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	var asked struct {
		FunctionName string
		Code         functionCode
		functionCode
	}
	if json.Unmarshal(body, &asked) != nil {
		f.forward(w, r, nil) // Lambda itself rejects the request
		return nil
	}
	code := asked.functionCode
	if name == "" {
		name, code = asked.FunctionName, asked.Code
	}
	who, err := f.callers.of(r.Context(), parseCredential(r, r.URL.Query()))
	if err != nil {
		return err
	}
	f.forward(w, r, func(answer *http.Response) error {
		if answer.StatusCode >= http.StatusMultipleChoices {
			return nil
		}
		arn := functionARN(who.account, serviceRegion(r), name)
		f.logging.keep(arn, body)
		content, err := f.read(r.Context(), code)
		if err != nil {
			return err
		}
		if content != nil {
			f.functions.Keep(arn, content)
		}
		return f.logging.amend(arn, answer)
	})
	return nil
}

// describeFunction passes on a call that describes a function or changes its
// configuration.
func (f *Front) describeFunction(w http.ResponseWriter, r *http.Request, name string) error {
	if name == "" {
		f.forward(w, r, nil) // the list of all
		return nil
	}
	body, err := readRequest(r)
	if err != nil {
		return err
	}
	who, err := f.callers.of(r.Context(), parseCredential(r, r.URL.Query()))
	if err != nil {
		return err
	}
	arn := functionARN(who.account, serviceRegion(r), name)
	f.forward(w, r, func(answer *http.Response) error {
		if answer.StatusCode < http.StatusMultipleChoices {
			f.logging.keep(arn, body)
		}
		return f.logging.amend(arn, answer)
	})
	return nil
}

// functionCode is the location of a function's code.
type functionCode struct {
	ZipFile                          string
	S3Bucket, S3Key, S3ObjectVersion string
}

// read returns a zip file, or nil if there is none, as for images.
func (f *Front) read(ctx context.Context, code functionCode) ([]byte, error) {
	if code.S3Bucket == "" {
		return base64.StdEncoding.DecodeString(code.ZipFile)
	}
	host, path := emulator.ObjectAddress(code.S3Bucket, code.S3Key)
	status, body, err := f.backend.ask(ctx, emulator.Question{Method: http.MethodGet, Host: host, Path: path, Service: "s3", Region: "us-east-1"})
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("reading the code of the function: the emulator's S3 answers %d: %.200s", status, body)
	}
	return body, err
}

// invoke calls a function.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func (f *Front) invoke(w http.ResponseWriter, r *http.Request, name string) error {
	payload, err := readRequest(r)
	if err != nil {
		return err
	}
	who, err := f.callers.of(r.Context(), parseCredential(r, r.URL.Query()))
	if err != nil {
		return err
	}
	arn := functionARN(who.account, serviceRegion(r), name)
	switch r.Header.Get("X-Amz-Invocation-Type") {
	case "DryRun":
		w.WriteHeader(http.StatusNoContent)
		return nil
	case "Event":
		f.functions.Go(arn, payload)
		w.WriteHeader(http.StatusAccepted)
		return nil
	}
	result, err := f.functions.Invoke(r.Context(), arn, payload)
	var refused *lambda.RefusedError
	switch {
	case errors.Is(err, lambda.ErrNotFound):
		answerLambda(w, http.StatusNotFound, "ResourceNotFoundException", "Function not found: "+arn)
		return nil
	case errors.As(err, &refused):
		answerLambda(w, http.StatusBadGateway, "InvalidRuntimeException", refused.Error())
		return nil
	case err != nil:
		return err
	}
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	if result.Failed != "" {
		w.Header().Set("X-Amz-Function-Error", result.Failed)
	}
	if r.Header.Get("X-Amz-Log-Type") == "Tail" {
		w.Header().Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString(result.Printed))
	}
	writeBody(w, http.StatusOK, "application/json", result.Payload)
	return nil
}

func answerLambda(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("X-Amzn-Errortype", code)
	body, err := json.Marshal(map[string]string{"Type": "User", "Message": message})
	if err != nil {
		panic("front: strings always marshal: " + err.Error())
	}
	writeBody(w, status, "application/json", body)
}

// Trusts returns an error if a service may not assume a role.
func (f *Front) Trusts(ctx context.Context, service, roleARN string) error {
	parts := strings.Split(roleARN, ":")
	if len(parts) < 6 {
		return &lambda.RefusedError{Why: fmt.Sprintf("%q is not the ARN of a role", roleARN)}
	}
	accessKey, err := f.accounts.KeyOf(ctx, parts[4])
	if err != nil {
		return err
	}
	role, err := f.Role(ctx, accessKey, roleARN)
	if err != nil {
		return err
	}
	if role.Trust == nil {
		return &lambda.RefusedError{Why: "there is no role " + roleARN}
	}
	decision := policy.Evaluate(policy.Policies{Resource: role.Trust}, policy.Request{Principal: service, Action: "sts:AssumeRole", Resource: roleARN})
	if !decision.Allowed {
		return &lambda.RefusedError{Why: fmt.Sprintf("the role %s cannot be assumed by %s: %s", roleARN, service, decision)}
	}
	return nil
}
