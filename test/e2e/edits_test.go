package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Expected results of editing a stack.
const (
	inPlace  = "in place" // everything stays, and replicates
	retained = "retained" // a bucket is removed from the stack, and stays in AWS
	refused  = "refused"  // nothing changes
	deleted  = "deleted"  // buckets are deleted with their objects, by forceDestroy
	pair     = "{ name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }] }"
	threeOf  = "{ name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }, { name: eu, region: eu-west-1 }] }"
	locked   = "{ name: data, source: { region: us-east-1, objectLock: { mode: GOVERNANCE, days: 1 } }, destinations: [{ name: dr, region: us-west-2, objectLock: { mode: GOVERNANCE, days: 1 } }] }"
)

// edit is a change of a stack's configuration, and its expected result: with the
// defaults, with forceDestroy, and with protect.
type edit struct {
	before, after             string
	plain, force, protect     string
	words                     string
	destroy, setForce, setOff bool
	// adds means that a destination is added, which has no replicas of older
	// objects.
	adds bool
}

// edits are typical edits by users. In an edit, $SOURCE and $DR are the buckets of
// the first replication, $SOURCEKEY and $DRKEY their keys, and $NEWKEY and $NEWDRKEY
// keys of the user.
var edits = map[string]edit{
	"no change": {before: pair, after: pair, plain: inPlace, force: inPlace, protect: inPlace},
	"the source is adopted": {
		before: pair, after: "{ name: data, source: { region: us-east-1, bucket: $SOURCE, existing: true, replaceRules: true, kmsKeyArn: $SOURCEKEY }, destinations: [{ name: dr, region: us-west-2 }] }",
		plain: retained, force: refused, protect: refused,
	},
	"the destination is adopted": {
		before: pair, after: "{ name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2, bucket: $DR, existing: true, kmsKeyArn: $DRKEY }] }",
		plain: retained, force: refused, protect: refused,
	},
	"another key at the source": {
		before: pair, after: "{ name: data, source: { region: us-east-1, kmsKeyArn: $NEWKEY }, destinations: [{ name: dr, region: us-west-2 }] }",
		plain: inPlace, force: inPlace, protect: inPlace,
	},
	"another key at the destination": {
		before: pair, after: "{ name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2, kmsKeyArn: $NEWDRKEY }] }",
		plain: inPlace, force: inPlace, protect: inPlace,
	},
	"the key in use, by its ARN": {
		before: pair, after: "{ name: data, source: { region: us-east-1, kmsKeyArn: $SOURCEKEY }, destinations: [{ name: dr, region: us-west-2 }] }",
		plain: inPlace, force: inPlace, protect: inPlace,
	},
	"a destination is dropped": {
		before: threeOf, after: pair, plain: retained, force: refused, protect: refused,
	},
	"a destination is added": {before: pair, after: threeOf, plain: inPlace, force: inPlace, protect: inPlace, adds: true},
	"a destination is renamed": {
		before: pair, after: "{ name: data, source: { region: us-east-1 }, destinations: [{ name: west, region: us-west-2 }] }",
		plain: refused, force: refused, protect: refused, words: "formerNames: [dr]",
	},
	"a destination is renamed with its former name": {
		before: pair, after: "{ name: data, source: { region: us-east-1 }, destinations: [{ name: west, formerNames: [dr], region: us-west-2 }] }",
		plain: inPlace, force: inPlace, protect: inPlace,
	},
	"a two-way destination is renamed with its former name": {
		before: "{ name: data, direction: two-way, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }] }",
		after:  "{ name: data, direction: two-way, source: { region: us-east-1 }, destinations: [{ name: west, formerNames: [dr], region: us-west-2 }] }",
		plain:  inPlace, force: inPlace, protect: inPlace,
	},
	"two destinations swap their names": {
		before: threeOf, after: "{ name: data, source: { region: us-east-1 }, destinations: [{ name: eu, region: us-west-2 }, { name: dr, region: eu-west-1 }] }",
		plain: refused, force: refused, protect: refused, words: "can't move buckets",
	},
	"a replication is dropped": {
		before: pair + ", { name: logs, source: { region: eu-west-1 }, destinations: [{ name: dr, region: eu-central-1 }] }", after: pair,
		plain: retained, force: refused, protect: refused,
	},
	"a replication is renamed": {
		before: pair, after: strings.Replace(pair, "data", "files", 1), plain: refused, force: refused, protect: refused, words: "formerNames: [data]",
	},
	"a replication is renamed with its former name": {
		before: pair, after: strings.Replace(pair, "name: data", "name: files, formerNames: [data]", 1), plain: inPlace, force: inPlace, protect: inPlace,
	},
	"the source moves to another region": {
		before: pair, after: strings.Replace(pair, "us-east-1", "us-east-2", 1), plain: refused, force: refused, protect: refused, words: "can't move buckets",
	},
	"the destination moves to another region": {
		before: pair, after: strings.Replace(pair, "us-west-2", "eu-west-1", 1), plain: refused, force: refused, protect: refused, words: "can't move buckets",
	},
	"source and destination swap their regions": {
		before: pair, after: "{ name: data, source: { region: us-west-2 }, destinations: [{ name: dr, region: us-east-1 }] }",
		plain: refused, force: refused, protect: refused, words: "can't move buckets",
	},
	"a generated bucket is given a name": {
		before: pair, after: "{ name: data, source: { region: us-east-1, bucket: my-own-name }, destinations: [{ name: dr, region: us-west-2 }] }",
		plain: refused, force: refused, protect: refused, words: "can't rename buckets",
	},
	"a generated bucket is given the name it has": {
		before: pair, after: "{ name: data, source: { region: us-east-1, bucket: $SOURCE }, destinations: [{ name: dr, region: us-west-2 }] }",
		plain: inPlace, force: inPlace, protect: inPlace,
	},
	"a named bucket loses its name": {
		before: "{ name: data, source: { region: us-east-1, bucket: named-$STACK }, destinations: [{ name: dr, region: us-west-2 }] }", after: pair,
		plain: refused, force: refused, protect: refused, words: "Set bucket: named-",
	},
	"Object Lock is switched on": {before: pair, after: locked, plain: inPlace, force: inPlace, protect: inPlace},
	"Object Lock is switched off": {
		before: locked, after: pair, plain: refused, force: refused, protect: refused, words: "can't be disabled",
	},
	"everything that can be set is set": {
		before: pair,
		after: `{ name: data, direction: two-way, source: { region: us-east-1, guard: {}, acceleration: true, lifecycle: { noncurrentDays: 30 } },
			destinations: [{ name: dr, region: us-west-2, storageClass: STANDARD_IA }],
			monitoring: { failureQueue: true, emails: [oncall@example.com], composite: true }, rules: [{ id: everything }] }`,
		plain: inPlace, force: inPlace, protect: inPlace,
	},
	"forceDestroy is set": {before: pair, after: pair, plain: inPlace, force: inPlace, protect: inPlace, setForce: true},
	"protect and forceDestroy are taken back": {
		before: pair, after: pair, plain: inPlace, force: inPlace, protect: inPlace, setOff: true,
	},
	"the stack is destroyed": {before: pair, destroy: true, plain: refused, force: deleted, protect: refused},
	"a stack with locked objects is destroyed": {
		before: locked, destroy: true, plain: refused, force: refused, protect: refused,
	},
}

