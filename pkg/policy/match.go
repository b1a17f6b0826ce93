package policy

import (
	"strings"
	"unicode/utf8"
)

// quote, in a pattern, makes the byte after it literal. It stands before wildcards that came out of a policy
// variable. The byte never occurs in UTF-8, so no document can contain it.
const quote = 0xFF

// sensitivity selects whether letter case matters in a match.
type sensitivity bool

const (
	caseSensitive   sensitivity = true
	caseInsensitive sensitivity = false
)

// matchAction reports whether an action pattern covers an action. Actions are compared without case.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
func matchAction(pattern, action string) bool {
	return glob(pattern, action, caseInsensitive) && isAction(pattern)
}

// matchResource reports whether a resource pattern covers an ARN. An asterisk may stand for anything, slashes and
// colons too: "If a * wildcard is the last character of a resource ARN segment, it can expand to match beyond the
// colon boundaries."
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func matchResource(pattern, arn string) bool {
	return glob(pattern, arn, caseSensitive)
}

// matchIncomplete reports whether an ARN with fewer than six components covers another: "AWS automatically completes the
// ARN by adding wildcard characters (*) to all missing fields."
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
func matchIncomplete(pattern, arn string) bool {
	colons := strings.Count(pattern, ":")
	if colons >= arnParts-1 || !strings.HasPrefix(pattern, "arn:") {
		return false
	}
	return glob(pattern+strings.Repeat(":*", arnParts-1-colons), arn, caseSensitive)
}

// matchARN compares as the Arn condition operators do: "Each of the six colon-delimited components of the ARN is
// checked separately", so that an asterisk before the resource part stops at the next colon. A bare "*" is every ARN.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
func matchARN(pattern, arn string) bool {
	have, ok := splitARN(arn)
	if !ok {
		return false
	}
	if pattern == "*" {
		return true
	}
	want, ok := splitComponents(pattern)
	if !ok {
		return false
	}
	for i := range want {
		if !glob(want[i], have[i], caseSensitive) {
			return false
		}
	}
	return true
}

// glob matches a text against a pattern in which "*" stands for any characters, none included, and "?" for exactly
// one. It goes back only to the latest asterisk, so its cost is bounded by the product of the two lengths.
func glob(pattern, text string, letters sensitivity) bool {
	var p, t int
	star, resume := -1, 0 // the latest asterisk, and where the text after what it stands for begins
	for t < len(text) {
		switch {
		case p == len(pattern):
		case pattern[p] == '*':
			if p == len(pattern)-1 {
				return true
			}
			star, resume = p, t
			p++
			continue
		case pattern[p] == '?':
			p, t = p+1, t+characterWidth(text[t:])
			continue
		case pattern[p] == quote && p+1 < len(pattern):
			if sameByte(pattern[p+1], text[t], letters) {
				p, t = p+2, t+1
				continue
			}
		case sameByte(pattern[p], text[t], letters):
			p, t = p+1, t+1
			continue
		}
		if star < 0 {
			return false
		}
		resume += characterWidth(text[resume:])
		p, t = star+1, resume
	}
	return strings.Trim(pattern[p:], "*") == ""
}

func characterWidth(text string) int {
	_, width := utf8.DecodeRuneInString(text)
	return width
}

func sameByte(a, b byte, letters sensitivity) bool {
	return a == b || letters == caseInsensitive && lower(a) == lower(b)
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + ('a' - 'A')
	}
	return b
}
