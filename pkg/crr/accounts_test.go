package crr_test

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

const (
	providerType = "pulumi:providers:aws"
	elsewhere    = "222222222222"
	deployRole   = "arn:aws:iam::" + elsewhere + ":role/deploy"
)

// configured returns a stack with settings of the AWS package.
func configured(settings map[string]string, secret ...string) pulumi.RunOption {
	return func(info *pulumi.RunInfo) { info.Config, info.ConfigSecretKeys = settings, secret }
}

func TestSharedProvider_InheritsEverySettingOfTheStack(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, want string }{
		"profile":                        {"prod", `"prod"`},
		"accessKey":                      {"AKIA", `"AKIA"`},
		"secretKey":                      {"hidden", `"hidden"`},
		"token":                          {"session", `"session"`},
		"sharedConfigFiles":              {`["/etc/aws"]`, `["/etc/aws"]`},
		"sharedCredentialsFiles":         {`["/etc/aws"]`, `["/etc/aws"]`},
		"allowedAccountIds":              {`[111111111111]`, `["111111111111"]`},
		"forbiddenAccountIds":            {`["333333333333"]`, `["333333333333"]`},
		"defaultTags":                    {`{"tags": {"team": "storage"}}`, `{"tags": {"team": "storage"}}`},
		"ignoreTags":                     {`{"keyPrefixes": ["x-"]}`, `{"keyPrefixes": ["x-"]}`},
		"assumeRole":                     {`{"roleArn": "arn:aws:iam::111111111111:role/a", "externalId": "us"}`, `{"roleArn": "arn:aws:iam::111111111111:role/a", "externalId": "us"}`},
		"assumeRoleWithWebIdentity":      {`{"roleArn": "arn:aws:iam::111111111111:role/a", "webIdentityTokenFile": "/t"}`, `{"roleArn": "arn:aws:iam::111111111111:role/a", "webIdentityTokenFile": "/t"}`},
		"maxRetries":                     {"7", `7`},
		"retryMode":                      {"adaptive", `"adaptive"`},
		"tokenBucketRateLimiterCapacity": {"100", `100`},
		"endpoints":                      {`[{"s3": "https://s3.example.com"}]`, `[{"s3": "https://s3.example.com"}]`},
		"stsRegion":                      {"us-east-2", `"us-east-2"`},
		"useFipsEndpoint":                {"true", `true`},
		"useDualstackEndpoint":           {"true", `true`},
		"insecure":                       {"true", `true`},
		"skipCredentialsValidation":      {"true", `true`},
		"skipMetadataApiCheck":           {"true", `true`},
		"skipRegionValidation":           {"false", `false`},
		"skipRequestingAccountId":        {"true", `true`},
		"s3UsePathStyle":                 {"true", `true`},
		"s3UsEast1RegionalEndpoint":      {"regional", `"regional"`},
		"httpProxy":                      {"http://proxy", `"http://proxy"`},
		"httpsProxy":                     {"http://proxy", `"http://proxy"`},
		"noProxy":                        {"example.com", `"example.com"`},
		"customCaBundle":                 {"/ca.pem", `"/ca.pem"`},
		"ec2MetadataServiceEndpoint":     {"http://[::1]", `"http://[::1]"`},
		"ec2MetadataServiceEndpointMode": {"IPv6", `"IPv6"`},
		"region":                         {"eu-west-1", `"us-east-1"`},
	}
	settings := aws.ProviderArgs{}.ElementType()
	for i := range settings.NumField() {
		assert.Contains(t, cases, settings.Field(i).Tag.Get("pulumi"), "a setting of the provider has no case")
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, secret := range []bool{false, true} {
				option := configured(map[string]string{"aws:" + name: c.text})
				if secret {
					option = configured(map[string]string{"aws:" + name: c.text}, "aws:"+name)
				}
				recorder, err := pulumitest.Run(t, register("data", pair()), option)
				require.NoError(t, err)
				value := recorder.One(t, providerType, "crr-us-east-1").Inputs[resource.PropertyKey(name)]
				always := name == "accessKey" || name == "secretKey" || name == "token"
				assert.Equal(t, (secret || always) && name != "region", value.IsSecret(), "whether it is a secret")
				for value.IsSecret() {
					value = value.SecretValue().Element
				}
				got, err := json.Marshal(value.Mappable())
				require.NoError(t, err)
				assert.JSONEq(t, c.want, string(got))
			}
		})
	}
}

