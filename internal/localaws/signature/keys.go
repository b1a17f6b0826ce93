// Package signature keeps the credentials of the local AWS and verifies the
// signatures of requests, as AWS does: Signature Version 4 in headers, in presigned
// URLs and in the policies of upload forms.
package signature

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Keys are the access keys that the local AWS has issued. It is safe for concurrent
// use.
type Keys struct {
	mu    sync.Mutex
	known map[string]key
}

type key struct {
	aws.Credentials

	inactive bool
}

// NewKeys returns keys with random ones for an administrator.
func NewKeys() (keys *Keys, administrator aws.Credentials) {
	keys = &Keys{known: map[string]key{}}
	return keys, keys.Make("AKIA", time.Time{})
}

// Make returns random credentials, with a session token if they expire.
func (k *Keys) Make(prefix string, expires time.Time) aws.Credentials {
	made := aws.Credentials{AccessKeyID: prefix + rand.Text()[:16], SecretAccessKey: Secret()}
	if !expires.IsZero() {
		made.SessionToken, made.CanExpire, made.Expires = Secret()+Secret(), true, expires
	}
	k.add(made)
	return made
}

// Secret returns 40 random characters.
func Secret() string {
	random := make([]byte, 20)
	_, _ = rand.Read(random) // it never fails
	return hex.EncodeToString(random)
}

func (k *Keys) add(given aws.Credentials) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known[given.AccessKeyID] = key{Credentials: given}
}

// SetActive activates or deactivates an access key.
func (k *Keys) SetActive(accessKey string, active bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if known, ok := k.known[accessKey]; ok {
		known.inactive = !active
		k.known[accessKey] = known
	}
}

// Learn adds the credentials in a response of STS or IAM, if any.
func (k *Keys) Learn(answer []byte) error {
	var found struct {
		Sessions []issued `xml:"AssumeRoleResult>Credentials"`
		Keys     []issued `xml:"CreateAccessKeyResult>AccessKey"`
	}
	if err := xml.Unmarshal(answer, &found); err != nil {
		return fmt.Errorf("reading the credentials in an answer: %w", err)
	}
	for _, each := range append(found.Sessions, found.Keys...) {
		given := aws.Credentials{AccessKeyID: each.AccessKeyID, SecretAccessKey: each.SecretAccessKey, SessionToken: each.SessionToken}
		if each.Expiration != "" {
			until, err := time.Parse(time.RFC3339, each.Expiration)
			if err != nil {
				return fmt.Errorf("reading when credentials expire: %w", err)
			}
			given.CanExpire, given.Expires = true, until
		}
		k.add(given)
	}
	return nil
}

type issued struct {
	AccessKeyID     string `xml:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string
}

// of returns the credentials for a request's access key and token.
func (k *Keys) of(accessKey, token string, now time.Time) (aws.Credentials, error) {
	k.mu.Lock()
	found, ok := k.known[accessKey]
	k.mu.Unlock()
	switch {
	case !ok || found.inactive || strings.TrimSpace(accessKey) == "":
		return aws.Credentials{}, ErrUnknownKey
	case subtle.ConstantTimeCompare([]byte(found.SessionToken), []byte(token)) != 1:
		return aws.Credentials{}, ErrInvalidToken
	case found.CanExpire && !now.Before(found.Expires):
		return aws.Credentials{}, ErrExpiredToken
	}
	return found.Credentials, nil
}
