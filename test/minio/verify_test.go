package minio

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// MinIO is S3 and nothing else of AWS, so most of what verify asks has no
// answer. It must say so line by line, take none of it for well, and still see
// what is there. README.md lists the differences.
func TestVerify_SaysWhatMinIOIsNot(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	out, messages, status := p.crr("verify", "--timeout", "1m")
	assert.Equal(t, 1, status, out+messages)
	for _, line := range []string{
		`(?m)^  ok    source  +bucket, versioning, object lock, keys of objects$`,
		`(?m)^  ok    dr  +bucket, versioning, object lock, keys of objects$`,
		`(?m)^  FAIL  source, encryption: s3://crr-source encrypts with AES256 by default`,
		`(?m)^  FAIL  source, key: reading the key .*: operation error KMS`,
		`(?m)^  FAIL  source, public access: .*NotImplemented`,
		`(?m)^  FAIL  role, exists: reading the role`,
		`(?m)^  FAIL  source refuses, plain HTTP: s3://crr-source accepted an upload`,
		`(?m)^  ok    source refuses +unsigned$`,
		`(?m)^  ok    clean-up +source, dr$`,
		`(?m)^  skip  probes source -> dr`,
	} {
		assert.Regexp(t, line, out)
	}
	compared, messages, status := p.crr("compare")
	assert.Zero(t, status, "verify left something behind\n%s%s", compared, messages)
}
