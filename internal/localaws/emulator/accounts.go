package emulator

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"sync"
)

// Accounts provides an access key for each account: the emulator distinguishes
// accounts by access key, and issues keys to any caller that assumes a role there.
type Accounts struct {
	client *Client

	mu   sync.Mutex
	keys map[string]string
}

// NewAccounts returns the accounts of an emulator.
func NewAccounts(client *Client) *Accounts {
	return &Accounts{client: client, keys: map[string]string{}}
}

// KeyOf returns the access key of an administrator of an account.
func (a *Accounts) KeyOf(ctx context.Context, account string) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if key, ok := a.keys[account]; ok {
		return key, nil
	}
	key, err := a.find(ctx, account)
	if err == nil {
		a.keys[account] = key
	}
	return key, err
}

func (a *Accounts) find(ctx context.Context, account string) (string, error) {
	var own struct {
		Account string `xml:"GetCallerIdentityResult>Account"`
	}
	if err := a.sts(ctx, url.Values{"Action": {"GetCallerIdentity"}}, &own); err != nil {
		return "", err
	}
	if account == "" || own.Account == account {
		return Administrator, nil
	}
	var assumed struct {
		AccessKey string `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
	}
	err := a.sts(ctx, url.Values{
		"Action": {"AssumeRole"}, "RoleArn": {"arn:aws:iam::" + account + ":role/crr-local-aws"}, "RoleSessionName": {"local-aws"},
	}, &assumed)
	return assumed.AccessKey, err
}

func (a *Accounts) sts(ctx context.Context, form url.Values, document any) error {
	form.Set("Version", "2011-06-15")
	answer, err := a.client.Ask(ctx, Question{
		Method: http.MethodPost, Host: "sts.us-east-1.amazonaws.com", Path: "/", Service: "sts", Region: "us-east-1", Form: form,
	})
	if err != nil {
		return err
	}
	if answer.Status != http.StatusOK || xml.Unmarshal(answer.Body, document) != nil {
		return answer.Unexpected("STS")
	}
	return nil
}
