package front

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// lockedOut is KMS's error for a key policy that its caller could not replace.
const lockedOut = `{"__type":"MalformedPolicyDocumentException",` +
	`"message":"The new key policy will not allow you to update the key policy in the future."}`

// keyPolicyRequest has the fields of a KMS request that concern the key policy.
type keyPolicyRequest struct {
	KeyID  string `json:"KeyId"`
	Policy string
	Bypass bool `json:"BypassPolicyLockoutSafetyCheck"`
}

// refuseLockout rejects a key policy that would not let the caller put another one,
// and reports whether it did. The emulator accepts any.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
func (f *Front) refuseLockout(w http.ResponseWriter, r *http.Request) (refused bool, err error) {
	api := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "TrentService.")
	if !strings.HasPrefix(proxy.Hostname(r.Host), "kms.") || (api != "PutKeyPolicy" && api != "CreateKey") {
		return false, nil
	}
	body, err := readRequest(r)
	if err != nil {
		return false, err
	}
	var asked keyPolicyRequest
	if json.Unmarshal(body, &asked) != nil || asked.Policy == "" || asked.Bypass {
		return false, nil
	}
	document, err := policy.Parse([]byte(asked.Policy))
	if err != nil {
		return false, nil //nolint:nilerr // KMS itself rejects the policy
	}
	if mayPut, err := f.mayPutKeyPolicy(r, asked.KeyID, document); mayPut || err != nil {
		return false, err
	}
	writeBody(w, http.StatusBadRequest, "application/x-amz-json-1.1", []byte(lockedOut))
	return true, nil
}

// mayPutKeyPolicy reports whether a key policy lets the caller put another one.
func (f *Front) mayPutKeyPolicy(r *http.Request, key string, document policy.Document) (bool, error) {
	who, err := f.callers.of(r.Context(), parseCredential(r, r.URL.Query()))
	if err != nil || who.anonymous() {
		return true, err // the emulator rejects unsigned requests
	}
	policies, err := f.policiesOf(r.Context(), who)
	if err != nil {
		return false, err
	}
	partition, _ := replication.PartitionOf(serviceRegion(r))
	id := key[strings.LastIndex(key, "/")+1:]
	decision := policy.Evaluate(
		policy.Policies{Identity: policies.policies, Boundary: policies.boundary, Resource: &document, KeyPolicy: true},
		policy.Request{
			Principal: who.arn, Action: "kms:PutKeyPolicy", ResourceAccount: who.account,
			Resource: "arn:" + partition.ID + ":kms:" + serviceRegion(r) + ":" + who.account + ":key/" + id,
		})
	return decision.Allowed, nil
}
