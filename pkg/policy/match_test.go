package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestGlob(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true},
		{"", "a", false},
		{"a", "", false},
		{"*", "", true},
		{"*", "anything at all", true},
		{"**", "", true},
		{"?", "", false},
		{"?", "a", true},
		{"?", "ab", false},
		{"abc", "abc", true},
		{"abc", "abcd", false},
		{"abc", "Abc", false},
		{"a*c", "ac", true},
		{"a*c", "abbbc", true},
		{"a*c", "abcb", false},
		{"a*b*c", "a-b-b-c", true},
		{"*.pdf", "q3.pdf.pdf", true},
		{"*.pdf", "q3.pdfx", false},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{"a*?", "a", false},
		{"a*?", "ab", true},
		{"*a?", "aab", true},
		// A question mark is one character, however many bytes it has.
		{"?", "é", true},
		{"??", "é", false},
		{"*??", "€", false},
		{"*??", "€é", true},
		{"*é", "aéé", true},
		// Behind a quote a wildcard is itself.
		{"a\xff*", "a*", true},
		{"a\xff*", "ab", false},
		{"\xff?", "?", true},
		{"\xff?", "a", false},
		{"\xff", "\xff", true},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, glob(tt.pattern, tt.text, caseSensitive), "%q against %q", tt.pattern, tt.text)
	}
}

// Many asterisks must not make matching exponential.
func TestGlobStaysFastOnHostilePatterns(t *testing.T) {
	t.Parallel()
	assert.False(t, glob(strings.Repeat("*a", 200)+"b", strings.Repeat("a", 2000), caseSensitive))
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
func TestActionsMatchWithoutCase(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, action string
		want            bool
	}{
		{"*", "s3:GetObject", true},
		{"s3:*", "s3:GetObject", true},
		{"S3:getobject", "s3:GetObject", true},
		{"s3:Get*", "s3:GetObject", true},
		{"s3:Get*", "s3:PutObject", false},
		{"s3:*Object", "s3:DeleteObject", true},
		{"s3:?etObject", "s3:GetObject", true},
		{"s3:GetObject", "s3:GetObjectVersion", false},
		{"kms:*", "s3:GetObject", false},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, matchAction(tt.pattern, tt.action), "%q against %q", tt.pattern, tt.action)
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func TestResourcesMatchWithCaseAndAcrossDelimiters(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, arn string
		want         bool
	}{
		{"*", "arn:aws:s3:::b/k", true},
		{"arn:aws:s3:::b", "arn:aws:s3:::b", true},
		{"arn:aws:s3:::b", "arn:aws:s3:::b/k", false},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b", false},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b/a/deep/key", true},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::B/k", false},
		{"arn:aws:s3:::b/*.pdf", "arn:aws:s3:::b/a:b/q3.pdf", true},
		{"arn:aws:s3:::b?", "arn:aws:s3:::b1", true},
		{"arn:*:s3:::b", "arn:aws-cn:s3:::b", true},
		{"arn:aws:kms:*:111111111111:key/*", "arn:aws:kms:us-east-1:111111111111:key/1", true},
		{"arn:aws:kms:*:111111111111:key/*", "arn:aws:kms:us-east-1:222222222222:key/1", false},
		// "If a * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon
		// boundaries."
		{"arn:aws:s3:*", "arn:aws:s3:::b/k", true},
		{"arn:aws:logs:*:log-group:app", "arn:aws:logs:us-east-1:111111111111:log-group:app", true},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, matchResource(tt.pattern, tt.arn), "%q against %q", tt.pattern, tt.arn)
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
func TestARNOperatorsMatchComponentByComponent(t *testing.T) {
	t.Parallel()
	const longARN = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
	tests := []struct {
		pattern, arn string
		want         bool
	}{
		{"*", "arn:aws:s3:::b", true},
		{"*", "no arn", false},
		{"arn:aws:s3:::b", "arn:aws:s3:::b", true},
		{"arn:aws:s3:::b*", "arn:aws:s3:::bucket", true},
		{"arn:aws:iam::111111111111:role/*", "arn:aws:iam::111111111111:role/path/name", true},
		{"arn:aws:iam::*:role/name", "arn:aws:iam::111111111111:role/name", true},
		{"arn:aws:iam::111111111111:*", "arn:aws:iam::222222222222:role/name", false},
		{"arn:aws:s3:*", "arn:aws:s3:::b", false}, // too few components
		// The example of the AWS page: StringLike matches, ArnLike does not.
		{"arn:aws:someservice:*:111122223333:finance/*", longARN, false},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, matchARN(tt.pattern, tt.arn), "%q against %q", tt.pattern, tt.arn)
	}
	assert.True(t, textLike("arn:aws:someservice:*:111122223333:finance/*", longARN))
}
