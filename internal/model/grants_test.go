package model_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func deployed(destinationAccount string) replication.Descriptor {
	return replication.Descriptor{
		RoleARN: "arn:aws:iam::111111111111:role/replication",
		Source: replication.DeployedBucket{
			Name: "source", ARN: "arn:aws:s3:::data", Region: "us-east-1", AccountID: "111111111111", KMSKeyARN: "arn:aws:kms:us-east-1:111111111111:key/a",
		},
		Destinations: []replication.DeployedBucket{{
			Name: "dr", ARN: "arn:aws:s3:::replicas", Region: "us-west-2", AccountID: destinationAccount,
			KMSKeyARN: "arn:aws:kms:us-west-2:" + destinationAccount + ":key/b",
		}},
		Rules: []replication.Rule{{ID: "dr", Destination: "dr"}, {ID: "too", Destination: "dr"}},
	}
}

func TestGrants_WithinAnAccountAreTheRolesAlone(t *testing.T) {
	t.Parallel()
	grants := model.Grants(deployed("111111111111"))
	assert.Len(t, grants, 1)
	assert.Equal(t, "arn:aws:iam::111111111111:role/replication", grants[0].Resource)
}

func TestGrants_AcrossAccountsTakeBothSides(t *testing.T) {
	t.Parallel()
	d := deployed("222222222222")
	resources := []string{}
	documents := map[string]policy.Document{}
	for _, grant := range model.Grants(d) {
		resources = append(resources, grant.Resource)
		documents[grant.Resource] = grant.Document
	}
	assert.Equal(t, []string{d.RoleARN, "arn:aws:s3:::replicas", "arn:aws:kms:us-west-2:222222222222:key/b"}, resources)

	// With these and nothing else, every call is allowed.
	bucket, key := documents["arn:aws:s3:::replicas"], documents["arn:aws:kms:us-west-2:222222222222:key/b"]
	proof := model.Documents{Role: []policy.Document{documents[d.RoleARN]}, DestinationBucket: &bucket, DestinationKey: &key}
	source := model.BucketRef{Region: "us-east-1", Account: "111111111111", BucketARN: "arn:aws:s3:::data", KMSKeyARN: d.Source.KMSKeyARN}
	destination := model.BucketRef{Region: "us-west-2", Account: "222222222222", BucketARN: "arn:aws:s3:::replicas", KMSKeyARN: d.Destinations[0].KMSKeyARN}
	for _, call := range model.Calls(d.RoleARN, source, destination) {
		if call.At.BucketARN != destination.BucketARN {
			continue
		}
		target := model.DestinationBucket
		if call.Key {
			target = model.DestinationKey
		}
		assert.Empty(t, proof.Prove([]model.Check{{Caller: model.Role, Target: target, Request: call.Request, Want: model.Allowed}}))
	}
}

func TestGrants_OfTwoWayReplicationAreForBothRoles(t *testing.T) {
	t.Parallel()
	d := deployed("222222222222")
	d.Destinations[0].RoleARN = "arn:aws:iam::222222222222:role/back"
	d.Rules = append(d.Rules, replication.Rule{ID: "dr", Source: "dr", Destination: "source"})
	resources := []string{}
	for _, grant := range model.Grants(d) {
		resources = append(resources, grant.Resource)
	}
	assert.Equal(t, []string{
		d.RoleARN, "arn:aws:iam::222222222222:role/back",
		"arn:aws:s3:::data", "arn:aws:kms:us-east-1:111111111111:key/a",
		"arn:aws:s3:::replicas", "arn:aws:kms:us-west-2:222222222222:key/b",
	}, resources)
}

