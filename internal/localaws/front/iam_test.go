package front

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// allowing returns a policy as in IAM's responses.
func allowing(action string) string {
	document := policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{action}, Resource: policy.Values{"*"}})
	return "<PolicyDocument>" + url.QueryEscape(document.JSON()) + "</PolicyDocument>"
}

func managed(arn, action string) string {
	document := policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{action}, Resource: policy.Values{"*"}})
	return "<member><Arn>" + arn + "</Arn><PolicyVersionList>" +
		"<member><Document>" + url.QueryEscape(policy.New(policy.Statement{Effect: policy.Deny, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}).JSON()) +
		"</Document><IsDefaultVersion>false</IsDefaultVersion></member>" +
		"<member><Document>" + url.QueryEscape(document.JSON()) + "</Document><IsDefaultVersion>true</IsDefaultVersion></member></PolicyVersionList></member>"
}

// people is an IAM with a role, a user and a group.
func people(l *lab) {
	l.emulator.Callers = map[string]string{
		"ASIAREADER": "arn:aws:sts::123456789012:assumed-role/reader/me",
		"AKIABOB":    "arn:aws:iam::123456789012:user/team/bob",
		"ASIAGHOST":  "arn:aws:sts::123456789012:assumed-role/ghost/me",
		"ASIAOTHER":  "arn:aws:sts::222222222222:assumed-role/ghost/me",
	}
	l.emulator.IAM = `<UserDetailList><member><Arn>arn:aws:iam::123456789012:user/team/bob</Arn><UserPolicyList/>` +
		`<GroupList><member>writers</member></GroupList></member></UserDetailList>` +
		`<GroupDetailList><member><GroupName>writers</GroupName><GroupPolicyList><member>` + allowing("s3:PutObject") + `</member></GroupPolicyList></member>` +
		`<member><GroupName>others</GroupName><GroupPolicyList><member>` + allowing("s3:*") + `</member></GroupPolicyList></member></GroupDetailList>` +
		`<RoleDetailList><member><RoleName>reader</RoleName><Arn>arn:aws:iam::123456789012:role/path/reader</Arn>` +
		`<RolePolicyList><member>` + allowing("s3:GetObject") + `</member><member>` + allowing("s3:DeleteObject") + `</member></RolePolicyList>` +
		`<AttachedManagedPolicies><member><PolicyArn>arn:aws:iam::123456789012:policy/list</PolicyArn></member></AttachedManagedPolicies>` +
		`<PermissionsBoundary><PermissionsBoundaryArn>arn:aws:iam::123456789012:policy/boundary</PermissionsBoundaryArn></PermissionsBoundary></member></RoleDetailList>` +
		`<Policies>` + managed("arn:aws:iam::123456789012:policy/list", "s3:ListBucket") + managed("arn:aws:iam::123456789012:policy/boundary", "s3:*t*") + `</Policies>`
}

func TestSessionsHaveTheirRolesRights(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	people(l)
	l.must("PUT", "/b", "")
	l.must("GET", "/b/k", "", as("ASIAREADER"))
	l.must("GET", "/b", "", as("ASIAREADER"))
	l.refused(403, "AccessDenied", "because no identity-based policy allows the s3:PutObject action", "PUT", "/b/k", "", as("ASIAREADER"))
}

func TestBoundariesLimit(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	people(l)
	l.must("PUT", "/b", "")
	l.must("DELETE", "/b/k", "", as("ASIAREADER"))
	document := policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"s3:GetObject"}, Resource: policy.Values{"*"}})
	s := callerPolicies{policies: administratorPolicies.policies, boundary: &document}
	c := callFor(t, "PUT", "/b/k")
	c.caller, c.policies = caller{credential: credential{accessKey: "x"}, arn: "arn:aws:iam::123456789012:user/u", account: "123456789012"}, s
	assert.ErrorContains(t, l.front.authorize(c), "because no permissions boundary allows the s3:PutObject action")
}

func TestUsersHaveTheirGroupsRights(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	people(l)
	l.must("PUT", "/b", "")
	l.must("PUT", "/b/k", "", as("AKIABOB"))
	l.refused(403, "AccessDenied", "s3:GetObject", "GET", "/b/k", "", as("AKIABOB"))
}

// The emulator allows assuming roles that do not exist.
func TestUnknownCallersAreAdministrators(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	people(l)
	l.must("PUT", "/b", "")
	l.must("PUT", "/b/k", "", as("ASIAGHOST"))
}

func TestAccountsAreApart(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	people(l)
	l.must("PUT", "/b", "")
	l.refused(403, "AccessDenied", "because no resource-based policy allows the s3:GetObject action", "GET", "/b/k", "", as("ASIAOTHER"))
	l.must("PUT", "/b?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}`)
	l.must("GET", "/b/k", "", as("ASIAOTHER"))
	l.refused(403, "AccessDenied", "", "PUT", "/b/k", "", as("ASIAOTHER"))
	l.refused(403, "AccessDenied", "", "DELETE", "/b?policy", "", as("ASIAOTHER"))
	l.must("PUT", "/b", "", as("ASIAOTHER")) // the emulator reports that the name is taken
}

// The session's ARN does not contain the path of its role.
func TestConditionsOnRolesWithAPath(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	people(l)
	l.must("PUT", "/b", "")
	l.must("PUT", "/b?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*",
		"Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/path/reader"}}}]}`)
	l.refused(403, "AccessDenied", "explicit deny", "GET", "/b/k", "", as("ASIAREADER"))
	l.must("GET", "/b/k", "")
}

func TestPoliciesMayNameWhoExists(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	people(l)
	l.must("PUT", "/b", "")
	for _, arn := range []string{"arn:aws:iam::123456789012:role/path/reader", "arn:aws:iam::123456789012:user/team/bob", "arn:aws:iam::222222222222:role/any"} {
		l.must("PUT", "/b?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+arn+`"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}`)
	}
}

func TestCallersAreLookedUpOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	first, err := l.front.callers.of(t.Context(), credential{accessKey: "AKIA1", authType: "REST-HEADER"})
	require.NoError(t, err)
	l.emulator.Callers = map[string]string{"AKIA1": "arn:aws:iam::1:user/other"}
	second, err := l.front.callers.of(t.Context(), credential{accessKey: "AKIA1", authType: "REST-QUERY-STRING"})
	require.NoError(t, err)
	assert.Equal(t, first.arn, second.arn)
	assert.Equal(t, "REST-QUERY-STRING", second.authType, "how it signs is the request's own")
}
