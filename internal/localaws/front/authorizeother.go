package front

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/actions"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// authorizeOther rejects a call to a service other than S3 that the caller's
// policies don't allow, and reports whether it did. Administrators and callers
// unknown to IAM may do everything, as in [Front.policiesOf].
//
// The policies of topics, queues and functions are not evaluated: within an account
// the caller's own policies must allow the call, and across accounts the local AWS
// checks only the caller's policies.
func (f *Front) authorizeOther(w http.ResponseWriter, r *http.Request) (refused bool, err error) {
	who, err := f.callers.of(r.Context(), parseCredential(r, r.URL.Query()))
	if err != nil || who.anonymous() || who.administers(who.account) {
		return false, err
	}
	has, err := f.policiesOf(r.Context(), who)
	if err != nil || has.arn == "" {
		return false, err
	}
	needs, err := f.needs(r, who)
	if err != nil {
		return false, err
	}
	for _, need := range needs {
		decision, err := f.decide(r, who, has, need)
		if err != nil {
			return false, err
		}
		if !decision.Allowed {
			answerDenied(w, r, deniedMessage(who, need.Action, need.Resource, decision))
			return true, nil
		}
	}
	return false, nil
}

func (f *Front) needs(r *http.Request, who caller) ([]actions.Need, error) {
	body, err := readLimited(r, maxFunctionBytes)
	if err != nil {
		return nil, err
	}
	api, err := apiOf(r)
	if err != nil {
		return nil, err
	}
	at := actions.Place{Partition: servicePartition(r), Region: serviceRegion(r), Account: who.account}
	return actions.Needs(actions.Call{
		Host: proxy.Hostname(r.Host), API: api, Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header, Body: body,
	}, at, names{r.Context(), f, who, at}), nil
}

// servicePartition returns the partition of a call, even if its host has no region,
// as in iam.us-gov.amazonaws.com.
func servicePartition(r *http.Request) string {
	if strings.HasPrefix(proxy.Hostname(r.Host), "iam.us-gov.") {
		return "aws-us-gov"
	}
	partition, _ := replication.PartitionOf(serviceRegion(r))
	return partition.ID
}

// names resolves names in a call with the emulator.
type names struct {
	ctx context.Context //nolint:containedctx // it lives as long as one request
	f   *Front
	who caller
	at  actions.Place
}

func (n names) Role(name string) string {
	details, err := n.f.accountDetails(n.ctx, n.who.accessKey)
	if err != nil {
		return ""
	}
	for _, role := range details.Roles {
		if role.RoleName == name {
			return role.ARN
		}
	}
	return ""
}

func (n names) Key(name string) string {
	key, err := emulator.DescribeKey(n.ctx, n.f.backend.client, n.f.accounts, name, n.at.Region, n.at.Account)
	if err != nil || key == nil {
		return ""
	}
	return key.ARN
}

// decide evaluates the caller's policies, and those of keys and roles, which also
// have to allow the call.
func (f *Front) decide(r *http.Request, who caller, has callerPolicies, need actions.Need) (policy.Decision, error) {
	policies := policy.Policies{Identity: has.policies, Boundary: has.boundary}
	owner := who.account
	if account := awsid.AccountOf(need.Resource); account != "" {
		owner = account
	}
	var err error
	switch {
	case strings.HasPrefix(need.Action, "kms:") && strings.Contains(need.Resource, ":key/"):
		policies.Resource, policies.KeyPolicy, err = f.keyPolicy(r.Context(), need.Resource)
	case need.Action == "sts:AssumeRole":
		policies.Resource, err = f.trust(r.Context(), who, need.Resource)
	}
	if err != nil {
		return policy.Decision{}, err
	}
	keys := map[string][]string{
		"aws:SecureTransport": {"true"}, "aws:ViaAWSService": {"false"}, "aws:CurrentTime": {time.Now().UTC().Format(time.RFC3339)},
		"aws:RequestedRegion": {serviceRegion(r)}, "aws:PrincipalArn": {has.arn}, "aws:userid": {who.userID},
	}
	for key, values := range need.Context {
		keys[key] = values
	}
	decision := policy.Evaluate(policies, policy.Request{
		Principal: who.arn, Action: need.Action, Resource: need.Resource, ResourceAccount: owner, Context: keys,
	})
	f.record(who, has, need.Action, need.Resource, decision)
	return decision, nil
}

