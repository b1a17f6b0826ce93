package replicator

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// bucket reads the facts of a bucket. The default owner is the account.
func (g *gatherer) bucket(ctx context.Context, name, account string) (facts model.BucketFacts, exists bool, err error) {
	known := g.directory.Bucket(name)
	facts = model.BucketFacts{
		Bucket: name, Account: known.Account, Policy: known.Policy, BucketKey: model.No, RequesterPays: model.FactOf(known.RequesterPays),
	}
	if facts.Account == "" {
		facts.Account = account
	}
	if facts.Policy == nil {
		facts.Policy = &policy.Document{} // none, rather than unknown
	}
	for _, look := range []func(context.Context, *model.BucketFacts) (bool, error){
		g.location, g.versioning, g.defaultEncryption, g.ownership, g.objectLock,
	} {
		if exists, err = look(ctx, &facts); err != nil || !exists {
			return facts, exists, err
		}
	}
	return facts, true, nil
}

// configuration reads a sub-resource of a bucket, and reports whether the bucket
// exists. If there is no configuration, the document is left unchanged.
func (g *gatherer) configuration(ctx context.Context, bucket, subresource string, document any) (exists bool, err error) {
	answer, err := g.client.Ask(ctx, emulator.Question{
		Method: http.MethodGet, Host: "s3.amazonaws.com", Path: "/" + bucket, Query: subresource, Service: "s3", Region: "us-east-1",
	})
	if err != nil {
		return false, err
	}
	switch {
	case answer.Status == http.StatusNotFound:
		return errorCode(answer.Body) != "NoSuchBucket", nil
	case answer.Status != http.StatusOK:
		return false, unexpected("S3", answer)
	}
	if err := xml.Unmarshal(answer.Body, document); err != nil {
		return false, fmt.Errorf("reading the %s of %s: %w", subresource, bucket, err)
	}
	return true, nil
}

func (g *gatherer) location(ctx context.Context, facts *model.BucketFacts) (bool, error) {
	var found struct {
		Region string `xml:",chardata"`
	}
	exists, err := g.configuration(ctx, facts.Bucket, "location", &found)
	facts.Region = strings.TrimSpace(found.Region)
	if facts.Region == "" {
		facts.Region = "us-east-1" // the default, which S3 does not return
	}
	return exists, err
}

func (g *gatherer) versioning(ctx context.Context, facts *model.BucketFacts) (bool, error) {
	var found struct{ Status string }
	exists, err := g.configuration(ctx, facts.Bucket, "versioning", &found)
	facts.Versioning = model.VersioningState(found.Status)
	if found.Status == "" {
		facts.Versioning = model.VersioningNever
	}
	return exists, err
}

func (g *gatherer) defaultEncryption(ctx context.Context, facts *model.BucketFacts) (bool, error) {
	var found struct {
		Algorithm string `xml:"Rule>ApplyServerSideEncryptionByDefault>SSEAlgorithm"`
		Key       string `xml:"Rule>ApplyServerSideEncryptionByDefault>KMSMasterKeyID"`
		BucketKey bool   `xml:"Rule>BucketKeyEnabled"`
	}
	exists, err := g.configuration(ctx, facts.Bucket, "encryption", &found)
	facts.DefaultEncryption, facts.DefaultKey = encryption(found.Algorithm), found.Key
	facts.BucketKey = model.FactOf(found.BucketKey)
	return exists, err
}

// ownership returns the Object Ownership, which is BucketOwnerEnforced by default,
// as for all buckets created since 2023.
func (g *gatherer) ownership(ctx context.Context, facts *model.BucketFacts) (bool, error) {
	var found struct {
		Ownership string `xml:"Rule>ObjectOwnership"`
	}
	exists, err := g.configuration(ctx, facts.Bucket, "ownershipControls", &found)
	facts.Ownership = model.ObjectOwnership(found.Ownership)
	if found.Ownership == "" {
		facts.Ownership = model.BucketOwnerEnforced
	}
	return exists, err
}

func (g *gatherer) objectLock(ctx context.Context, facts *model.BucketFacts) (bool, error) {
	var found struct{ ObjectLockEnabled string }
	exists, err := g.configuration(ctx, facts.Bucket, "object-lock", &found)
	facts.ObjectLock = model.FactOf(found.ObjectLockEnabled == "Enabled")
	return exists, err
}

// errorCode returns the code in an error response of S3, or "".
func errorCode(body []byte) string {
	var document struct{ Code string }
	_ = xml.Unmarshal(body, &document) // a body that is not an error document has no code
	return document.Code
}

// unexpected returns the error for a response that is invalid here.
func unexpected(service string, answer emulator.Answer) error {
	return fmt.Errorf("the emulator's %s answers %d: %.200s", service, answer.Status, answer.Body)
}

func bucketName(arn string) string { return arn[strings.LastIndex(arn, ":")+1:] }

func bucketARN(bucket *model.BucketFacts) string {
	return replication.BucketARN(bucket.Region, bucket.Bucket)
}
