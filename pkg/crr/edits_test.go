package crr_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	ofPair     = "crr:index:ReplicatedBucket$crr:index:EncryptedBucket"
	sourceKey  = "arn:aws:kms:us-east-1:111111111111:key/source"
	anotherKey = "arn:aws:kms:us-east-1:111111111111:key/another"
)

// deployedPair returns the state of a replicated bucket "data" from us-east-1 to "dr" in
// us-west-2.
func deployedPair(forceDestroy bool) pulumitest.Previous {
	bucket := func(name, region string) map[string]any {
		return map[string]any{"bucket": name + "-0123456", "region": region, "forceDestroy": forceDestroy, "objectLockEnabled": false}
	}
	component := map[string]any{"retained": true, "protected": false, "named": false}
	return pulumitest.Previous{
		pulumitest.PreviousURN("crr:index:ReplicatedBucket", "data"):                {},
		pulumitest.PreviousURN(ofPair, "data-source"):                               component,
		pulumitest.PreviousURN(ofPair, "data-dr"):                                   component,
		pulumitest.PreviousURN(ofPair+"$aws:s3/bucketV2:BucketV2", "data-source"):   bucket("data-source", "us-east-1"),
		pulumitest.PreviousURN(ofPair+"$aws:s3/bucketV2:BucketV2", "data-dr"):       bucket("data-dr", "us-west-2"),
		pulumitest.PreviousURN(ofPair+"$aws:kms/key:Key", "data-source-key"):        {"arn": sourceKey},
		pulumitest.PreviousURN(ofPair+"$aws:kms/key:Key", "data-dr-key"):            {"arn": "arn:aws:kms:us-west-2:111111111111:key/dr"},
		pulumitest.PreviousURN("crr:index:OfAnother$aws:s3/bucketV2:BucketV2", "x"): {"bucket": "data-source"},
	}
}

