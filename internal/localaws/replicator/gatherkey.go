package replicator

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// key looks at a KMS key, in the region and the account of its ARN, or those of
// the bucket. It also returns the key's ARN, where there is such a key.
func (g *gatherer) key(ctx context.Context, id, region, account string) (facts replication.KeyFacts, arn string, err error) {
	if parts := strings.Split(id, ":"); len(parts) > 5 {
		region, account = parts[3], parts[4]
	}
	ask := func(operation string, document any) (bool, error) {
		return g.askKMS(ctx, operation, id, region, account, document)
	}
	var described struct {
		KeyMetadata struct{ KeyState, Arn string }
	}
	found, err := ask("DescribeKey", &described)
	if err != nil || !found {
		return replication.KeyFacts{State: replication.KeyNotFound}, "", err
	}
	arn = described.KeyMetadata.Arn
	facts.State = replication.KeyState(described.KeyMetadata.KeyState)
	var kept struct{ Policy string }
	if _, err := ask("GetKeyPolicy", &kept); err != nil || kept.Policy == "" {
		return facts, arn, err
	}
	document, err := policy.Parse([]byte(kept.Policy))
	if err != nil {
		return facts, arn, fmt.Errorf("reading the policy of the key %s: %w", id, err)
	}
	facts.Policy = &document
	return facts, arn, nil
}

// askKMS tells whether there is such a key. A policy that keeps even the
// administrator from looking leaves the document as it is.
func (g *gatherer) askKMS(ctx context.Context, operation, id, region, account string, document any) (bool, error) {
	accessKey, err := g.accounts.keyOf(ctx, account)
	if err != nil {
		return false, err
	}
	body, err := json.Marshal(map[string]string{"KeyId": id, "PolicyName": "default"})
	if err != nil {
		return false, fmt.Errorf("asking for the key %s: %w", id, err)
	}
	answer, err := g.client.Ask(ctx, emulator.Question{
		Method: http.MethodPost, Host: "kms." + region + ".amazonaws.com", Path: "/", Service: "kms", Region: region, AccessKey: accessKey, Body: body,
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
		return false, unexpected("KMS", answer)
	}
}
