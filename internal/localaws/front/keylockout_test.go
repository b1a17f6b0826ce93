package front

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

func TestKeyPoliciesThatLockTheirCallerOutAreRefused(t *testing.T) {
	t.Parallel()
	rule := func(principal *policy.Principal, actions ...string) string {
		return policy.New(policy.Statement{Effect: policy.Allow, Principal: principal, Action: actions, Resource: policy.Values{"*"}}).JSON()
	}
	account := policy.AWS("arn:aws:iam::123456789012:root")
	cases := map[string]struct {
		policy  string
		caller  string
		bypass  bool
		refused bool
	}{
		"that leave it to the account's IAM":             {policy: rule(account, "kms:*")},
		"that leave it to an IAM that does not allow it": {policy: rule(account, "kms:*"), caller: "ASIAREADER", refused: true},
		"that name the caller":                           {policy: rule(policy.AWS("arn:aws:iam::123456789012:user/team/bob"), "kms:PutKeyPolicy"), caller: "AKIABOB"},
		"of statements for a replication role alone":     {policy: rule(policy.AWS("arn:aws:iam::222222222222:role/r"), "kms:Encrypt"), refused: true},
		"that let the account use the key, and no more":  {policy: rule(account, "kms:Encrypt"), refused: true},
		"by a caller who knows, and says so":             {policy: rule(account, "kms:Encrypt"), bypass: true},
		"are no policies, which the emulator rejects":    {policy: "{"},
		"are left out, for the default":                  {},
	}
	for name, c := range cases {
		for _, api := range []string{"PutKeyPolicy", "CreateKey"} {
			t.Run(api+" "+name, func(t *testing.T) {
				t.Parallel()
				l := newLab(t)
				people(l)
				// They may make keys, and replace the policy of this one.
				l.emulator.IAM = strings.ReplaceAll(l.emulator.IAM, allowing("s3:GetObject"), allowing("kms:CreateKey"))
				l.emulator.IAM = strings.ReplaceAll(l.emulator.IAM, allowing("s3:PutObject"), allowing("kms:CreateKey"))
				l.emulator.IAM = strings.ReplaceAll(l.emulator.IAM, url.QueryEscape("s3:*t*"), url.QueryEscape("kms:CreateKey"))
				l.emulator.KeyPolicy = rule(policy.AWS("arn:aws:iam::123456789012:user/team/bob",
					"arn:aws:sts::123456789012:assumed-role/reader/me"), "kms:PutKeyPolicy")
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
