package replicator

import (
	"context"
	"fmt"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// gatherer takes snapshots.
type gatherer struct {
	client    *emulator.Client
	accounts  *emulator.Accounts
	directory Directory
	// withoutSourceAccount omits a condition key that AWS doesn't document.
	withoutSourceAccount bool
}

// gather takes a snapshot of a source bucket, with some keys of its objects.
func (g *gatherer) gather(ctx context.Context, source string, keys map[string]bool) (*snapshot, error) {
	v := &snapshot{configuration: g.directory.Bucket(source).Replication, missing: map[string]bool{}, keyARNs: map[string]string{}}
	if v.configuration == nil {
		var err error
		v.facts.Source, _, err = g.bucket(ctx, source, "") // events of pending tasks need the bucket's region
		return v, err
	}
	if err := g.gatherSource(ctx, v, source, keys); err != nil {
		return nil, fmt.Errorf("reading the source bucket %s: %w", source, err)
	}
	if err := g.gatherRole(ctx, v); err != nil {
		return nil, fmt.Errorf("reading the role %s: %w", v.configuration.Role, err)
	}
	v.facts.Destinations = map[string]model.BucketFacts{}
	for i := range v.configuration.Rules {
		if err := g.gatherDestination(ctx, v, &v.configuration.Rules[i]); err != nil {
			return nil, fmt.Errorf("reading the destination %s: %w", v.configuration.Rules[i].Destination.Bucket, err)
		}
	}
	v.explainer = model.NewExplainer(*v.configuration, v.facts)
	return v, nil
}

func (g *gatherer) gatherSource(ctx context.Context, v *snapshot, source string, keys map[string]bool) error {
	facts, _, err := g.bucket(ctx, source, awsid.AccountOf(v.configuration.Role))
	if err != nil {
		return err
	}
	facts.Keys = map[string]model.KeyFacts{}
	for id := range keys {
		key, arn, err := g.key(ctx, id, facts.Region, facts.Account)
		if err != nil {
			return err
		}
		if arn == "" {
			arn = id
		}
		facts.Keys[arn], v.keyARNs[id] = key, arn
	}
	v.facts.Source = facts
	return nil
}

// gatherRole reads the role's policies, and whether S3 may assume the role for the
// source bucket.
func (g *gatherer) gatherRole(ctx context.Context, v *snapshot) error {
	arn := v.configuration.Role
	accessKey, err := g.accounts.KeyOf(ctx, awsid.AccountOf(arn))
	if err != nil {
		return err
	}
	if v.role, err = g.directory.Role(ctx, accessKey, arn); err != nil {
		return err
	}
	v.facts.Role = model.RoleFacts{Policies: v.role.Policies, Boundary: v.role.Boundary}
	if v.facts.Role.Policies == nil {
		v.facts.Role.Policies = []policy.Document{} // none, rather than unknown
	}
	if v.role.Trust == nil {
		return nil
	}
	source := &v.facts.Source
	keys := map[string][]string{"aws:SourceAccount": {source.Account}, "aws:SourceArn": {bucketARN(source)}}
	if g.withoutSourceAccount {
		delete(keys, "aws:SourceAccount")
	}
	v.trusted = policy.Evaluate(policy.Policies{Resource: v.role.Trust}, policy.Request{
		Principal: "s3.amazonaws.com", Action: "sts:AssumeRole", Resource: arn,
		Context: keys,
	}).Allowed
	return nil
}

func (g *gatherer) gatherDestination(ctx context.Context, v *snapshot, rule *s3config.Rule) error {
	name := bucketName(rule.Destination.Bucket)
	facts, known := v.facts.Destinations[name]
	if !known {
		account := rule.Destination.Account
		if account == "" {
			account = v.facts.Source.Account
		}
		var exists bool
		var err error
		if facts, exists, err = g.bucket(ctx, name, account); err != nil {
			return err
		}
		facts.Keys = map[string]model.KeyFacts{}
		facts.SyncsReplicas = model.FactOf(g.syncsBack(name, v.facts.Source.Bucket))
		v.missing[name] = !exists
	}
	if key := replicaKey(rule); key != "" {
		var err error
		if facts.Keys[key], _, err = g.key(ctx, key, facts.Region, facts.Account); err != nil {
			return err
		}
	}
	v.facts.Destinations[name] = facts
	return nil
}

// syncsBack reports whether a bucket has a rule for another one with replica
// modification sync.
func (g *gatherer) syncsBack(from, to string) bool {
	configuration := g.directory.Bucket(from).Replication
	if configuration == nil {
		return false
	}
	for _, rule := range configuration.Rules {
		criteria := rule.SourceSelectionCriteria
		if bucketName(rule.Destination.Bucket) == to && rule.Status == replication.Enabled &&
			criteria != nil && criteria.ReplicaModifications != nil && criteria.ReplicaModifications.Status == replication.Enabled {
			return true
		}
	}
	return false
}

func replicaKey(rule *s3config.Rule) string {
	if rule.Destination.EncryptionConfiguration == nil {
		return ""
	}
	return rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID
}