// Putting a policy replaces all of it: the statements of one deployment after
// those of another would take the first's place.
func TestGrants_OfSeveralDeploymentsAreOnceForEachResource(t *testing.T) {
	t.Parallel()
	web, app, dumps := deployed("222222222222"), deployed("222222222222"), deployed("222222222222")
	app.RoleARN = "arn:aws:iam::111111111111:role/app"
	dumps.RoleARN = app.RoleARN
	dumps.Source.ARN, dumps.Destinations[0].ARN = "arn:aws:s3:::db", "arn:aws:s3:::dumps"

	documents := map[string]policy.Document{}
	for _, grant := range model.Grants(web, app, dumps) {
		assert.NotContains(t, documents, grant.Resource, "is there twice")
		documents[grant.Resource] = grant.Document
		assert.NotContains(t, grant.Note, "only if")
		sids := map[string]bool{}
		for _, statement := range grant.Document.Statement {
			assert.False(t, sids[statement.Sid], "%s has the Sid %s twice", grant.Resource, statement.Sid)
			sids[statement.Sid] = true
		}
	}
	assert.Len(t, documents, 5, "two roles, two buckets and the key of both")

	bucket := documents["arn:aws:s3:::replicas"].Statement
	if assert.Len(t, bucket, 1) {
		assert.Equal(t, policy.AWS(web.RoleARN, app.RoleARN), bucket[0].Principal)
	}
	assert.Len(t, documents["arn:aws:kms:us-west-2:222222222222:key/b"].Statement, 2, "one for each bucket that it encrypts")
	for _, each := range []replication.Descriptor{app, dumps} {
		role := documents[app.RoleARN].JSON()
		assert.Contains(t, role, each.Source.ARN)
		assert.Contains(t, role, each.Destinations[0].ARN)
	}
	assert.Equal(t, model.Grants(web), model.Grants(web, web), "what is needed twice, is granted once")
}

func TestGrants_SayWhereItIsNotKnownThatTheyAreNeeded(t *testing.T) {
	t.Parallel()
	d := deployed("222222222222")
	d.Source.AccountID, d.RoleARN = "<account>", "arn:aws:iam::<account>:role/replication"
	grants := model.Grants(d)
	assert.Contains(t, grants[0].Document.JSON(), "s3:ObjectOwnerOverrideToBucketOwner", "in case it is another account")
	for _, grant := range grants[1:] {
		assert.Contains(t, grant.Note, "are in different accounts", grant.Resource)
	}
	assert.Len(t, grants, 3)
	d.Destinations[0].AccountID = "<account>"
	assert.Len(t, model.Grants(d), 1, "whichever account it is, it is one")
}

// grantsOf are the statements that a deployment needs, by what they are about.
func grantsOf(d replication.Descriptor) map[string]string {
	documents := map[string]string{}
	for _, grant := range model.Grants(d) {
		documents[grant.Resource] = grant.Document.JSON()
	}
	return documents
}

func TestGrants_OfBucketsWithoutAKeyNameNoKey(t *testing.T) {
	t.Parallel()
	d := deployed("222222222222")
	d.Source.KMSKeyARN, d.Destinations[0].KMSKeyARN = "", ""
	grants := grantsOf(d)
	assert.Len(t, grants, 2, "the role and the bucket")
	assert.NotContains(t, grants[d.RoleARN], "kms:")
}

func TestGrants_OfKeysOfOtherAccounts(t *testing.T) {
	t.Parallel()
	old, theirs, central := "arn:aws:kms:us-east-1:111111111111:key/old", "arn:aws:kms:us-east-1:333333333333:key/theirs", "arn:aws:kms:us-west-2:333333333333:key/central"
	d := deployed("111111111111")
	d.Source.DecryptKeyARNs = []string{old, theirs}
	d.Destinations[0].KMSKeyARN = central
	grants := grantsOf(d)
	assert.Len(t, grants, 3, "the role, and both keys of the other account")
	assert.Contains(t, grants[d.RoleARN], `["`+d.Source.KMSKeyARN+`","`+old+`","`+theirs+`"]`)
	assert.Contains(t, grants[theirs], `"kms:Decrypt"`)
	assert.Contains(t, grants[theirs], `"kms:EncryptionContext:aws:s3:arn":["arn:aws:s3:::data","arn:aws:s3:::data/*"]`)
	assert.Contains(t, grants[central], `"kms:Encrypt"`)
}
