package lambda

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
)

// ErrNotFound is returned for a function that does not exist.
var ErrNotFound = errors.New("there is no such function")

// configuration has the fields of a function's configuration that are used here.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
type configuration struct {
	FunctionName, Runtime, Handler, Role, Version string
	Timeout, MemorySize                           int
	Environment                                   struct{ Variables map[string]string }
}

func (s *Service) configuration(ctx context.Context, functionARN string) (c configuration, err error) {
	region, account, err := place(functionARN)
	if err != nil {
		return c, err
	}
	accessKey, err := s.accounts.KeyOf(ctx, account)
	if err != nil {
		return c, err
	}
	name := functionARN[strings.LastIndex(functionARN, ":")+1:]
	answer, err := s.client.Ask(ctx, emulator.Question{
		Method: http.MethodGet, Host: "lambda." + region + ".amazonaws.com", Path: "/2015-03-31/functions/" + name + "/configuration",
		Service: "lambda", Region: region, AccessKey: accessKey,
	})
	switch {
	case err != nil:
		return c, err
	case answer.Status == http.StatusNotFound:
		return c, fmt.Errorf("%s: %w", functionARN, ErrNotFound)
	case answer.Status != http.StatusOK:
		return c, answer.Unexpected("Lambda")
	}
	if err := json.Unmarshal(answer.Body, &c); err != nil {
		return c, fmt.Errorf("reading the configuration of %s: %w", functionARN, err)
	}
	return c, nil
}

// credentials returns credentials of the function's role.
func (s *Service) credentials(ctx context.Context, c *configuration) ([]string, error) {
	if err := s.options.Trust(ctx, c.Role); err != nil {
		return nil, err
	}
	_, account, err := place(c.Role)
	if err != nil {
		return nil, err
	}
	accessKey, err := s.accounts.KeyOf(ctx, account)
	if err != nil {
		return nil, err
	}
	answer, err := s.client.Ask(ctx, emulator.Question{
		Method: http.MethodPost, Host: "sts.us-east-1.amazonaws.com", Path: "/", Service: "sts", Region: "us-east-1", AccessKey: accessKey,
		Form: url.Values{"Action": {"AssumeRole"}, "Version": {"2011-06-15"}, "RoleArn": {c.Role}, "RoleSessionName": {c.FunctionName}},
	})
	if err != nil {
		return nil, err
	}
	var assumed struct {
		AccessKeyID     string `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
		SecretAccessKey string `xml:"AssumeRoleResult>Credentials>SecretAccessKey"`
		SessionToken    string `xml:"AssumeRoleResult>Credentials>SessionToken"`
	}
	if answer.Status != http.StatusOK || xml.Unmarshal(answer.Body, &assumed) != nil {
		return nil, answer.Unexpected("STS")
	}
	if s.options.Learn != nil {
		if err := s.options.Learn(answer.Body); err != nil {
			return nil, err
		}
	}
	return []string{
		"AWS_ACCESS_KEY_ID=" + assumed.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + assumed.SecretAccessKey, "AWS_SESSION_TOKEN=" + assumed.SessionToken,
	}, nil
}

// environment returns the environment of a call: the local AWS's, the function's
// own, and Lambda's.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func (s *Service) environment(ctx context.Context, functionARN string, c *configuration, api, root string) ([]string, error) {
	credentials, err := s.credentials(ctx, c)
	if err != nil {
		return nil, err
	}
	region, _, err := place(functionARN)
	if err != nil {
		return nil, err
	}
	variables := append(s.options.Environment(), "PATH=/usr/local/bin:/usr/bin:/bin", "TZ=:UTC", "LANG=en_US.UTF-8")
	for name, value := range c.Environment.Variables {
		variables = append(variables, name+"="+value)
	}
	variables = append(variables, credentials...)
	return append(variables,
		"AWS_REGION="+region, "AWS_DEFAULT_REGION="+region, "AWS_LAMBDA_RUNTIME_API="+api, "LAMBDA_TASK_ROOT="+root, "_HANDLER="+c.Handler,
		"AWS_LAMBDA_FUNCTION_NAME="+c.FunctionName, "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		fmt.Sprintf("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=%d", c.MemorySize), "AWS_EXECUTION_ENV=AWS_Lambda_"+c.Runtime,
	), nil
}
