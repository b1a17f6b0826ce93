package front

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
)

// emulatedUser is how moto names a user that it doesn't know: as no ARN of AWS
// looks, since users are of IAM and not of STS.
var emulatedUser = regexp.MustCompile(`^arn:([\w-]+):sts::(\d{12}):user/`)

// userARN gives the ARN of a user the form that AWS gives it.
func userARN(arn string) string {
	return emulatedUser.ReplaceAllString(arn, "arn:$1:iam::$2:user/")
}

var emulatedUserElement = regexp.MustCompile(`<Arn>(arn:[\w-]+:sts::\d{12}:user/[^<]*)</Arn>`)

// amendIdentity corrects who the caller is in the answers to STS requests, so
// that programs and policies see the same ARN.
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

// sessionRole returns the name of the role whose session an ARN names, if it
// names one.
func sessionRole(arn string) (name string, ok bool) {
	_, session, ok := strings.Cut(arn, ":assumed-role/")
	name, _, _ = strings.Cut(session, "/")
	return name, ok
}
