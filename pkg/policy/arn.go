package policy

import "strings"

// arnParts is how many colon-delimited components an ARN has; only the last, the resource, may contain colons.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
const arnParts = 6

// The components of an ARN by position.
const (
	arnPartition = 1
	arnService   = 2
	arnRegion    = 3
	arnAccount   = 4
	arnResource  = 5
)

// splitARN cuts an ARN into its components. It reports false for anything that is not an ARN.
func splitARN(text string) (parts [arnParts]string, ok bool) {
	if !strings.HasPrefix(text, "arn:") {
		return parts, false
	}
	return splitComponents(text)
}

// splitComponents cuts a text at its first five colons.
func splitComponents(text string) (parts [arnParts]string, ok bool) {
	for i := range arnParts - 1 {
		end := strings.IndexByte(text, ':')
		if end < 0 {
			return parts, false
		}
		parts[i], text = text[:end], text[end+1:]
	}
	parts[arnResource] = text
	return parts, true
}

// isAccountID reports whether a text is an account id: twelve digits.
func isAccountID(text string) bool {
	if len(text) != 12 {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// lastSegment is the name at the end of a path: "app" of "service-role/app".
func lastSegment(path string) string {
	return path[strings.LastIndexByte(path, '/')+1:]
}
