package front

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// reachForeignKey handles requests for keys of other accounts, which the emulator
// isolates: as in KMS, a caller can use such a key if its policy and the caller's
// policies allow it. It reports whether it has responded.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
func (f *Front) reachForeignKey(w http.ResponseWriter, r *http.Request) (answered bool, err error) {
	operation, ofKMS := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "TrentService.")
	if !ofKMS || !strings.HasPrefix(proxy.Hostname(r.Host), "kms.") {
		return false, nil
	}
	body, err := readRequest(r)
	if err != nil {
		return false, err
	}
	var asked struct {
		KeyID string `json:"KeyId"`
	}
	if json.Unmarshal(body, &asked) != nil || awsid.AccountOf(asked.KeyID) == "" {
		return false, nil // a key of the caller's own account
	}
	who, err := f.callers.of(r.Context(), parseCredential(r, r.URL.Query()))
	account := awsid.AccountOf(asked.KeyID)
	if err != nil || who.anonymous() || who.account == account {
		return false, err
	}
	key, err := emulator.DescribeKey(r.Context(), f.backend.client, f.accounts, asked.KeyID, "", "")
	if err != nil || key == nil {
		return false, err
	}
	policies, err := f.policiesOf(r.Context(), who)
	if err != nil {
		return false, err
	}
	decision := policy.Evaluate(
		policy.Policies{Identity: policies.policies, Boundary: policies.boundary, Resource: key.Policy, KeyPolicy: true},
		policy.Request{Principal: who.arn, Action: "kms:" + operation, Resource: key.ARN, ResourceAccount: account})
	if !decision.Allowed {
		answer, err := json.Marshal(map[string]string{
			"__type":  "AccessDeniedException",
			"message": fmt.Sprintf("User: %s is not authorized to perform: kms:%s on resource: %s", who.arn, operation, key.ARN),
		})
		if err != nil {
			return false, fmt.Errorf("refusing the key of another account: %w", err)
		}
		writeBody(w, http.StatusBadRequest, "application/x-amz-json-1.1", answer)
		return true, nil
	}
	owner, err := f.accounts.KeyOf(r.Context(), account)
	if err != nil {
		return false, err
	}
	r.Header.Set("Authorization", emulator.Authorization(owner, serviceRegion(r), "kms"))
	return false, nil
}