func TestSharedProvider_RefusesSettingsThatItCannotPassOn(t *testing.T) {
	t.Parallel()
	abroad := pair()
	abroad.Destinations[0].Bucket.AssumeRoleARN = deployRole
	for name, c := range map[string]struct {
		settings map[string]string
		want     string
	}{
		"a number that is none":            {map[string]string{"maxRetries": "many"}, `aws:maxRetries: "many" cannot be read`},
		"a misspelt key below a key":       {map[string]string{"assumeRole": `{"roleARN": "x"}`}, `aws:assumeRole: `},
		"an account without leading zeros": {map[string]string{"allowedAccountIds": `[1234567890]`}, `aws:allowedAccountIds: "1234567890" is not the id of an AWS account`},
		"a role beside a bucket's role": {
			map[string]string{"assumeRole": `{"roleArn": "arn:aws:iam::111111111111:role/first"}`},
			`data/dr.assumeRoleArn: "` + deployRole + `" and aws:assumeRole "arn:aws:iam::111111111111:role/first" are both set`,
		},
		"a role of an account that is not allowed": {map[string]string{"allowedAccountIds": `["111111111111"]`}, "data/dr.assumeRoleArn: the account 222222222222 is not among aws:allowedAccountIds"},
		"a role of a forbidden account":            {map[string]string{"forbiddenAccountIds": `["222222222222"]`}, "data/dr.assumeRoleArn: the account 222222222222 is among aws:forbiddenAccountIds"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := map[string]string{}
			for key, value := range c.settings {
				settings["aws:"+key] = value
			}
			recorder, err := pulumitest.Run(t, register("data", abroad), configured(settings))
			require.ErrorContains(t, err, c.want)
			assert.Empty(t, recorder.All(), "nothing may be registered")
		})
	}
}

func TestSharedProvider_RefusesKeysThatAreNoSettings(t *testing.T) {
	t.Setenv(pulumi.EnvConfig, `{"aws:profil": "prod", "aws:region": "us-east-1", "other:profil": "x"}`)
	recorder, err := pulumitest.Run(t, register("data", pair()))
	require.ErrorContains(t, err, "aws:profil: is not a setting of pulumi-aws v6; did you mean aws:profile?")
	assert.NotContains(t, err.Error(), "other:")
	assert.Empty(t, recorder.All())
}

// Components may be made with a context that [pulumi.Context.WithValue] derived.
func TestSharedProvider_IsSharedByDerivedContexts(t *testing.T) {
	t.Parallel()
	recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		for _, name := range []string{"one", "two"} {
			if _, err := crr.NewReplicatedBucket(ctx.WithValue("name", name), name, pair()); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, err)
	assert.Len(t, recorder.OfType(providerType), 2)
}

func TestSharedProvider_AssumesARoleWithItsExternalID(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Destinations[0].Bucket.AssumeRoleARN, args.Destinations[0].Bucket.ExternalID = deployRole, "of-us"
	args.Destinations[0].Bucket.AccountID = elsewhere
	recorder, err := pulumitest.Run(t, register("data", args))
	require.NoError(t, err)
	provider := recorder.One(t, providerType, "crr-us-west-2-"+elsewhere).Inputs.Mappable()
	assert.Equal(t, map[string]any{"roleArn": deployRole, "externalId": "of-us"}, provider["assumeRole"])
	assert.Equal(t, []any{elsewhere}, provider["allowedAccountIds"])
}

