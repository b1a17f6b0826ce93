package front

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// callerPolicies are the policies of a caller in IAM.
type callerPolicies struct {
	// arn of the user, or of the role of the session, with its path.
	arn      string
	policies []policy.Document
	boundary *policy.Document
}

// administratorPolicies allow administratorPolicies.
var administratorPolicies = callerPolicies{
	policies: []policy.Document{policy.New(policy.Statement{
		Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"},
	})},
}

// policiesOf returns the current policies of a caller. Callers unknown to IAM are
// administrators: access keys that were not created in IAM, and sessions of roles
// that do not exist, which the emulator allows to assume.
func (f *Front) policiesOf(ctx context.Context, who caller) (callerPolicies, error) {
	if who.anonymous() {
		return callerPolicies{}, nil
	}
	if who.administers(who.account) {
		return administratorPolicies, nil
	}
	details, err := f.knownDetails(ctx, who)
	if err != nil {
		return callerPolicies{}, fmt.Errorf("reading the policies of %s: %w", who.arn, err)
	}
	if role, ok := sessionRole(who.arn); ok {
		return details.ofRole(role)
	}
	return details.ofUser(who.arn)
}

// detailsCache holds the IAM details of each account until something changes.
type detailsCache struct {
	mu         sync.Mutex
	generation uint64
	byAccount  map[string]accountDetails
}

// knownDetails returns the current details of a caller's account, from the cache if
// there was no change: the front counts the changes in IAM.
func (f *Front) knownDetails(ctx context.Context, who caller) (accountDetails, error) {
	now := f.Generation()
	f.details.mu.Lock()
	known, ok := f.details.byAccount[who.account]
	if f.details.generation != now || f.details.byAccount == nil {
		f.details.generation, f.details.byAccount, ok = now, map[string]accountDetails{}, false
	}
	f.details.mu.Unlock()
	if ok {
		return known, nil
	}
	read, err := f.visibleDetails(ctx, who.accessKey, who.account)
	if err != nil {
		return accountDetails{}, err
	}
	f.details.mu.Lock()
	defer f.details.mu.Unlock()
	if f.details.generation == now {
		f.details.byAccount[who.account] = read
	}
	return read, nil
}

// accountDetails reads all of IAM in the account of an access key.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
func (f *Front) accountDetails(ctx context.Context, accessKey string) (accountDetails, error) {
	status, body, err := f.backend.ask(ctx, emulator.Question{
		Method: http.MethodPost, Host: "iam.amazonaws.com", Path: "/",
		Service: "iam", Region: "us-east-1", AccessKey: accessKey,
		Form: url.Values{"Action": {"GetAccountAuthorizationDetails"}, "Version": {"2010-05-08"}},
	})
	if err != nil {
		return accountDetails{}, err
	}
	var answer struct {
		Details accountDetails `xml:"GetAccountAuthorizationDetailsResult"`
	}
	if err := xml.Unmarshal(body, &answer); err != nil || status != http.StatusOK {
		return accountDetails{}, fmt.Errorf("the emulator's IAM answers %d: %.200s", status, body)
	}
	return answer.Details, nil
}

type accountDetails struct {
	Users  []principalDetails `xml:"UserDetailList>member"`
	Groups []principalDetails `xml:"GroupDetailList>member"`
	Roles  []principalDetails `xml:"RoleDetailList>member"`
	Shared []sharedPolicy     `xml:"Policies>member"`
}

// principalDetails are the details of a user, a group or a role.
type principalDetails struct {
	ARN           string   `xml:"Arn"`
	RoleName      string   `xml:"RoleName"`
	Trust         string   `xml:"AssumeRolePolicyDocument"`
	GroupName     string   `xml:"GroupName"`
	Groups        []string `xml:"GroupList>member"`
	UserPolicies  []string `xml:"UserPolicyList>member>PolicyDocument"`
	GroupPolicies []string `xml:"GroupPolicyList>member>PolicyDocument"`
	RolePolicies  []string `xml:"RolePolicyList>member>PolicyDocument"`
	Attached      []string `xml:"AttachedManagedPolicies>member>PolicyArn"`
	Boundary      string   `xml:"PermissionsBoundary>PermissionsBoundaryArn"`
	invisible     bool
}

// sharedPolicy is a managed policy.
type sharedPolicy struct {
	ARN      string `xml:"Arn"`
	Versions []struct {
		Document  string
		IsDefault bool `xml:"IsDefaultVersion"`
	} `xml:"PolicyVersionList>member"`
}

func (d accountDetails) ofRole(name string) (callerPolicies, error) {
	for _, role := range d.Roles {
		if role.RoleName == name {
			return d.assemble(role, []principalDetails{role})
		}
	}
	return administratorPolicies, nil
}

func (d accountDetails) ofUser(arn string) (callerPolicies, error) {
	for _, user := range d.Users {
		if user.ARN != arn {
			continue
		}
		sources := []principalDetails{user}
		for _, group := range d.Groups {
			if slices.Contains(user.Groups, group.GroupName) {
				sources = append(sources, group)
			}
		}
		return d.assemble(user, sources)
	}
	return administratorPolicies, nil
}

// assemble joins the policies of a principal with those of its groups.
func (d accountDetails) assemble(principal principalDetails, sources []principalDetails) (callerPolicies, error) {
	s := callerPolicies{arn: principal.ARN}
	for _, source := range sources {
		for _, encoded := range slices.Concat(source.UserPolicies, source.GroupPolicies, source.RolePolicies) {
			document, err := decodePolicy(encoded)
			if err != nil {
				return callerPolicies{}, err
			}
			s.policies = append(s.policies, document)
		}
		for _, arn := range source.Attached {
			document, err := d.shared(arn)
			if err != nil {
				return callerPolicies{}, err
			}
			s.policies = append(s.policies, document)
		}
	}
	if principal.Boundary == "" {
		return s, nil
	}
	boundary, err := d.shared(principal.Boundary)
	s.boundary = &boundary
	return s, err
}

// shared returns the default version of a managed policy.
func (d accountDetails) shared(arn string) (policy.Document, error) {
	for _, managed := range d.Shared {
		if managed.ARN != arn {
			continue
		}
		for _, version := range managed.Versions {
			if version.IsDefault {
				return decodePolicy(version.Document)
			}
		}
	}
	return policy.Document{}, fmt.Errorf("there is no policy %s", arn)
}

// decodePolicy parses a document in the percent-encoding of IAM's responses.
func decodePolicy(encoded string) (policy.Document, error) {
	text, err := url.QueryUnescape(encoded)
	if err != nil {
		return policy.Document{}, fmt.Errorf("reading a policy: %w", err)
	}
	document, err := policy.Parse([]byte(text))
	if err != nil {
		return policy.Document{}, fmt.Errorf("reading a policy: %w", err)
	}
	return document, nil
}