// TestEdits_LoseNoObject makes every edit on a deployed stack that holds objects,
// and reads every object afterwards.
func TestEdits_LoseNoObject(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.project("config: {}\n") // the program; each cell has its own stack
	newKey, newDRKey := makeKey(t, l.in("us-east-1")), makeKey(t, l.in("us-west-2"))
	n := 0
	for name, e := range edits {
		for _, protect := range []bool{false, true} {
			for _, force := range []bool{false, true} {
				n++
				c := editedStack{lab: l, name: fmt.Sprintf("e%d", n), edit: e, protect: protect, force: force, newKey: newKey, newDRKey: newDRKey}
				t.Run(fmt.Sprintf("%s, protect %t, forceDestroy %t", name, protect, force), func(t *testing.T) {
					t.Parallel()
					c.t = t
					c.test()
				})
			}
		}
	}
}

// editedStack is one cell of the table.
type editedStack struct {
	*lab
	t                *testing.T
	name             string
	edit             edit
	protect, force   bool
	newKey, newDRKey string
}

func (c editedStack) want() string {
	switch {
	case c.protect:
		return c.edit.protect
	case c.force:
		return c.edit.force
	default:
		return c.edit.plain
	}
}

func (c editedStack) test() {
	c.configure(c.edit.before, c.protect, c.force)
	c.must("pulumi", "stack", "select", "--create", c.name)
	c.must("pulumi", "up", "--yes", "--skip-preview", "--stack", c.name)
	before, resources := c.deployed(), c.resources()
	for _, d := range before {
		c.write(d, "before")
	}
	output, err := c.apply(before[0])
	switch c.want() {
	case refused:
		require.Errorf(c.t, err, "the edit is not refused\n%s", output)
		assert.Contains(c.t, output, c.edit.words)
		assert.Equal(c.t, resources, c.resources(), "a refused edit changes nothing")
		c.configure(c.edit.before, c.protect, c.force)
		c.must("pulumi", "up", "--yes", "--skip-preview", "--stack", c.name)
		assert.Equal(c.t, resources, c.resources(), "the edit is taken back")
		for _, d := range before {
			c.write(d, "after")
		}
	case deleted:
		require.NoErrorf(c.t, err, "%s", output)
		c.assertKeys(before)
		return
	default:
		require.NoErrorf(c.t, err, "%s", output)
		c.must("pulumi", "preview", "--expect-no-changes", "--stack", c.name)
		now := c.deployed()
		if c.want() == inPlace {
			assert.Equal(c.t, buckets(before), buckets(now)[:len(buckets(before))], "the stack has the same buckets")
		}
		for _, d := range now {
			if !c.edit.adds {
				c.retag(d, "before")
			}
			c.write(d, "after")
		}
	}
	for _, d := range before {
		c.read(d, "before")
	}
	c.assertKeys(before)
}