// pairWithRole returns what a deployment of pair left, with the role of the
// destination or "", and with the URNs of providers as later versions record them.
func pairWithRole(role, account string, providers ...string) pulumitest.Previous {
	component := func(region, account string) map[string]any {
		return map[string]any{"region": region, "accountId": account, "bucket": "bucket-in-" + region}
	}
	source, destination := component("us-east-1", pulumitest.Account), component("us-west-2", account)
	described := map[string]any{"bucket": "bucket-in-us-west-2", "region": "us-west-2"}
	if role != "" {
		described["assumeRoleArn"] = role
	}
	previous := pulumitest.Previous{
		pulumitest.PreviousURN("crr:index:ReplicatedBucket", "data"): {"descriptor": map[string]any{
			"source": map[string]any{"bucket": "bucket-in-us-east-1", "region": "us-east-1"}, "destinations": []any{described},
		}},
		pulumitest.PreviousURN("crr:index:ReplicatedBucket$crr:index:EncryptedBucket", "data-source"):                          source,
		pulumitest.PreviousURN("crr:index:ReplicatedBucket$crr:index:EncryptedBucket", "data-dr"):                              destination,
		pulumitest.PreviousURN("crr:index:ReplicatedBucket$crr:index:EncryptedBucket$aws:s3/bucketV2:BucketV2", "data-source"): {},
		pulumitest.PreviousURN("crr:index:ReplicatedBucket$crr:index:EncryptedBucket$aws:s3/bucketV2:BucketV2", "data-dr"):     {},
		pulumitest.PreviousURN(providerType, "crr-us-east-1"):                                                                  {"region": "us-east-1"},
	}
	for _, name := range providers {
		previous[pulumitest.PreviousURN(providerType, name)] = map[string]any{"region": "us-west-2"}
	}
	for bucket, region := range map[string]string{"data-source": "us-east-1", "data-dr": "us-west-2"} {
		previous[pulumitest.PreviousURN("crr:index:ReplicatedBucket$crr:index:EncryptedBucket$aws:s3/bucketV2:BucketV2", bucket)] = map[string]any{
			"region": region, "bucket": bucket + "-0123456",
		}
	}
	return previous
}

// recorded adds the provider that a later version keeps for each bucket.
func recorded(previous pulumitest.Previous, bucket, provider string) pulumitest.Previous {
	previous[pulumitest.PreviousURN("crr:index:ReplicatedBucket$crr:index:EncryptedBucket", bucket)]["provider"] = pulumitest.PreviousURN(providerType, provider)
	return previous
}

func TestSharedProvider_KeepsItsNameUnderOtherCredentialsOfTheAccount(t *testing.T) {
	t.Parallel()
	own := "arn:aws:iam::" + pulumitest.Account + ":role/deploy"
	for name, c := range map[string]struct {
		previous pulumitest.Previous
		role     string
		want     string
	}{
		"never deployed":                         {nil, deployRole, "crr-us-west-2-" + elsewhere},
		"deployed by a version with roles in it": {pairWithRole(deployRole, elsewhere, "crr-us-west-2-222222222222-deploy"), deployRole, "crr-us-west-2-222222222222-deploy"},
		"a role renamed":                         {pairWithRole(deployRole, elsewhere, "crr-us-west-2-222222222222-deploy"), "arn:aws:iam::222222222222:role/new", "crr-us-west-2-222222222222-deploy"},
		"a role added":                           {pairWithRole("", pulumitest.Account, "crr-us-west-2"), own, "crr-us-west-2"},
		"a role removed":                         {pairWithRole(own, pulumitest.Account, "crr-us-west-2-111111111111-deploy"), "", "crr-us-west-2-111111111111-deploy"},
		"a role added, and deployed again":       {recorded(pairWithRole(own, pulumitest.Account, "crr-us-west-2"), "data-dr", "crr-us-west-2"), own, "crr-us-west-2"},
		"a role added and renamed":               {recorded(pairWithRole(own, pulumitest.Account, "crr-us-west-2"), "data-dr", "crr-us-west-2"), own + "-2", "crr-us-west-2"},
		"a role added and removed again":         {recorded(pairWithRole(own, pulumitest.Account, "crr-us-west-2"), "data-dr", "crr-us-west-2"), "", "crr-us-west-2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := pair()
			args.Destinations[0].Bucket.AssumeRoleARN = c.role
			// Topics and their keys are in the destination's region too.
			args.Monitoring.Emails = []string{"ops@example.com"}
			recorder, err := pulumitest.RunAfter(t, c.previous, register("data", args))
			require.NoError(t, err)
			assert.Equal(t, c.want, recorder.One(t, "aws:s3/bucketV2:BucketV2", "data-dr").Provider)
			assert.Equal(t, "crr-us-east-1", recorder.One(t, "aws:s3/bucketV2:BucketV2", "data-source").Provider)
			assumed := recorder.One(t, providerType, c.want).Inputs.Mappable()["assumeRole"]
			if c.role == "" {
				assert.Nil(t, assumed)
			} else {
				assert.Equal(t, map[string]any{"roleArn": c.role}, assumed)
			}
		})
	}
}

