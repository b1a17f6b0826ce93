// Package awsid parses and checks ARNs, account ids and the names of buckets.
package awsid

import (
	"fmt"
	"regexp"
	"strings"
)

// ARN is an ARN taken apart.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
type ARN struct {
	Partition, Service, Region, Account, Resource string
}

// ParseARN takes an ARN apart, and reports whether the text is one.
func ParseARN(text string) (ARN, bool) {
	rest, isARN := strings.CutPrefix(text, "arn:")
	var parsed ARN
	for _, part := range [...]*string{&parsed.Partition, &parsed.Service, &parsed.Region, &parsed.Account} {
		var found bool
		*part, rest, found = strings.Cut(rest, ":")
		isARN = isARN && found
	}
	parsed.Resource = rest
	if !isARN || parsed.Partition == "" || parsed.Service == "" || parsed.Resource == "" {
		return ARN{}, false
	}
	return parsed, true
}

// AccountOf returns the account in an ARN, or "" where the text is no ARN or
// names none, as bucket ARNs do.
func AccountOf(text string) string {
	parsed, _ := ParseARN(text)
	return parsed.Account
}

// RegionOf returns the region in an ARN, or "" where the text is no ARN or names
// none, as those of buckets and roles do.
func RegionOf(text string) string {
	parsed, _ := ParseARN(text)
	return parsed.Region
}

// IsAccount reports whether a text is the id of an account.
func IsAccount(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return len(text) == 12
}

// CheckAccountID says what keeps the text from being the id of an AWS account.
func CheckAccountID(text string) error {
	if !IsAccount(text) {
		return fmt.Errorf("%q is not the id of an AWS account, which has 12 digits; write it in quotes, since YAML drops leading zeros", text)
	}
	return nil
}

// CheckKMSKeyARN says what keeps the text from being used as the key of a
// bucket in the region. S3 accepts a wrong key in a rule without a word and
// then fails every object, so this is worth knowing before.
func CheckKMSKeyARN(text, region string) error {
	parsed, ok := ParseARN(text)
	if strings.HasPrefix(text, "alias/") || (ok && strings.HasPrefix(parsed.Resource, "alias/")) {
		return fmt.Errorf("%q is an alias, which KMS resolves in the account of the caller; set the key's ARN, arn:aws:kms:%s:<account>:key/<id>",
			text, region)
	}
	if !ok || parsed.Service != "kms" || !strings.HasPrefix(parsed.Resource, "key/") || !IsAccount(parsed.Account) {
		return fmt.Errorf("%q is not the ARN of a KMS key; it looks like arn:aws:kms:%s:<account>:key/<id>", text, region)
	}
	if parsed.Region != region {
		return fmt.Errorf("the key %q is in %s, and a bucket in %s needs a key of %s", text, parsed.Region, region, region)
	}
	return nil
}

// CheckRoleARN says what keeps the text from being the ARN of an IAM role.
func CheckRoleARN(text string) error {
	parsed, ok := ParseARN(text)
	if !ok || parsed.Service != "iam" || !strings.HasPrefix(parsed.Resource, "role/") || !IsAccount(parsed.Account) {
		return fmt.Errorf("%q is not the ARN of an IAM role; it looks like arn:aws:iam::<account>:role/<name>", text)
	}
	return nil
}

var (
	bucketName      = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	bucketLikeAnIP  = regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+$`)
	bucketPrefixes  = []string{"xn--", "sthree-", "amzn-s3-demo-"}
	bucketSuffixes  = []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}
	bucketAdjacency = []string{"..", ".-", "-."}
)

var accountNamespace = regexp.MustCompile(`-[0-9]{12}-[a-z]{2,}(-[a-z]+)+-[0-9]-an$`)

// InAccountNamespace reports whether a bucket's name is of the regional namespace of
// an account, where only that account can have buckets.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
func InAccountNamespace(name string) bool { return accountNamespace.MatchString(name) }

// CheckBucketName says which rule for the names of buckets a text breaks.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
func CheckBucketName(name string) error {
	if !bucketName.MatchString(name) {
		return fmt.Errorf("%q is not a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit at both ends", name)
	}
	if bucketLikeAnIP.MatchString(name) {
		return fmt.Errorf("%q is not a bucket name: it has the form of an IP address", name)
	}
	for _, part := range bucketAdjacency {
		if strings.Contains(name, part) {
			return fmt.Errorf("%q is not a bucket name: a dot must stand between letters or digits", name)
		}
	}
	for _, prefix := range bucketPrefixes {
		if strings.HasPrefix(name, prefix) {
			return fmt.Errorf("%q is not a bucket name: AWS keeps the prefix %q for itself", name, prefix)
		}
	}
	for _, suffix := range bucketSuffixes {
		if strings.HasSuffix(name, suffix) {
			return fmt.Errorf("%q is not a bucket name: AWS keeps the suffix %q for itself", name, suffix)
		}
	}
	return nil
}