// TestEdits_ThatLoseDataAreRefused compares arguments with what is deployed.
func TestEdits_ThatLoseDataAreRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		edit func(*crr.ReplicatedBucketArgs, pulumitest.Previous)
		// plain and force are what is said without and with forceDestroy; "" where the
		// edit is made.
		plain, force string
	}{
		"nothing": {edit: func(*crr.ReplicatedBucketArgs, pulumitest.Previous) {}},
		"another region of the source": {
			edit:  func(a *crr.ReplicatedBucketArgs, _ pulumitest.Previous) { a.Source.Region = "us-east-2" },
			plain: "source.region: bucket data-source-0123456 is deployed in us-east-1", force: "source.region",
		},
		"another region, with the bucket abandoned": {
			edit: func(a *crr.ReplicatedBucketArgs, _ pulumitest.Previous) {
				a.Source.Region, a.AbandonBuckets = "us-east-2", []string{"data-source-0123456"}
			},
		},
		"a name for a generated bucket": {
			edit:  func(a *crr.ReplicatedBucketArgs, _ pulumitest.Previous) { a.Source.Bucket = "my-own" },
			plain: "source.bucket: bucket data-source-0123456 is deployed here", force: "source.bucket",
		},
		"the name that a generated bucket has": {
			edit: func(a *crr.ReplicatedBucketArgs, _ pulumitest.Previous) { a.Source.Bucket = "data-source-0123456" },
		},
		"no name for a named bucket": {
			edit: func(_ *crr.ReplicatedBucketArgs, p pulumitest.Previous) {
				p[pulumitest.PreviousURN(ofPair, "data-source")] = map[string]any{"retained": true, "named": true}
			},
			plain: "Set bucket: data-source-0123456", force: "Set bucket: data-source-0123456",
		},
		"a state of an earlier release, with a generated name": {
			edit: func(_ *crr.ReplicatedBucketArgs, p pulumitest.Previous) {
				p[pulumitest.PreviousURN(ofPair, "data-source")] = map[string]any{}
			},
		},
		"a state of an earlier release, with a name": {
			edit: func(_ *crr.ReplicatedBucketArgs, p pulumitest.Previous) {
				p[pulumitest.PreviousURN(ofPair, "data-source")] = map[string]any{}
				p[pulumitest.PreviousURN(ofPair+"$aws:s3/bucketV2:BucketV2", "data-source")]["bucket"] = "my-own"
			},
			plain: "Set bucket: my-own", force: "Set bucket: my-own",
		},
		"the destination adopted": {
			edit: func(a *crr.ReplicatedBucketArgs, _ pulumitest.Previous) {
				a.Destinations[0].Bucket = existing("us-west-2", "data-dr-0123456")
			},
			force: "destinations[0].existing: bucket data-dr-0123456 is managed by this stack, and would be deleted with its objects",
		},
		"the destination adopted, in a state of an earlier release": {
			edit: func(a *crr.ReplicatedBucketArgs, p pulumitest.Previous) {
				a.Destinations[0].Bucket = existing("us-west-2", "data-dr-0123456")
				p[pulumitest.PreviousURN(ofPair, "data-dr")] = map[string]any{}
			},
			plain: "Deploy this release without the change first", force: "would be deleted with its objects",
		},
		"the destination adopted, while it is protected": {
			edit: func(a *crr.ReplicatedBucketArgs, p pulumitest.Previous) {
				a.Destinations[0].Bucket = existing("us-west-2", "data-dr-0123456")
				p[pulumitest.PreviousURN(ofPair, "data-dr")] = map[string]any{"retained": true, "protected": true}
			},
			plain: "Deploy protect: false", force: "Deploy protect: false",
		},
		"another bucket adopted in place of the destination": {
			edit: func(a *crr.ReplicatedBucketArgs, _ pulumitest.Previous) {
				a.Destinations[0].Bucket = existing("us-west-2", "elsewhere")
			},
			plain: "elsewhere would take its place", force: "elsewhere would take its place",
		},
		"the destination renamed": {
			edit:  func(a *crr.ReplicatedBucketArgs, _ pulumitest.Previous) { a.Destinations[0].Name = "west" },
			plain: "add formerNames: [dr]", force: "add formerNames: [dr]",
		},
		"the destination renamed, with its former name": {
			edit: func(a *crr.ReplicatedBucketArgs, _ pulumitest.Previous) {
				a.Destinations[0].Name, a.Destinations[0].FormerNames = "west", []string{"dr"}
			},
		},
		"the destination replaced by one of another region": {
			edit: func(a *crr.ReplicatedBucketArgs, _ pulumitest.Previous) {
				a.Destinations[0].Name, a.Destinations[0].Bucket.Region = "eu", "eu-west-1"
			},
			force: `destinations: "dr" was removed, and its bucket data-dr-0123456 holds objects`,
		},
		"the destination replaced by one of another region, while it is empty": {
			edit: func(a *crr.ReplicatedBucketArgs, p pulumitest.Previous) {
				a.Destinations[0].Name, a.Destinations[0].Bucket.Region = "eu", "eu-west-1"
				p[pulumitest.PreviousURN(ofPair+"$aws:s3/bucketV2:BucketV2", "data-dr")]["bucket"] = pulumitest.EmptyBucket
			},
		},
		"Object Lock taken back": {
			edit: func(_ *crr.ReplicatedBucketArgs, p pulumitest.Previous) {
				p[pulumitest.PreviousURN(ofPair+"$aws:s3/bucketV2:BucketV2", "data-source")]["objectLockEnabled"] = true
			},
			plain: "source.objectLock: bucket data-source-0123456 has Object Lock", force: "has Object Lock",
		},
		"Object Lock switched on": {
			edit: func(a *crr.ReplicatedBucketArgs, _ pulumitest.Previous) {
				a.Source.ObjectLock, a.Destinations[0].Bucket.ObjectLock = &replication.ObjectLock{}, &replication.ObjectLock{}
			},
		},
		"another key": {
			edit: func(a *crr.ReplicatedBucketArgs, _ pulumitest.Previous) {
				a.Source.KMSKeyARN = pulumi.String(anotherKey)
			},
		},
		"a brought key exchanged for another": {
			edit: func(a *crr.ReplicatedBucketArgs, p pulumitest.Previous) {
				a.Source.KMSKeyARN = pulumi.String(anotherKey)
				delete(p, pulumitest.PreviousURN(ofPair+"$aws:kms/key:Key", "data-source-key"))
				p[pulumitest.PreviousURN(ofPair, "data-source")] = map[string]any{"retained": true, "kmsKeyArn": sourceKey}
			},
			plain: "Add decryptKeyArns: [" + sourceKey + "]", force: "Add decryptKeyArns: [" + sourceKey + "]",
		},
		"a brought key exchanged for another, and kept for older objects": {
			edit: func(a *crr.ReplicatedBucketArgs, p pulumitest.Previous) {
				a.Source.KMSKeyARN = pulumi.String(anotherKey)
				a.Source.DecryptKeyARNs = []pulumi.StringInput{pulumi.String(sourceKey)}
				delete(p, pulumitest.PreviousURN(ofPair+"$aws:kms/key:Key", "data-source-key"))
				p[pulumitest.PreviousURN(ofPair, "data-source")] = map[string]any{"retained": true, "kmsKeyArn": sourceKey}
			},
		},
		"a brought key of a bucket that does not replicate": {
			edit: func(a *crr.ReplicatedBucketArgs, p pulumitest.Previous) {
				delete(p, pulumitest.PreviousURN(ofPair+"$aws:kms/key:Key", "data-dr-key"))
				p[pulumitest.PreviousURN(ofPair, "data-dr")] = map[string]any{"retained": true, "kmsKeyArn": "arn:aws:kms:us-west-2:111111111111:key/before"}
				a.Destinations[0].Bucket.KMSKeyARN = pulumi.String("arn:aws:kms:us-west-2:111111111111:key/after")
			},
		},
		"adopted without its key": {
			edit: func(a *crr.ReplicatedBucketArgs, p pulumitest.Previous) {
				a.Source = crr.BucketArgs{Region: "us-east-1", Bucket: "data-source-0123456", Existing: true, ReplaceRules: true}
				p[pulumitest.PreviousURN(ofPair, "data-source")] = map[string]any{"retained": true, "kmsKeyArn": sourceKey}
			},
			plain: "source.kmsKeyArn: is missing: bucket data-source-0123456 encrypts with " + sourceKey,
			force: "source.kmsKeyArn: is missing: bucket data-source-0123456 encrypts with " + sourceKey,
		},
	}
	for name, c := range cases {
		for _, force := range []bool{false, true} {
			t.Run(name+", forceDestroy "+map[bool]string{true: "on", false: "off"}[force], func(t *testing.T) {
				t.Parallel()
				args, previous := pair(), deployedPair(force)
				args.Source.ForceDestroy, args.Destinations[0].Bucket.ForceDestroy = force, force
				c.edit(args, previous)
				recorder, err := pulumitest.RunAfter(t, previous, func(ctx *pulumi.Context) error {
					_, err := crr.NewReplicatedBucket(ctx, "data", args)
					return err
				})
				want := c.plain
				if force {
					want = c.force
				}
				if want == "" {
					require.NoError(t, err)
					return
				}
				require.ErrorContains(t, err, want)
				for _, each := range recorder.All() {
					assert.Equal(t, "pulumi:providers:aws", each.Type, "nothing but providers is registered by an edit that is refused")
				}
			})
		}
	}
}