// The alarms of a source in the destination's region keep their provider too, and
// with it their topic and its key.
func TestSharedProvider_KeepsWhatIsNearAnotherBucketOfTheAccount(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Monitoring.Emails = []string{"ops@example.com"}
	args.Destinations[0].Bucket.AssumeRoleARN = "arn:aws:iam::" + pulumitest.Account + ":role/deploy"
	recorder, err := pulumitest.RunAfter(t, pairWithRole("", pulumitest.Account, "crr-us-west-2"), register("data", args))
	require.NoError(t, err)
	assert.Len(t, recorder.OfType(providerType), 2)
	assert.Equal(t, "crr-us-west-2", recorder.One(t, "aws:kms/key:Key", "crr-messages-us-west-2-key").Provider)
}

func TestAccounts_EditsThatWouldReplaceABucketAreRefused(t *testing.T) {
	t.Parallel()
	with := func(change func(*crr.ReplicatedBucketArgs)) *crr.ReplicatedBucketArgs {
		args := pair()
		change(args)
		return args
	}
	for name, c := range map[string]struct {
		previous pulumitest.Previous
		args     *crr.ReplicatedBucketArgs
		want     string
	}{
		"credentials of another account": {
			pairWithRole("", elsewhere, "crr-us-west-2"), pair(),
			"data/dr: is deployed in account 222222222222, but the credentials belong to account 111111111111 (arn:aws:sts::111111111111:assumed-role/deploy/session)",
		},
		"a role of another account": {
			pairWithRole("", pulumitest.Account, "crr-us-west-2"),
			with(func(args *crr.ReplicatedBucketArgs) { args.Destinations[0].Bucket.AssumeRoleARN = deployRole }),
			"data/dr: is deployed in account 111111111111, but ",
		},
		"a provider that is gone": {
			recorded(pairWithRole("", pulumitest.Account, "mine"), "data-dr", "mine"), pair(),
			`data/dr: is managed by the AWS provider "mine" from BucketArgs.Provider, which was removed`,
		},
		"a provider that is gone, by an earlier version": {
			pairWithRole("", pulumitest.Account, "mine"), pair(), "data/dr: is managed by a provider from BucketArgs.Provider, which was removed",
		},
		"one bucket of a region with a role, and the other without": {
			func() pulumitest.Previous {
				previous := recorded(recorded(pairWithRole("", pulumitest.Account), "data-source", "crr-us-east-1"), "data-dr", "crr-us-east-1")
				previous[pulumitest.PreviousURN("crr:index:ReplicatedBucket$crr:index:EncryptedBucket", "data-dr")]["region"] = "us-east-1"
				return previous
			}(),
			with(func(args *crr.ReplicatedBucketArgs) {
				args.Destinations[0].Bucket.Region = "us-east-1"
				args.Destinations[0].Bucket.AssumeRoleARN = "arn:aws:iam::" + pulumitest.Account + ":role/deploy"
			}),
			"data/dr: and another bucket are managed by the same AWS provider crr-us-east-1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorder, err := pulumitest.RunAfter(t, c.previous, register("data", c.args))
			require.ErrorContains(t, err, c.want)
			for _, each := range recorder.All() {
				assert.Equal(t, providerType, each.Type, "%s may not be registered", each.Key())
			}
		})
	}
}

