package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Policies that limit the role are judged, and none of them counts as a grant.
func TestExplain_TakesPoliciesThatLimitTheRole(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	statement := func(effect, action, more string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Action":"` + action + `","Resource":"*"` + more + `}]}`
	}
	rules := file("rules.json", `{"ReplicationConfiguration":{"Role":"arn:aws:iam::111111111111:role/s3-replication","Rules":[
		{"ID":"all","Priority":1,"Filter":{"Prefix":""},"Status":"Enabled","Destination":{"Bucket":"arn:aws:s3:::dr"},"DeleteMarkerReplication":{"Status":"Disabled"}}]}}`)
	full, none := file("full.json", statement("Allow", "*", "")), file("none.json", statement("Allow", "sqs:*", ""))
	denyPut, denySQS := file("deny.json", statement("Deny", "s3:Replicate*", "")), file("deny-sqs.json", statement("Deny", "sqs:*", ""))
	rcp := file("rcp.json", statement("Deny", "s3:*", `,"Principal":"*"`))
	trust := func(service string) string {
		return file(service, `{"Statement":[{"Effect":"Allow","Principal":{"Service":"`+service+`"},"Action":"sts:AssumeRole"}]}`)
	}
	for name, test := range map[string]struct {
		args   []string
		status int
	}{
		"nothing more":                         {nil, exitOK},
		"an SCP of full access":                {[]string{"--scp", full}, exitOK},
		"an SCP without S3":                    {[]string{"--scp", full, "--scp", none}, exitFailed},
		"two SCPs of one level":                {[]string{"--scp", "root=" + full, "--scp", "root=" + none}, exitOK},
		"an SCP that denies":                   {[]string{"--scp", denyPut}, exitFailed},
		"an SCP that denies another service":   {[]string{"--scp", denySQS}, exitOK},
		"an RCP":                               {[]string{"--rcp", rcp}, exitFailed},
		"a permissions boundary":               {[]string{"--permissions-boundary", none}, exitFailed},
		"the permissions boundary of the role": {[]string{"--permissions-boundary", "s3-replication=" + full}, exitOK},
		"the boundary of another role":         {[]string{"--permissions-boundary", "other=" + full}, exitNoAnswer},
		"two boundaries of a role":             {[]string{"--permissions-boundary", full, "--permissions-boundary", none}, exitNoAnswer},
		"S3 is trusted":                        {[]string{"--trust-policy", trust("s3.amazonaws.com")}, exitOK},
		"S3 is not trusted":                    {[]string{"--trust-policy", trust("ec2.amazonaws.com")}, exitFailed},
		"a file that is not there":             {[]string{"--scp", filepath.Join(folder, "gone.json")}, exitNoAnswer},
	} {
		args := append([]string{"explain", "a", "--replication", "data=" + rules, "--encryption", "AES256", "--role-policy", full}, test.args...)
		status, out, messages := crr(t, args...)
		assert.Equal(t, test.status, status, "%s: %s%s", name, out, messages)
	}
	status, out, _ := crr(t, "explain", "a", "--replication", "data="+rules, "--encryption", "AES256", "--role-policy", none, "--scp", full)
	assert.Equal(t, exitFailed, status, "the Allow of an SCP is no grant: %s", out)
	status, out, _ = crr(t, "lint", "--replication", "data="+rules, "--severity", "error", "--rcp", rcp)
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, out, "resource control policy 0")
}
