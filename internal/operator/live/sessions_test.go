package live

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func TestSessions_AssumeRolesWithTheirExternalID(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		asked = append(asked, r.Form.Get("RoleArn")+" "+r.Form.Get("ExternalId"))
		fmt.Fprint(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey>`+
			`<SessionToken>T</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
	}))
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL_STS", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "A")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "S")
	t.Setenv("AWS_PROFILE", "")
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	sessions, err := Open(t.Context())
	require.NoError(t, err)
	const role = "arn:aws:iam::222222222222:role/deploy"
	for _, place := range []replication.DeployedBucket{
		{Region: "us-east-1"}, {Region: "us-east-1", AssumeRoleARN: role}, {Region: "us-east-1", AssumeRoleARN: role, ExternalID: "of-us"},
	} {
		_, err := sessions.At(place).Credentials.Retrieve(t.Context())
		require.NoError(t, err)
	}
	assert.Equal(t, []string{role + " ", role + " of-us"}, asked)
}
