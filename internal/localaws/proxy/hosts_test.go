package proxy

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestIsAWS(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"s3.amazonaws.com":                                true,
		"s3.us-west-2.amazonaws.com:443":                  true,
		"my.bucket.s3.dualstack.us-east-1.amazonaws.com":  true,
		"123456789012.s3-control.us-east-1.amazonaws.com": true,
		"S3.AMAZONAWS.COM.":                               true,
		"sts.cn-north-1.amazonaws.com.cn":                 true,
		"s3.us-east-1.api.aws":                            true,
		"amazonaws.com":                                   false,
		"amazonaws.com.evil.example":                      false,
		"notamazonaws.com":                                false,
		"example.com:443":                                 false,
		"169.254.169.254":                                 false,
		"modules.example.org":                             false,
		"":                                                false,
	}
	for host, want := range tests {
		assert.Equal(t, want, IsAWS(host), "host %q", host)
	}
}
