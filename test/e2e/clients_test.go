package e2e

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// clients access the lab's AWS in one region, as a user's program would.
type clients struct {
	s3  *s3.Client
	kms *kms.Client
	iam *iam.Client
	cw  *cloudwatch.Client
	sns *sns.Client
	sqs *sqs.Client
}

func (l *lab) in(region string) clients {
	l.t.Helper()
	return clientsOf(configOf(l.t, l.env, region), "https")
}

// inAccount returns clients for an administrator of another account.
func (l *lab) inAccount(account, region string) clients {
	l.t.Helper()
	cfg := configOf(l.t, l.env, region)
	cfg.Credentials = stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), "arn:aws:iam::"+account+":role/administrator")
	return clientsOf(cfg, "https")
}

func configOf(t *testing.T, env []string, region string) aws.Config {
	t.Helper()
	return aws.Config{
		Region:      region,
		HTTPClient:  &http.Client{Transport: throughProxy(t, env), Timeout: time.Minute},
		Credentials: credentials.NewStaticCredentialsProvider(variable(env, "AWS_ACCESS_KEY_ID"), variable(env, "AWS_SECRET_ACCESS_KEY"), ""),
	}
}

func clientsOf(cfg aws.Config, scheme string) clients {
	return clients{
		s3: s3.NewFromConfig(cfg, func(o *s3.Options) {
			o.EndpointOptions.DisableHTTPS = scheme == "http"
		}),
		kms: kms.NewFromConfig(cfg),
		iam: iam.NewFromConfig(cfg),
		cw:  cloudwatch.NewFromConfig(cfg),
		sns: sns.NewFromConfig(cfg),
		sqs: sqs.NewFromConfig(cfg),
	}
}

// throughProxy returns a transport for the proxy and the CA in an environment.
func throughProxy(t *testing.T, env []string) *http.Transport {
	t.Helper()
	proxy, err := url.Parse(variable(env, "HTTPS_PROXY"))
	require.NoError(t, err)
	bundle, err := os.ReadFile(variable(env, "AWS_CA_BUNDLE"))
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(bundle))
	transport := &http.Transport{
		Proxy:           http.ProxyURL(proxy),
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// leftovers returns the resources in a region that a destroyed stack should not
// leave: buckets, aliases, roles and alarms.
func (c clients) leftovers(ctx context.Context, t *testing.T) []string {
	t.Helper()
	left := []string{}
	buckets, err := c.s3.ListBuckets(ctx, &s3.ListBucketsInput{})
	require.NoError(t, err)
	for _, bucket := range buckets.Buckets {
		left = append(left, "bucket "+aws.ToString(bucket.Name))
	}
	aliases, err := c.kms.ListAliases(ctx, &kms.ListAliasesInput{})
	require.NoError(t, err)
	for _, alias := range aliases.Aliases {
		if name := aws.ToString(alias.AliasName); len(name) < 10 || name[:10] != "alias/aws/" {
			left = append(left, "alias "+name)
		}
	}
	roles, err := c.iam.ListRoles(ctx, &iam.ListRolesInput{})
	require.NoError(t, err)
	for _, role := range roles.Roles {
		if isOfLab(aws.ToString(role.RoleName)) {
			continue
		}
		left = append(left, "role "+aws.ToString(role.RoleName))
	}
	alarms, err := c.cw.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
		AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm, cwtypes.AlarmTypeCompositeAlarm},
	})
	require.NoError(t, err)
	for _, alarm := range alarms.MetricAlarms {
		left = append(left, "alarm "+aws.ToString(alarm.AlarmName))
	}
	for _, alarm := range alarms.CompositeAlarms {
		left = append(left, "composite alarm "+aws.ToString(alarm.AlarmName))
	}
	return left
}

// putNotifications puts notifications, and retries until S3 sees the policies of
// their targets.
func putNotifications(t *testing.T, client *s3.Client, input *s3.PutBucketNotificationConfigurationInput) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		_, err := client.PutBucketNotificationConfiguration(t.Context(), input)
		require.NoError(c, err)
	}, time.Minute, time.Second)
}
