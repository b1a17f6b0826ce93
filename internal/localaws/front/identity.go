package front

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
)

// emulatedUser matches moto's ARN for an unknown user. It differs from AWS's, where
// users belong to IAM and not to STS.
var emulatedUser = regexp.MustCompile(`^arn:([\w-]+):sts::(\d{12}):user/`)

// userARN converts the ARN of a user to AWS's format.
func userARN(arn string) string {
	return emulatedUser.ReplaceAllString(arn, "arn:$1:iam::$2:user/")
}

var emulatedUserElement = regexp.MustCompile(`<Arn>(arn:[\w-]+:sts::\d{12}:user/[^<]*)</Arn>`)

// amendIdentity corrects the caller's ARN in STS responses, so that programs and
// policies see the same ARN.
func amendIdentity(r *http.Request) amendment {
	if !strings.HasPrefix(proxy.Hostname(r.Host), "sts.") {
		return nil
	}
	return func(answer *http.Response) error {
		body, err := readAnswer(answer)
		if err != nil {
			return err
		}
		replaceAnswer(answer, emulatedUserElement.ReplaceAllFunc(body, func(element []byte) []byte {
			arn := emulatedUserElement.FindSubmatch(element)[1]
			return []byte("<Arn>" + userARN(string(arn)) + "</Arn>")
		}))
		return nil
	}
}

// sessionRole returns the name of the role in the ARN of a session.
func sessionRole(arn string) (name string, ok bool) {
	_, session, ok := strings.Cut(arn, ":assumed-role/")
	name, _, _ = strings.Cut(session, "/")
	return name, ok
}