// TestEdits_AKeyThatTheStackMadeStays brings a key to a bucket that has its own.
func TestEdits_AKeyThatTheStackMadeStays(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{"another one is brought": anotherKey, "it is brought itself": sourceKey} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := pair()
			args.Source.KMSKeyARN = pulumi.String(key)
			recorder, err := pulumitest.RunAfter(t, deployedPair(false), func(ctx *pulumi.Context) error {
				_, err := crr.NewReplicatedBucket(ctx, "data", args)
				return err
			})
			require.NoError(t, err)
			made := recorder.One(t, "aws:kms/key:Key", "data-source-key")
			assert.Contains(t, recorder.One(t, rolePolicyType, "data-role-policy").Inputs["policy"].StringValue(), "id-of-data-source-key",
				"the role may still decrypt older objects")
			assert.True(t, made.RetainOnDelete)
		})
	}
}

// TestEdits_OfAWholeProgram removes and renames replicated buckets.
func TestEdits_OfAWholeProgram(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		program      map[string]*crr.ReplicatedBucketArgs
		abandon      []string
		plain, force string
	}{
		"kept":             {program: map[string]*crr.ReplicatedBucketArgs{"data": pair()}},
		"renamed":          {program: map[string]*crr.ReplicatedBucketArgs{"files": pair()}, plain: "formerNames: [data]", force: "formerNames: [data]"},
		"with former name": {program: map[string]*crr.ReplicatedBucketArgs{"files": formerly(pair(), "data")}},
		"removed":          {force: `"data" was removed, and its bucket data-dr-0123456 holds objects`},
		"removed, and abandoned": {
			abandon: []string{"data-source-0123456", "data-dr-0123456"},
		},
	}
	for name, c := range cases {
		for _, force := range []bool{false, true} {
			t.Run(name+", forceDestroy "+map[bool]string{true: "on", false: "off"}[force], func(t *testing.T) {
				t.Parallel()
				_, err := pulumitest.RunAfter(t, deployedPair(force), func(ctx *pulumi.Context) error {
					return crr.CheckEdits(ctx, c.program, c.abandon)
				})
				want := c.plain
				if force {
					want = c.force
				}
				if want == "" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, want)
				}
			})
		}
	}
}

