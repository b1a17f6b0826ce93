package emulator

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// Key is a KMS key.
type Key struct {
	ARN, State string
	// Policy is nil if even the administrator may not read it.
	Policy *policy.Document
}

// DescribeKey looks up a key by any of its names, in the region and account of its
// ARN or else in the given ones. It returns nil if there is no such key.
func DescribeKey(ctx context.Context, client *Client, accounts *Accounts, id, region, account string) (*Key, error) {
	if parts := strings.Split(id, ":"); len(parts) > 5 {
		region, account = parts[3], parts[4]
	}
	accessKey, err := accounts.KeyOf(ctx, account)
	if err != nil {
		return nil, err
	}
	k := kms{client, region, accessKey}
	var described struct {
		KeyMetadata struct{ KeyState, Arn, KeyId string }
	}
	found, err := k.ask(ctx, "DescribeKey", id, &described)
	if err != nil || !found {
		return nil, err
	}
	if described.KeyMetadata.KeyId != "" {
		id = described.KeyMetadata.KeyId // aliases have no policy
	}
	key := &Key{ARN: described.KeyMetadata.Arn, State: described.KeyMetadata.KeyState}
	var kept struct{ Policy string }
	if _, err := k.ask(ctx, "GetKeyPolicy", id, &kept); err != nil || kept.Policy == "" {
		return key, err
	}
	document, err := policy.Parse([]byte(kept.Policy))
	if err != nil {
		return nil, fmt.Errorf("reading the policy of the key %s: %w", id, err)
	}
	key.Policy = &document
	return key, nil
}

// kms is KMS in a region, called from an account.
type kms struct {
	client            *Client
	region, accessKey string
}

// ask reports whether the key exists. If the key policy denies access even to the
// administrator, the document is left unchanged.
func (k kms) ask(ctx context.Context, operation, id string, document any) (bool, error) {
	body, err := json.Marshal(map[string]string{"KeyId": id, "PolicyName": "default"})
	if err != nil {
		return false, fmt.Errorf("asking for the key %s: %w", id, err)
	}
	answer, err := k.client.Ask(ctx, Question{
		Method: http.MethodPost, Host: "kms." + k.region + ".amazonaws.com", Path: "/", Service: "kms", Region: k.region, AccessKey: k.accessKey, Body: body,
		Header: http.Header{"X-Amz-Target": {"TrentService." + operation}, "Content-Type": {"application/x-amz-json-1.1"}},
	})
	if err != nil {
		return false, err
	}
	switch {
	case answer.Status == http.StatusOK:
		if err := json.Unmarshal(answer.Body, document); err != nil {
			return false, fmt.Errorf("reading about the key %s: %w", id, err)
		}
		return true, nil
	case strings.Contains(string(answer.Body), "NotFoundException"):
		return false, nil
	case strings.Contains(string(answer.Body), "AccessDenied"):
		return true, nil
	default:
		return false, answer.Unexpected("KMS")
	}
}