// apply makes the edit, without a preview that a person might check.
func (c editedStack) apply(d replication.Descriptor) (string, error) {
	if c.edit.destroy {
		return runIn(c.t, c.dir, c.env, "pulumi", "destroy", "--yes", "--skip-preview", "--stack", c.name)
	}
	after := strings.NewReplacer(
		"$SOURCEKEY", d.Source.KMSKeyARN, "$DRKEY", d.Destinations[0].KMSKeyARN, "$SOURCE", d.Source.Bucket, "$DR", d.Destinations[0].Bucket,
		"$NEWKEY", c.newKey, "$NEWDRKEY", c.newDRKey).Replace(c.edit.after)
	c.configure(after, c.protect && !c.edit.setOff, (c.force || c.edit.setForce) && !c.edit.setOff)
	return runIn(c.t, c.dir, c.env, "pulumi", "up", "--yes", "--skip-preview", "--stack", c.name)
}

func (c editedStack) configure(replications string, protect, force bool) {
	c.lab.write("Pulumi."+c.name+".yaml", fmt.Sprintf("config:\n  crr:deletionWindowInDays: 7\n  crr:protect: %t\n  crr:forceDestroy: %t\n  crr:replications: [%s]\n",
		protect, force, strings.NewReplacer("\t", " ", "$STACK", c.name).Replace(replications)))
}

func (c editedStack) must(name string, args ...string) string {
	output, err := runIn(c.t, c.dir, c.env, name, args...)
	require.NoErrorf(c.t, err, "%s %s\n%s", name, strings.Join(args, " "), output)
	return output
}

func (c editedStack) deployed() []replication.Descriptor {
	var descriptors []replication.Descriptor
	require.NoError(c.t, json.Unmarshal([]byte(c.must("pulumi", "stack", "output", "replications", "--json", "--stack", c.name)), &descriptors))
	return descriptors
}

