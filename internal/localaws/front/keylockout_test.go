package front

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

func TestKeyPoliciesThatLockTheirCallerOutAreRefused(t *testing.T) {
	t.Parallel()
	allowing := func(principal *policy.Principal, actions ...string) string {
		return policy.New(policy.Statement{Effect: policy.Allow, Principal: principal, Action: actions, Resource: policy.Values{"*"}}).JSON()
	}
	account := policy.AWS("arn:aws:iam::123456789012:root")
	cases := map[string]struct {
		policy  string
		caller  string
		bypass  bool
		refused bool
	}{
		"that leave it to the account's IAM":               {policy: allowing(account, "kms:*")},
		"that leave it to an IAM that does not allow it":   {policy: allowing(account, "kms:*"), caller: "ASIAREADER", refused: true},
		"that name the caller":                             {policy: allowing(policy.AWS("arn:aws:iam::123456789012:user/team/bob"), "kms:PutKeyPolicy"), caller: "AKIABOB"},
		"of statements for a replication role alone":       {policy: allowing(policy.AWS("arn:aws:iam::222222222222:role/r"), "kms:Encrypt"), refused: true},
		"that let the account use the key, and no more":    {policy: allowing(account, "kms:Encrypt"), refused: true},
		"by a caller who knows, and says so":               {policy: allowing(account, "kms:Encrypt"), bypass: true},
		"are no policies, which is the emulator's to tell": {policy: "{"},
		"are left out, for the default":                    {},
	}
	for name, c := range cases {
		for _, api := range []string{"PutKeyPolicy", "CreateKey"} {
			t.Run(api+" "+name, func(t *testing.T) {
				t.Parallel()
				l := newLab(t)
				people(l)
				body, err := json.Marshal(map[string]any{"KeyId": "k", "Policy": c.policy, "BypassPolicyLockoutSafetyCheck": c.bypass})
				require.NoError(t, err)
				w := l.ask("POST", "/", string(body), func(r *http.Request) {
					r.Host = "kms.us-east-1.amazonaws.com"
					r.Header.Set("X-Amz-Target", "TrentService."+api)
					if c.caller != "" {
						as(c.caller)(r)
					}
				})
				if !c.refused {
					assert.Len(t, l.emulator.Requests(), 1, "the emulator decides the rest")
					return
				}
				assert.Equal(t, http.StatusBadRequest, w.Code)
				assert.Contains(t, w.Body.String(), "MalformedPolicyDocumentException")
				assert.Empty(t, l.emulator.Requests())
			})
		}
	}
}
