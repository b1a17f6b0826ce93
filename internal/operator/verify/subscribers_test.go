package verify

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func TestSetting_Subscribers(t *testing.T) {
	t.Parallel()
	const topic = "arn:aws:sns:us-east-1:111111111111:alarms"
	of := func(protocol, endpoint, arn string) subscriber {
		hash, name := replication.Subscriber(topic, protocol, endpoint)
		return subscriber{hash: hash, name: name, protocol: protocol, arn: arn}
	}
	ops, audit := of("email", "ops@example.com", "arn:ops"), of("email", "audit@example.com", "arn:audit")
	hook := of("https", "https://hooks.example.com/secret", "arn:hook")
	stranger, filtered, unconfirmed := of("email", "stranger@example.com", "arn:stranger"), ops, ops
	filtered.filter, unconfirmed.arn = `{"a":["b"]}`, ""
	deployed := map[string]string{ops.hash: ops.name, audit.hash: audit.name, hook.hash: hook.name}
	for _, test := range []struct {
		name     string
		deployed map[string]string
		now      []subscriber
		reason   string
		fix      string
		skipped  bool
	}{
		{"as deployed", deployed, []subscriber{hook, audit, ops}, "", "", false},
		{"one is gone", deployed, []subscriber{hook, audit}, "ops@example.com is no longer subscribed", "pulumi up --refresh", false},
		{"a webhook is gone", deployed, []subscriber{ops, audit}, "the webhook at hooks.example.com is no longer subscribed", "pulumi up --refresh", false},
		{"another webhook of the host", deployed, []subscriber{ops, audit, of("https", "https://hooks.example.com/other", "arn:other")}, "the webhook at hooks.example.com is subscribed, but was not deployed", "unsubscribe", false},
		{"replaced by a stranger", deployed, []subscriber{hook, audit, stranger}, "stranger@example.com is subscribed, but was not deployed", "aws sns unsubscribe --subscription-arn arn:stranger", false},
		{"one more", deployed, []subscriber{hook, audit, ops, stranger}, "stranger@example.com is subscribed, but was not deployed", "aws sns unsubscribe", false},
		{"not confirmed", deployed, []subscriber{hook, audit, unconfirmed}, "ops@example.com is unconfirmed", "follow the link", false},
		{"a filter", deployed, []subscriber{hook, audit, filtered}, "ops@example.com gets only the messages that match its filter policy", "pulumi up --refresh", false},
		{"counted, as many", map[string]string{"email": "1"}, []subscriber{ops, stranger}, "not compared: ops@example.com, stranger@example.com", "", true},
		{"counted, fewer", map[string]string{"email": "2"}, []subscriber{ops}, "1 of 2 email subscriptions remain", "pulumi up --refresh", false},
		{"none deployed", nil, []subscriber{stranger}, "not compared: stranger@example.com", "", true},
		{"none at all", nil, nil, "", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &setting{Setting: replication.Setting{Kind: replication.SubscriptionsSetting, ARN: topic, Region: "us-east-1", Values: test.deployed}}
			s.found.value.subscribers = test.now
			o := s.judge()
			assert.Equal(t, test.reason == "", o.reason == "", o.reason)
			assert.Contains(t, o.reason, test.reason)
			assert.Contains(t, o.fix, test.fix)
			assert.Equal(t, test.skipped, o.skipped)
			assert.NotContains(t, o.reason+o.fix, "secret")
		})
	}
}

type grants []kmstypes.GrantListEntry

func (g grants) ListGrants(context.Context, *kms.ListGrantsInput, ...func(*kms.Options)) (*kms.ListGrantsOutput, error) {
	return &kms.ListGrantsOutput{Grants: g}, nil
}

func TestKeys_GrantsToOtherAccounts(t *testing.T) {
	t.Parallel()
	s := &setting{Setting: replication.Setting{Kind: replication.KeySetting, ARN: "arn:aws:kms:us-east-1:111111111111:key/k", Region: "us-east-1", AccountID: "111111111111"}}
	to := func(id, grantee string) kmstypes.GrantListEntry {
		return kmstypes.GrantListEntry{GrantId: aws.String(id), GranteePrincipal: aws.String(grantee), Operations: []kmstypes.GrantOperation{kmstypes.GrantOperationDecrypt}}
	}
	own := grants{to("a", "arn:aws:iam::111111111111:role/aws-service-role/backup"), to("b", "ec2.amazonaws.com"), to("c", "AWS Internal")}
	require.NoError(t, s.addGrants(t.Context(), own, &s.found.value))
	assert.Empty(t, s.judge().reason)
	require.NoError(t, s.addGrants(t.Context(), append(own, to("d", "arn:aws:iam::222222222222:role/reader")), &s.found.value))
	o := s.judge()
	assert.Contains(t, o.reason, "a grant, which was not deployed, lets arn:aws:iam::222222222222:role/reader call Decrypt")
	assert.Contains(t, o.fix, "aws kms revoke-grant --key-id k --grant-id d --region us-east-1")
}