// resources returns the resources in the stack's state, by URN, without providers:
// the provider of a new region is used before an edit is rejected.
func (c editedStack) resources() map[string]string {
	var state struct {
		Deployment struct {
			Resources []struct{ URN, ID string }
		}
	}
	require.NoError(c.t, json.Unmarshal([]byte(c.must("pulumi", "stack", "export", "--stack", c.name)), &state))
	ids := map[string]string{}
	for _, resource := range state.Deployment.Resources {
		if !strings.Contains(resource.URN, "::pulumi:providers:") {
			ids[resource.URN] = resource.ID
		}
	}
	return ids
}

func buckets(descriptors []replication.Descriptor) []string {
	var names []string
	for _, d := range descriptors {
		for _, place := range d.Buckets() {
			names = append(names, place.Bucket)
		}
	}
	return names
}

// write puts an object and waits for its replicas.
func (c editedStack) write(d replication.Descriptor, key string) {
	from := c.clients(d.Source)
	_, err := from.s3.PutObject(c.t.Context(), &s3.PutObjectInput{
		Bucket: &d.Source.Bucket, Key: &key, Body: strings.NewReader("content of " + key),
		ChecksumAlgorithm: s3types.ChecksumAlgorithmCrc32, // required for buckets with Object Lock
	})
	require.NoError(c.t, err)
	from.settles(c.t, d.Source.Bucket, key, s3types.ReplicationStatusCompleted)
	c.read(d, key)
}

// retag changes the tags of an existing object, which S3 replicates only if it can
// still read the object.
func (c editedStack) retag(d replication.Descriptor, key string) {
	from := c.clients(d.Source)
	if _, err := from.s3.HeadObject(c.t.Context(), &s3.HeadObjectInput{Bucket: &d.Source.Bucket, Key: &key}); err != nil {
		return // a bucket of another replication
	}
	_, err := from.s3.PutObjectTagging(c.t.Context(), &s3.PutObjectTaggingInput{
		Bucket: &d.Source.Bucket, Key: &key, ChecksumAlgorithm: s3types.ChecksumAlgorithmCrc32, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String("edited"), Value: aws.String("yes")}}},
	})
	require.NoError(c.t, err)
	from.settles(c.t, d.Source.Bucket, key, s3types.ReplicationStatusCompleted)
}

// read reads an object in all buckets of a replication.
func (c editedStack) read(d replication.Descriptor, key string) {
	for _, place := range d.Buckets() {
		object, err := c.clients(place).s3.GetObject(c.t.Context(), &s3.GetObjectInput{Bucket: &place.Bucket, Key: &key})
		if !assert.NoErrorf(c.t, err, "%s of %s (%s)", key, place.Name, place.Bucket) {
			continue
		}
		content, err := io.ReadAll(object.Body)
		require.NoError(c.t, err)
		assert.Equal(c.t, "content of "+key, string(content))
		c.assertKey(place, aws.ToString(object.SSEKMSKeyId))
	}
}

// assertKeys fails if a key that objects were encrypted with can't be used.
func (c editedStack) assertKeys(descriptors []replication.Descriptor) {
	for _, d := range descriptors {
		for _, place := range d.Buckets() {
			c.assertKey(place, place.KMSKeyARN)
		}
	}
}

func (c editedStack) assertKey(place replication.DeployedBucket, key string) {
	described, err := c.clients(place).kms.DescribeKey(c.t.Context(), &kms.DescribeKeyInput{KeyId: &key})
	require.NoError(c.t, err)
	assert.Equalf(c.t, kmstypes.KeyStateEnabled, described.KeyMetadata.KeyState, "the key of %s (%s)", place.Name, place.Bucket)
}

func (c editedStack) clients(place replication.DeployedBucket) clients {
	return clientsOf(configOf(c.t, c.env, place.Region), "https")
}

func makeKey(t *testing.T, c clients) string {
	t.Helper()
	key, err := c.kms.CreateKey(t.Context(), &kms.CreateKeyInput{})
	require.NoError(t, err)
	return aws.ToString(key.KeyMetadata.Arn)
}