// keyPolicy returns the policy of a key, or nil for a key that does not exist yet.
func (f *Front) keyPolicy(ctx context.Context, arn string) (*policy.Document, bool, error) {
	key, err := emulator.DescribeKey(ctx, f.backend.client, f.accounts, arn, "", "")
	if err != nil || key == nil || key.Policy == nil {
		return nil, false, err
	}
	return key.Policy, true, nil
}

// trust returns the trust policy of a role. A role that does not exist trusts
// everyone, as in the emulator.
func (f *Front) trust(ctx context.Context, who caller, arn string) (*policy.Document, error) {
	accessKey, err := f.accounts.KeyOf(ctx, awsid.AccountOf(arn))
	if err != nil {
		return nil, err
	}
	role, err := f.Role(ctx, accessKey, arn)
	if err != nil || role.Trust != nil {
		return role.Trust, err
	}
	anyone := policy.New(policy.Statement{Effect: policy.Allow, Principal: policy.AWS(who.account), Action: policy.Values{"sts:AssumeRole"}})
	return &anyone, nil
}

// record logs the decision for a caller that is not an administrator, so that a
// policy that is too narrow can be completed.
func (f *Front) record(who caller, has callerPolicies, action, resource string, decision policy.Decision) {
	if has.arn == "" {
		return
	}
	f.log.Info("authorization", "principal", who.arn, "action", action, "resource", resource, "allowed", decision.Allowed, "reason", string(decision.Reason))
}

// deniedMessage is the message of all services.
func deniedMessage(who caller, action, resource string, decision policy.Decision) string {
	return fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s %s", who.arn, action, resource, whyDenied(action, decision))
}

// answerDenied writes an error in the protocol of the request, with the service's
// code and status.
func answerDenied(w http.ResponseWriter, r *http.Request, message string) {
	w.Header().Set("X-Amzn-Requestid", "00000000-0000-0000-0000-000000000000")
	host := proxy.Hostname(r.Host)
	switch {
	case strings.HasPrefix(host, "lambda."):
		w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
		writeJSON(w, http.StatusForbidden, "application/json", map[string]string{"Message": message})
	case r.Header.Get("X-Amz-Target") != "":
		writeJSON(w, http.StatusBadRequest, "application/x-amz-json-1.1", map[string]string{"__type": "AccessDeniedException", "message": message, "Message": message})
	default:
		code := "AccessDenied"
		if strings.HasPrefix(host, "sns.") {
			code = "AuthorizationError"
		}
		writeXML(w, http.StatusForbidden, struct {
			XMLName struct{} `xml:"ErrorResponse"`
			Type    string   `xml:"Error>Type"`
			Code    string   `xml:"Error>Code"`
			Message string   `xml:"Error>Message"`
		}{Type: "Sender", Code: code, Message: message})
	}
}

func writeJSON(w http.ResponseWriter, status int, contentType string, document any) {
	body, err := json.Marshal(document)
	if err != nil {
		panic("front: strings always marshal: " + err.Error())
	}
	writeBody(w, status, contentType, body)
}

// checkPassRole checks whether the caller may pass the role of a replication
// configuration to S3.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
func (f *Front) checkPassRole(c *call) error {
	if c.operation.name != "PutBucketReplication" || c.policies.arn == "" {
		return nil
	}
	body, err := c.readBody()
	if err != nil {
		return err
	}
	var configuration struct{ Role string }
	if xml.Unmarshal(body, &configuration) != nil {
		return nil // S3 itself rejects the request
	}
	need := actions.PassToS3(configuration.Role)
	decision, err := f.decide(c.request, c.caller, c.policies, need)
	if err == nil && !decision.Allowed {
		return accessDenied(deniedMessage(c.caller, need.Action, need.Resource, decision))
	}
	return err
}
