package minio

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// MinIO implements only S3 of AWS, so most checks of verify get no answer. They must
// be reported as unknown, and the others must still work. README.md lists the
// differences.
func TestVerify_SaysWhatMinIOIsNot(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	out, messages, status := p.crr("verify", "--timeout", "1m")
	assert.Equal(t, 1, status, out+messages)
	for _, line := range []string{
		`(?m)^  ok    source  +bucket, versioning, object lock, MFA delete, requester pays, keys of objects$`,
		`(?m)^  ok    dr  +bucket, versioning, object lock, MFA delete, requester pays, keys of objects$`,
		`(?m)^  FAIL  source, encryption: s3://crr-source encrypts with AES256 by default`,
		`(?m)^  FAIL  source, key: reading the key .*: the answer is not one of AWS`,
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