// TestOutputs_ResolveWhenTheBucketIsReady looks at what is there when an output of
// a bucket is known.
func TestOutputs_ResolveWhenTheBucketIsReady(t *testing.T) {
	t.Parallel()
	recorder := pulumitest.NewRecorder(nil)
	atSource, atDestination := make(chan []string, 1), make(chan []string, 1)
	see := func(seen chan []string) func(string) string {
		return func(name string) string {
			var types []string
			for _, each := range recorder.All() {
				if strings.HasPrefix(each.Name, "data-") {
					types = append(types, each.Key())
				}
			}
			seen <- types
			return name
		}
	}
	err := recorder.Run(func(ctx *pulumi.Context) error {
		data, err := crr.NewReplicatedBucket(ctx, "data", pair())
		if err != nil {
			return err
		}
		ctx.Export("source", data.Source.Bucket.ApplyT(see(atSource)))
		ctx.Export("destination", data.Destinations[0].Bucket.ApplyT(see(atDestination)))
		return nil
	})
	require.NoError(t, err)
	for place, seen := range map[string]chan []string{"source": atSource, "dr": atDestination} {
		there := <-seen
		for _, setting := range []string{
			"aws:s3/bucketVersioningV2:BucketVersioningV2 data-" + place + "-versioning", "aws:s3/bucketPolicy:BucketPolicy data-" + place + "-policy",
			"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2 data-" + place + "-encryption",
		} {
			assert.Contains(t, there, setting)
		}
		if place == "source" {
			assert.Contains(t, there, "aws:s3/bucketReplicationConfig:BucketReplicationConfig data-replication")
		}
	}
}

func existing(region, bucket string) crr.BucketArgs {
	return crr.BucketArgs{
		Region: region, Bucket: bucket, Existing: true, KMSKeyARN: pulumi.String("arn:aws:kms:" + region + ":111111111111:key/theirs"),
	}
}

func formerly(args *crr.ReplicatedBucketArgs, name string) *crr.ReplicatedBucketArgs {
	args.FormerNames = []string{name}
	return args
}
