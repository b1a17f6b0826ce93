package front

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestParseTarget(t *testing.T) {
	t.Parallel()
	tests := []struct {
		host, path string
		want       target
		other      bool
	}{
		{host: "s3.amazonaws.com", path: "/", want: target{}},
		{host: "s3.amazonaws.com", path: "/b", want: target{bucket: "b"}},
		{host: "s3.amazonaws.com", path: "/b/", want: target{bucket: "b"}},
		{host: "s3.us-west-2.amazonaws.com", path: "/b/k/l", want: target{region: "us-west-2", bucket: "b", key: "k/l"}},
		{host: "s3-eu-west-1.amazonaws.com", path: "/b/k", want: target{region: "eu-west-1", bucket: "b", key: "k"}},
		{host: "s3.dualstack.us-west-2.amazonaws.com", path: "/b/k", want: target{region: "us-west-2", bucket: "b", key: "k"}},
		{host: "s3-fips.us-gov-west-1.amazonaws.com", path: "/b/k", want: target{region: "us-gov-west-1", bucket: "b", key: "k"}},
		{host: "b.s3.amazonaws.com:443", path: "/k", want: target{bucket: "b", key: "k"}},
		{host: "B.S3.us-west-2.AMAZONAWS.com", path: "/K", want: target{region: "us-west-2", bucket: "b", key: "K"}},
		{host: "a.b.c.s3.us-west-2.amazonaws.com", path: "/", want: target{region: "us-west-2", bucket: "a.b.c"}},
		{host: "b.s3.dualstack.us-west-2.amazonaws.com", path: "/k", want: target{region: "us-west-2", bucket: "b", key: "k"}},
		{host: "b.s3-fips.dualstack.us-east-1.amazonaws.com", path: "/k", want: target{region: "us-east-1", bucket: "b", key: "k"}},
		{host: "b.s3-accelerate.amazonaws.com", path: "/k", want: target{bucket: "b", key: "k"}},
		{host: "b.s3-accelerate.dualstack.amazonaws.com", path: "/k", want: target{bucket: "b", key: "k"}},
		{host: "b.s3.cn-north-1.amazonaws.com.cn", path: "/k", want: target{region: "cn-north-1", bucket: "b", key: "k"}},
		{host: "b.s3.us-east-1.amazonaws.com", path: "//k", want: target{region: "us-east-1", bucket: "b", key: "/k"}},
		{host: "b.s3.us-east-1.amazonaws.com", path: "/a%2Fb%20c", want: target{region: "us-east-1", bucket: "b", key: "a/b c"}},
		{host: "123456789012.s3-control.us-east-1.amazonaws.com", path: "/v20180820/x", other: true},
		{host: "ap-123456789012.s3-accesspoint.us-east-1.amazonaws.com", path: "/k", other: true},
		{host: "m.mrap.accesspoint.s3-global.amazonaws.com", path: "/k", other: true},
		{host: "b.s3-website-us-east-1.amazonaws.com", path: "/k", other: true},
		{host: "kms.us-east-1.amazonaws.com", path: "/", other: true},
		{host: "iam.amazonaws.com", path: "/", other: true},
	}
	for _, test := range tests {
		t.Run(test.host+test.path, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("GET", test.path, nil)
			r.Host = test.host
			got, ok := parseTarget(r)
			assert.Equal(t, !test.other, ok)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestARNs(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "arn:aws:s3:::b/k/l", target{bucket: "b", key: "k/l"}.resourceARN())
	assert.Equal(t, "arn:aws:s3:::b", target{bucket: "b"}.resourceARN())
	assert.Equal(t, "arn:aws-cn:s3:::b", target{bucket: "b", region: "cn-north-1"}.resourceARN())
	assert.Equal(t, "arn:aws-us-gov:s3:::b", target{bucket: "b", region: "us-gov-west-1"}.bucketARN())
}

func TestParseCopySource(t *testing.T) {
	t.Parallel()
	source, version, ok := parseCopySource("/b/k%20l/m?versionId=v")
	assert.True(t, ok)
	assert.Equal(t, target{bucket: "b", key: "k l/m"}, source)
	assert.Equal(t, "v", version)
	_, _, ok = parseCopySource("only-a-bucket")
	assert.False(t, ok)
}