func TestAccounts_ProviderThatWasBroughtAlong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		previous      pulumitest.Previous
		named, region string
		account       string
		want          string
	}{
		"never deployed":                   {nil, "mine", "us-west-2", "", ""},
		"the same":                         {recorded(pairWithRole("", pulumitest.Account, "mine"), "data-dr", "mine"), "mine", "us-west-2", "", ""},
		"the same, by an earlier version":  {pairWithRole("", pulumitest.Account, "mine", "crr-us-west-2"), "mine", "us-west-2", "", ""},
		"instead of the shared one":        {pairWithRole("", pulumitest.Account, "crr-us-west-2"), "mine", "us-west-2", "", `data/dr: is managed by the AWS provider "crr-us-west-2", but Provider is mine`},
		"with the name of the shared one":  {pairWithRole("", pulumitest.Account, "crr-us-west-2"), "crr-us-west-2", "us-west-2", "", ""},
		"instead of another one":           {recorded(pairWithRole("", pulumitest.Account, "mine"), "data-dr", "mine"), "new", "us-west-2", "", `aws.NewProvider(ctx, "mine", ...)`},
		"of another region":                {nil, "mine", "eu-west-1", "", "data/dr: its Provider is for eu-west-1, but its Region is us-west-2"},
		"of another account":               {nil, "mine", "us-west-2", elsewhere, "data/dr: must be in account 222222222222, but the credentials belong to account 111111111111"},
		"of another account than deployed": {recorded(pairWithRole("", elsewhere, "mine"), "data-dr", "mine"), "mine", "us-west-2", "", "data/dr: is deployed in account 222222222222"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorder, err := pulumitest.RunAfter(t, c.previous, func(ctx *pulumi.Context) error {
				provider, err := aws.NewProvider(ctx, c.named, &aws.ProviderArgs{Region: pulumi.String(c.region)})
				if err != nil {
					return err
				}
				args := pair()
				args.Destinations[0].Bucket.Provider, args.Destinations[0].Bucket.AccountID = provider, c.account
				_, err = crr.NewReplicatedBucket(ctx, "data", args)
				return err
			})
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
			assert.Empty(t, recorder.OfType("aws:s3/bucketV2:BucketV2"))
		})
	}
}

func TestComponents_RefuseProvidersAsOptions(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]func(*aws.Provider) pulumi.ResourceOption{
		"Provider":  func(p *aws.Provider) pulumi.ResourceOption { return pulumi.Provider(p) },
		"Providers": func(p *aws.Provider) pulumi.ResourceOption { return pulumi.Providers(p) },
	} {
		for component, make := range map[string]func(*pulumi.Context, pulumi.ResourceOption) error{
			"ReplicatedBucket": func(ctx *pulumi.Context, opt pulumi.ResourceOption) error {
				_, err := crr.NewReplicatedBucket(ctx, "data", pair(), opt)
				return err
			},
			"EncryptedBucket": func(ctx *pulumi.Context, opt pulumi.ResourceOption) error {
				_, err := crr.NewEncryptedBucket(ctx, "data", &crr.EncryptedBucketArgs{Bucket: crr.BucketArgs{Region: "us-east-1"}}, opt)
				return err
			},
			"NotificationTopic": func(ctx *pulumi.Context, opt pulumi.ResourceOption) error {
				_, err := crr.NewNotificationTopic(ctx, "data", &crr.NotificationTopicArgs{Region: "us-east-1"}, opt)
				return err
			},
		} {
			t.Run(name+" of "+component, func(t *testing.T) {
				t.Parallel()
				recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
					provider, err := aws.NewProvider(ctx, "mine", &aws.ProviderArgs{Region: pulumi.String("us-east-1")})
					if err != nil {
						return err
					}
					return make(ctx, option(provider))
				})
				require.ErrorContains(t, err, "pulumi.Provider and pulumi.Providers are not supported")
				require.ErrorContains(t, err, "BucketArgs.Provider")
				assert.Empty(t, recorder.OfType("aws:s3/bucketV2:BucketV2"))
			})
		}
	}
}

func TestBucketArgs_AccountsAndRegionsAreValidated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bucket crr.BucketArgs
		want   string
	}{
		"an external id without a role":      {crr.BucketArgs{Region: "us-east-1", ExternalID: "x1"}, "source.externalId: is set without assumeRoleArn"},
		"an external id with spaces":         {crr.BucketArgs{Region: "us-east-1", AssumeRoleARN: deployRole, ExternalID: "a b"}, `source.externalId: "a b" is not an external ID`},
		"an account that is none":            {crr.BucketArgs{Region: "us-east-1", AccountID: "1"}, `source.accountId: "1" is not the id of an AWS account`},
		"an account other than the role's":   {crr.BucketArgs{Region: "us-east-1", AssumeRoleARN: deployRole, AccountID: "333333333333"}, "source.accountId: is 333333333333, but assumeRoleArn is a role of account 222222222222"},
		"a misspelt region":                  {crr.BucketArgs{Region: "us-esat-1"}, `source.region: "us-esat-1" is not a known region; did you mean us-east-1?`},
		"a misspelt region that is accepted": {crr.BucketArgs{Region: "us-esat-1", AllowUnknownRegion: true}, ""},
		"a region that may have opened":      {crr.BucketArgs{Region: "mx-quintana-7"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := pair()
			args.Source = c.bucket
			err := args.Validate()
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
		})
	}
}
