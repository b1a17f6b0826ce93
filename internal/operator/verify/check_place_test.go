package verify

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// A deployment can't make a bucket again that it adopted.
func TestJudgeBucket_SaysWhoCanMakeItAgain(t *testing.T) {
	t.Parallel()
	for existing, want := range map[bool]string{
		false: "recreate it with `pulumi up --refresh`, or remove its rules: another account can take the name",
		true: "the deployment adopted it, and doesn't create it: recreate it in us-east-1, or remove its rules: " +
			"another account can take the name",
	} {
		p := newPlace(deployedPlace("source", "us-east-1"), "", awsConfig)
		p.Existing, p.region.err = existing, &smithy.GenericAPIError{Code: "NoSuchBucket"}
		found := p.judgeBucket()
		assert.Equal(t, "the bucket "+p.url()+" does not exist", found.reason)
		assert.Equal(t, want, found.fix)
	}
}

// TestGuards_InventoriesAndPayersThatWereNotDeployed has what takes lists of objects
// elsewhere, and what keeps readers and S3 out.
func TestGuards_InventoriesAndPayersThatWereNotDeployed(t *testing.T) {
	t.Parallel()
	source := newPlace(deployedPlace("source", "us-east-1"), "", awsConfig)
	of := func(change func(*place)) *place {
		p := newPlace(deployedPlace("dr", "us-west-2"), "", awsConfig)
		change(p)
		return p
	}
	inventory := func(id, account string) s3types.InventoryConfiguration {
		return s3types.InventoryConfiguration{Id: &id, Destination: &s3types.InventoryDestination{
			S3BucketDestination: &s3types.InventoryS3BucketDestination{Bucket: aws.String("arn:aws:s3:::elsewhere"), AccountId: &account},
		}}
	}
	payer := func(p *place) outcome { return p.judgePayer([]*place{source}) }
	pays := func(p *place) { p.payer.value = s3types.PayerRequester }
	inventories := (*place).judgeAddedInventories
	for _, test := range []struct {
		name                 string
		judge                func(*place) outcome
		change               func(*place)
		reason, fix, failure string
		skipped, noAnswer    bool
	}{
		{name: "the owner pays", judge: payer, change: func(p *place) { p.payer.value = s3types.PayerBucketOwner }},
		{name: "the requester pays", judge: payer, change: pays, reason: "has Requester Pays enabled", fix: "put-bucket-request-payment"},
		{
			name: "the requester pays for another account's bucket", judge: payer, change: func(p *place) { pays(p); p.Existing, p.AccountID = true, "222222222222" },
			reason: "does not replicate objects to it", fix: "Payer=BucketOwner", failure: "DstPutObjectNotPermitted",
		},
		{name: "the requester pays for an existing bucket", judge: payer, change: func(p *place) { pays(p); p.Existing = true }, reason: "managed elsewhere", skipped: true},
		{name: "who pays can't be read", judge: payer, change: func(p *place) { p.payer.err = denied }, reason: "reading Requester Pays of", noAnswer: true},
		{name: "no inventories", judge: inventories, change: func(*place) {}},
		{
			name: "an inventory", judge: inventories, change: func(p *place) {
				p.inventories.value = []s3types.InventoryConfiguration{inventory("spy", "333333333333")}
			},
			reason: `"spy" into s3://elsewhere of the account 333333333333`, fix: "delete-bucket-inventory-configuration",
		},
		{name: "inventories of an existing bucket", judge: inventories, change: func(p *place) { p.Existing = true }, reason: "managed elsewhere", skipped: true},
		{name: "inventories that can't be read", judge: inventories, change: func(p *place) { p.inventories.err = denied }, reason: "reading the inventories", noAnswer: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			found := test.judge(of(test.change))
			assert.Equal(t, test.reason == "", found.reason == "", found.reason)
			assert.Contains(t, found.reason, test.reason)
			assert.Contains(t, found.fix, test.fix)
			assert.Equal(t, test.failure, found.failure)
			assert.Equal(t, []bool{test.skipped, test.noAnswer}, []bool{found.skipped, found.noAnswer})
		})
	}
}

// Where all that can be read lets an object through, a condition in the trust policy on
// what AWS does not document is the next cause.
func TestAsk_NamesATrustPolicyThatRestsOnUndocumentedKeys(t *testing.T) {
	t.Parallel()
	const roleARN = "arn:aws:iam::111111111111:role/r"
	trust := func(condition policy.Conditions) policy.Document {
		return policy.New(policy.Statement{
			Effect: policy.Allow, Principal: policy.Service("s3.amazonaws.com"), Action: policy.Values{"sts:AssumeRole"}, Condition: condition,
		})
	}
	for name, test := range map[string]struct {
		trust         policy.Document
		reason        string
		failure, does string
	}{
		"on the account": {
			trust(policy.Conditions{"StringEquals": {"aws:SourceAccount": {"111111111111"}}}),
			"it did not arrive, and all readable settings allow it, except the trust policy of " + roleARN +
				": it allows S3 only if S3 sends aws:SourceAccount, which AWS does not document",
			"AssumeRoleNotPermitted", "StringEqualsIfExists",
		},
		"on nothing": {trust(nil), "it did not arrive, and all readable settings allow it", "", "look elsewhere"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from := newPlace(deployedPlace("source", "us-east-1"), roleARN, awsConfig)
			from.role.value.trust = test.trust
			f := &flow{from: from}
			found := f.ask(model.Object{Key: "a"}, "dr", "it did not arrive", "look elsewhere")
			assert.Equal(t, test.reason, found.reason)
			assert.Equal(t, test.failure, found.failure)
			assert.Contains(t, found.fix, test.does)
		})
	}
}

// TestGuards_RequesterPaysAtTheSourceOfTwoWayReplication has a destination in another
// account replicate back to an adopted source.
func TestGuards_RequesterPaysAtTheSourceOfTwoWayReplication(t *testing.T) {
	t.Parallel()
	source, dr := deployedPlace("source", "us-east-1"), deployedPlace("dr", "us-west-2")
	source.Existing, dr.AccountID = true, "222222222222"
	forward := replication.Rule{ID: "there", Destination: "dr", Status: replication.Enabled}
	back := replication.Rule{ID: "back", Source: "dr", Destination: "source", Status: replication.Enabled}
	for _, test := range []struct {
		name   string
		rules  []replication.Rule
		reason string
	}{
		{"one-way", []replication.Rule{forward}, "managed elsewhere"},
		{"two-way", []replication.Rule{forward, back}, "does not replicate objects to it from another account"},
	} {
		descriptor := replication.Descriptor{Version: 1, Name: "data", Rules: test.rules, Source: source, Destinations: []replication.DeployedBucket{dr}}
		d := &deployment{descriptor: descriptor, places: []*place{newPlace(source, "", awsConfig), newPlace(dr, "", awsConfig)}}
		d.flows = flows(descriptor, d.places)
		d.places[0].payer.value = s3types.PayerRequester
		assert.Contains(t, d.places[0].judgePayer(d.sourcesOf(d.places[0])).reason, test.reason, test.name)
	}
}
