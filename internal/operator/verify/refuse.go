package verify

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// attempt is an upload that the bucket policy must reject.
type attempt struct {
	d      *deployment
	at     *place
	name   string
	change func(*s3.PutObjectInput)
	client func(*s3.Options) // nil: unchanged
	check  *Check
}

const (
	plainHTTP = "plain HTTP"
	unsigned  = "unsigned"
)

// planAttempts plans the uploads that a bucket must reject.
func (d *deployment) planAttempts(p *place) {
	if d.options.NoWrite {
		d.list.check(p.Name+" refuses", "uploads", nil, func() outcome { return skip("not tried, because of --no-write") })
		return
	}
	foreign := "arn:" + partition(p.Region) + ":kms:" + p.Region + ":" + p.AccountID + ":key/00000000-0000-0000-0000-000000000000"
	if d.options.NoRefusals {
		d.list.check(p.Name+" refuses", "uploads", nil, func() outcome { return skip("not tried, because of --no-refusals") })
		return
	}
	for _, a := range []*attempt{
		{name: plainHTTP, client: func(o *s3.Options) { o.EndpointOptions.DisableHTTPS = true }},
		{name: "SSE-S3", change: func(in *s3.PutObjectInput) { in.ServerSideEncryption = s3types.ServerSideEncryptionAes256 }},
		{name: "a foreign key", change: func(in *s3.PutObjectInput) {
			in.ServerSideEncryption, in.SSEKMSKeyId = s3types.ServerSideEncryptionAwsKms, &foreign
		}},
		{name: unsigned, client: func(o *s3.Options) { o.Credentials = aws.AnonymousCredentials{} }},
	} {
		if p.Existing {
			d.list.check(p.Name+" refuses", a.name, nil, func() outcome { return skip("the bucket is managed elsewhere") })
			continue
		}
		if a.name == plainHTTP && d.options.NoHTTP {
			d.list.check(p.Name+" refuses", a.name, nil, func() outcome { return skip("not tried, because of --no-http") })
			continue
		}
		a.d, a.at = d, p
		var open bool
		if a.check, open = d.list.later(p.Name+" refuses", a.name, []*Check{d.standings[p].bucket}); open {
			d.attempts = append(d.attempts, a)
		}
	}
}

func partition(region string) string {
	known, _ := replication.PartitionOf(region)
	return known.ID
}

// make makes the attempt, which must fail.
func (a *attempt) make(ctx context.Context) {
	key := folder("", a.d.run) + "refused-" + safe(a.name)
	input := &s3.PutObjectInput{Bucket: &a.at.Bucket, Key: &key, Body: strings.NewReader(probeText), ChecksumAlgorithm: s3types.ChecksumAlgorithmCrc32}
	if a.change != nil {
		a.change(input)
	}
	client := a.at.s3
	if a.client != nil {
		client = live.S3(a.at.cfg, a.at.AccountID, a.client)
	}
	_, err := client.PutObject(ctx, input)
	switch {
	case err == nil:
		a.check.settle(failsAlone(fmt.Sprintf("%s accepted an upload (%s) that its policy must reject", a.at.url(), a.name), "check the bucket policy; "+restore))
	case hasCode(err, []string{"AccessDenied"}):
		a.check.settle(a.judgeRefusal(live.Brief(err)))
	case strings.HasPrefix(live.Code(err), "KMS."):
		a.check.settle(failsAlone(fmt.Sprintf("the policy of %s allowed an upload (%s), and only KMS rejected it: %s", a.at.url(), a.name, live.Brief(err)),
			"check the bucket policy; "+restore))
	default:
		a.check.settle(unanswered("trying an upload ("+a.name+") to "+a.at.url(), a.at.DeployedBucket, err))
	}
}

// deniedByPolicy is part of S3's message for a Deny in a bucket policy.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
const deniedByPolicy = "with an explicit deny in a resource-based policy"

// judgeRefusal checks that the bucket policy rejected an upload. Credentials without
// permission to upload are always rejected. S3 gives no reason for unsigned requests.
func (a *attempt) judgeRefusal(answer string) outcome {
	if a.name == unsigned || strings.Contains(answer, deniedByPolicy) {
		return outcome{}
	}
	return unknown(fmt.Sprintf("%s rejected the upload, but not because of its policy: %s; the policy itself is checked as %q", a.at.url(), answer, "bucket policy"),
		"use credentials that may upload to the bucket, or skip this with --no-refusals")
}
