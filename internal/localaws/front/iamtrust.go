package front

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
)

// refuseMalformedTrust rejects trust policies that are not JSON, and reports whether
// it did. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
func refuseMalformedTrust(w http.ResponseWriter, r *http.Request) (bool, error) {
	if !strings.HasPrefix(proxy.Hostname(r.Host), "iam.") {
		return false, nil
	}
	form, err := formOf(r)
	if err != nil {
		return false, err
	}
	var document string
	switch form.Get("Action") {
	case "CreateRole":
		document = form.Get("AssumeRolePolicyDocument")
	case "UpdateAssumeRolePolicy":
		document = form.Get("PolicyDocument")
	default:
		return false, nil
	}
	var object map[string]any
	if json.Unmarshal([]byte(document), &object) == nil {
		return false, nil
	}
	malformed := badRequest("MalformedPolicyDocument", "This policy contains invalid Json")
	answerRefused(w, r, malformed, malformed)
	return true, nil
}
