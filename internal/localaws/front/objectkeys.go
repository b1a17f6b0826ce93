package front

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

const (
	encryptionHeader = "X-Amz-Server-Side-Encryption"
	keyHeader        = "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"
	customerHeader   = "X-Amz-Server-Side-Encryption-Customer-Algorithm"
)

// keyCache holds the state of KMS keys until something changes.
type keyCache struct {
	mu         sync.Mutex
	generation uint64
	keys       map[string]*emulator.Key
	// used is true if an object is encrypted with a KMS key.
	used atomic.Bool
}

// keyOf returns the key that a bucket refers to by name, or nil.
func (f *Front) keyOf(ctx context.Context, id string, of bucket) (*emulator.Key, error) {
	now, name := f.Generation(), of.region+"/"+of.owner+"/"+id
	f.keyFacts.mu.Lock()
	if f.keyFacts.generation != now || f.keyFacts.keys == nil {
		f.keyFacts.generation, f.keyFacts.keys = now, map[string]*emulator.Key{}
	}
	known, ok := f.keyFacts.keys[name]
	f.keyFacts.mu.Unlock()
	if ok {
		return known, nil
	}
	key, err := emulator.DescribeKey(ctx, f.backend.client, f.accounts, id, of.region, of.owner)
	if err != nil {
		return nil, err
	}
	f.keyFacts.mu.Lock()
	defer f.keyFacts.mu.Unlock()
	if f.keyFacts.generation == now {
		f.keyFacts.keys[name] = key
	}
	return key, nil
}

// encrypt rejects an upload with an unusable key, and replaces the key's name by its
// ARN, as S3 does.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
func (f *Front) encrypt(c *call) error {
	switch c.operation.name {
	case "PutObject", "CopyObject", "CreateMultipartUpload":
	default:
		return nil
	}
	if err := f.decryptSource(c); err != nil {
		return err
	}
	header := c.request.Header
	if header.Get(customerHeader) != "" {
		return f.refuseCustomerKey(c)
	}
	used := encryptionRule{Algorithm: header.Get(encryptionHeader), Key: header.Get(keyHeader)}
	if used.Algorithm == "AES256" {
		return nil
	}
	byDefault := f.encryptionOf(c.bucket)
	if used.Algorithm == "" && byDefault.Algorithm == "AES256" && c.operation.name == "CreateMultipartUpload" {
		header.Set(encryptionHeader, byDefault.Algorithm) // the emulator does this for other uploads
	}
	if used.Key == "" {
		if used.Algorithm == "" {
			used.Algorithm = byDefault.Algorithm
		}
		used.Key = byDefault.Key
	}
	if !strings.HasPrefix(used.Algorithm, "aws:kms") || used.Key == "" {
		return nil // or the AWS managed key, which always exists
	}
	key, err := f.usableKey(c, c.target, used.Key, "kms:GenerateDataKey")
	if err != nil {
		return err
	}
	f.keyFacts.used.Store(true)
	header.Set(encryptionHeader, used.Algorithm)
	header.Set(keyHeader, key.ARN)
	return nil
}

// usableKey returns the key of an object, or an error for an unusable one.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
func (f *Front) usableKey(c *call, object target, id, action string) (*emulator.Key, error) {
	of := f.buckets.get(object.bucket)
	if of.owner == "" {
		of.owner = c.caller.account
	}
	if of.region == "" {
		of.region = c.regionOrDefault()
	}
	if parts := strings.Split(id, ":"); len(parts) > 5 && parts[3] != of.region {
		return nil, badRequest("KMS.NotFoundException", "Invalid arn %s", parts[3])
	}
	key, err := f.keyOf(c.request.Context(), id, of)
	switch {
	case err != nil:
		return nil, err
	case key == nil:
		return nil, badRequest("KMS.NotFoundException", "Key '%s' does not exist", id)
	case key.State == string(model.KeyDisabled):
		return nil, badRequest("KMS.DisabledException", "%s is disabled.", key.ARN)
	case key.State != string(model.KeyEnabled):
		return nil, badRequest("KMS.KMSInvalidStateException", "%s is pending deletion.", key.ARN)
	}
	return key, f.mayUseKey(c, object, of, key, action)
}

// mayUseKey returns an error if the client may not use a key, where clients'
// permissions on keys are enforced.
func (f *Front) mayUseKey(c *call, object target, of bucket, key *emulator.Key, action string) error {
	if !f.harsh || key.Policy == nil {
		return nil
	}
	decision := policy.Evaluate(
		policy.Policies{Identity: c.policies.policies, Boundary: c.policies.boundary, Resource: key.Policy, KeyPolicy: true},
		policy.Request{
			Principal: c.caller.arn, Action: action, Resource: key.ARN, ResourceAccount: awsid.AccountOf(key.ARN),
			Context: map[string][]string{
				"kms:ViaService": {"s3." + of.region + ".amazonaws.com"}, "kms:CallerAccount": {c.caller.account},
				"kms:EncryptionContext:aws:s3:arn": {object.resourceARN(), object.bucketARN()}, "kms:EncryptionContextKeys": {"aws:s3:arn"},
				"aws:SecureTransport": {"true"}, "aws:ViaAWSService": {"true"}, "aws:CalledVia": {"s3.amazonaws.com"}, "aws:PrincipalArn": {c.policies.arn},
			},
		})
	if decision.Allowed {
		return nil
	}
	return accessDenied(deniedMessage(c.caller, action, key.ARN, decision))
}

// decryptSource rejects a copy of an object that can't be decrypted.
func (f *Front) decryptSource(c *call) error {
	source, version, ok := parseCopySource(c.request.Header.Get("X-Amz-Copy-Source"))
	if c.operation.name != "CopyObject" || !ok || !f.keyFacts.used.Load() {
		return nil
	}
	of := *c
	of.target = target{region: c.region, bucket: source.bucket, key: source.key}
	var query url.Values
	if version != "" {
		of.query = url.Values{"versionId": {version}}
		query = url.Values{"versionId": {f.replicator.EmulatedVersion(of.named())}}
	}
	head, err := f.askObject(&of, http.MethodHead, query)
	if err != nil || head.Header.Get(keyHeader) == "" {
		return err
	}
	_, err = f.usableKey(c, of.target, head.Header.Get(keyHeader), "kms:Decrypt")
	return err
}

// decrypt replaces the response to GetObject if its key can't be used.
func (f *Front) decrypt(c *call, answer *http.Response) error {
	id := answer.Header.Get(keyHeader)
	if c.operation.name != "GetObject" || id == "" {
		return nil
	}
	_, err := f.usableKey(c, c.target, id, "kms:Decrypt")
	var refused *fault
	if !errors.As(err, &refused) {
		return err
	}
	document, err := xml.Marshal(c.errorDocument(refused, err))
	if err != nil {
		return fmt.Errorf("refusing to decrypt: %w", err)
	}
	_ = answer.Body.Close() // it is not delivered
	answer.StatusCode = refused.status
	answer.Header = http.Header{"Content-Type": {"application/xml"}}
	replaceAnswer(answer, append([]byte(xml.Header), document...))
	return nil
}
