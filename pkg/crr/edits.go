package crr

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	bucketType = "aws:s3/bucketV2:BucketV2"
	keyType    = "aws:kms/key:Key"
	topicType  = "aws:sns/topic:Topic"
	lockType   = "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2"
)

// CheckEdits finds what an update of the whole program would do to buckets that
// hold data, compared with the stack's last deployment: delete them, or put empty
// ones in their place. It needs the arguments of every replicated bucket of the
// program, by name, and runs before the first of them is registered.
// [NewReplicatedBucket] checks its own buckets by itself; only a replicated bucket
// that left the program altogether takes this function to see. The error is a
// [replication.Problems].
//
// abandon lists bucket names that the update may delete, replace or leave behind.
func CheckEdits(ctx *pulumi.Context, program map[string]*ReplicatedBucketArgs, abandon []string) error {
	edits := newEdits(ctx, abandon)
	var problems replication.Problems
	for _, name := range slices.Sorted(maps.Keys(edits.replicated)) {
		if !edits.kept(name, program) {
			problems = append(problems, edits.removed(name, program)...)
		}
	}
	return problems.Err()
}

// edits compares a program with the stack's last deployment.
type edits struct {
	ctx   *pulumi.Context
	state *previousState
	// abandon are buckets that may be lost.
	abandon []string
	// replicated has the deployed buckets of each deployed replicated bucket.
	replicated map[string][]deployedBucket
}

// deployedBucket is a bucket that the stack made and still manages.
type deployedBucket struct {
	previousResource
	// key is its name within the replicated bucket: "source", "dr".
	key string
	// component has the outputs of its [EncryptedBucket].
	component previousResource
	// assumeRoleARN of the place, or "".
	assumeRoleARN string
}

func newEdits(ctx *pulumi.Context, abandon []string) edits {
	e := edits{ctx: ctx, state: previousOf(ctx), abandon: abandon, replicated: map[string][]deployedBucket{}}
	roles := map[string]string{}
	for _, component := range e.state.byType[ReplicatedBucketType] {
		e.replicated[component.name] = nil
		for _, deployed := range deployedBuckets(component) {
			roles[component.name+"-"+deployed.Name] = deployed.AssumeRoleARN
		}
	}
	for _, bucket := range e.state.byType[bucketType] {
		owner := e.ownerOf(bucket)
		if owner == "" {
			continue
		}
		component, _ := e.state.find(EncryptedBucketType, bucket.name)
		e.replicated[owner] = append(e.replicated[owner], deployedBucket{
			previousResource: bucket, key: strings.TrimPrefix(bucket.name, owner+"-"),
			component: component, assumeRoleARN: roles[bucket.name],
		})
	}
	return e
}

// deployedPlaces are the places of a replicated bucket, from its descriptor. A
// deployment that failed has none.
func deployedBuckets(component previousResource) []replication.DeployedBucket {
	data, err := json.Marshal(component.outputs["descriptor"])
	if err != nil {
		return nil
	}
	var descriptor replication.Descriptor
	if err := json.Unmarshal(data, &descriptor); err != nil {
		return nil
	}
	return descriptor.Buckets()
}

// ownerOf returns the name of the replicated bucket that a bucket is part of. Of
// two names of which one begins with the other, the longer one has it.
func (e edits) ownerOf(bucket previousResource) string {
	if !strings.Contains(bucket.urn, ReplicatedBucketType+"$"+EncryptedBucketType+"$") {
		return ""
	}
	owner := ""
	for name := range e.replicated {
		if strings.HasPrefix(bucket.name, name+"-") && len(name) > len(owner) {
			owner = name
		}
	}
	return owner
}

// kept reports whether a deployed replicated bucket is still in the program, by
// its name or a former one.
func (e edits) kept(name string, program map[string]*ReplicatedBucketArgs) bool {
	for current, args := range program {
		if current == name || slices.Contains(args.FormerNames, name) {
			return true
		}
	}
	return false
}

// removed judges a replicated bucket that left the program.
func (e edits) removed(name string, program map[string]*ReplicatedBucketArgs) replication.Problems {
	var problems replication.Problems
	for _, bucket := range e.replicated[name] {
		if e.abandoned(bucket) {
			continue
		}
		if added := e.addedInstead(bucket, program); added != "" {
			problems.Add("replications", "%q was removed and %q was added. If this is another name for it, give %[2]q formerNames: [%[1]s], and "+
				"bucket %[3]s stays in use. If it is not, remove the one first, deploy, and then add the other%[4]s",
				name, added, bucket.text("bucket"), e.override(bucket))
			return problems
		}
		problems = append(problems, e.dropped("replications", fmt.Sprintf("%q", name), bucket)...)
	}
	return problems
}

// addedInstead returns the name of a replicated bucket that is new and begins in
// the region of one that is gone.
func (e edits) addedInstead(gone deployedBucket, program map[string]*ReplicatedBucketArgs) string {
	if gone.key != replication.SourceName {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(program)) {
		if _, deployed := e.replicated[name]; !deployed && program[name].Source.Region == gone.text("region") {
			return name
		}
	}
	return ""
}

// checkEdits finds what an update would do to the buckets of one replicated
// bucket.
func (a *ReplicatedBucketArgs) checkEdits(ctx *pulumi.Context, name string) replication.Problems {
	e := newEdits(ctx, a.AbandonBuckets)
	if e.state.unknown != nil {
		// Mocks of Pulumi programs do not know the function.
		_ = ctx.Log.Debug(fmt.Sprintf("the state of the last deployment can't be read, so edits that replace buckets are not found: %s", e.state.unknown), nil)
		return nil
	}
	var problems replication.Problems
	for _, deployed := range append([]string{name}, a.FormerNames...) {
		for _, bucket := range e.replicated[deployed] {
			if e.abandoned(bucket) {
				continue
			}
			if described, found := a.findBucket(bucket.key); found {
				problems = append(problems, e.changed(a.pathOf(described.name), described.args, bucket)...)
				problems = append(problems, e.keyChanged(a, described, bucket)...)
			} else {
				problems = append(problems, a.destinationGone(e, bucket)...)
			}
		}
	}
	return problems
}

// placeOnce finds the place that has, or once had, a name.
func (a *ReplicatedBucketArgs) findBucket(name string) (namedBucket, bool) {
	for _, bucket := range a.namedBuckets() {
		if bucket.name == name || slices.Contains(bucket.formerNames, name) {
			return bucket, true
		}
	}
	return namedBucket{}, false
}

// destinationGone judges a destination that left the arguments. One that was added
// in the same region in the same update is most likely the same, renamed.
func (a *ReplicatedBucketArgs) destinationGone(e edits, bucket deployedBucket) replication.Problems {
	var problems replication.Problems
	for i, destination := range a.Destinations {
		if destination.Bucket.Region == bucket.text("region") && e.isNew(destination) {
			problems.Add(fmt.Sprintf("destinations[%d].name", i), "%q was removed and %q was added in the same region. If this is another name for it, add "+
				"formerNames: [%[1]s], and bucket %[3]s stays in use. If it is not, remove the one first, deploy, and then add the other%[4]s",
				bucket.key, destination.Name, bucket.text("bucket"), e.override(bucket))
			return problems
		}
	}
	return e.dropped("destinations", fmt.Sprintf("%q", bucket.key), bucket)
}

// isNew reports whether no deployed bucket belongs to a destination.
func (e edits) isNew(destination DestinationArgs) bool {
	for _, buckets := range e.replicated {
		for _, bucket := range buckets {
			if bucket.key == destination.Name || slices.Contains(destination.FormerNames, bucket.key) {
				return false
			}
		}
	}
	return true
}

// dropped judges a bucket that is no longer described. It stays where it is,
// unless a deployment said that all of its objects may go with it.
func (e edits) dropped(path, what string, bucket deployedBucket) replication.Problems {
	var problems replication.Problems
	name := bucket.text("bucket")
	switch {
	case bucket.component.flag("protected"):
		problems.Add(path, "%s was removed, and its bucket %s is protected. Deploy protect: false before this change%s", what, name, e.override(bucket))
	case !bucket.flag("forceDestroy") && !bucket.component.flag("retained"):
		problems.Add(path, "%s was removed, and its bucket %s was deployed by a release that deletes what leaves a program. Deploy this release "+
			"without the change first; the bucket and its key are retained from then on%s", what, name, e.override(bucket))
	case !bucket.flag("forceDestroy"):
		e.warn("%s was removed: bucket %s, its objects and its key stay in AWS, and this stack no longer manages them", what, name)
	default:
		if holds := e.holdsObjects(bucket); holds != "" {
			problems.Add(path, "%s was removed, and its bucket %s %s that would be deleted with it, since forceDestroy is deployed. To keep the "+
				"bucket, deploy forceDestroy: false before this change. To delete it, empty it first%s", what, name, holds, e.override(bucket))
		}
	}
	return problems
}

// changed judges a bucket whose place is still described.
func (e edits) changed(path string, args BucketArgs, bucket deployedBucket) replication.Problems {
	var problems replication.Problems
	name, region := bucket.text("bucket"), bucket.text("region")
	const moved = "Add a destination for the new one, replicate the existing objects to it, and remove this place in a later update"
	add := func(field, format string, values ...any) {
		problems.Add(path+"."+field, "%s%s", fmt.Sprintf(format, values...), e.override(bucket))
	}
	switch {
	case args.Region != region:
		add("region", "bucket %s is deployed in %s, and S3 moves no bucket: an empty one in %s would take its place. %s", name, region, args.Region, moved)
	case args.Existing && args.Bucket != name:
		add("existing", "bucket %s is deployed here, and %s would take its place. %s", name, args.Bucket, moved)
	case args.Existing && bucket.component.flag("protected"):
		add("existing", "bucket %s is managed by this stack, and protected. Deploy protect: false before this change", name)
	case args.Existing && bucket.flag("forceDestroy"):
		add("existing", "bucket %s is managed by this stack, and would be deleted with its objects, since forceDestroy is deployed. "+
			"Deploy forceDestroy: false first", name)
	case args.Existing && !bucket.component.flag("retained"):
		add("existing", "bucket %s is managed by this stack, and was deployed by a release that deletes what leaves a program. "+
			"Deploy this release without the change first", name)
	case args.Existing:
		e.warn("bucket %s, its objects and its key stay in AWS, and this stack no longer manages them", name)
	case args.Bucket != "" && args.Bucket != name:
		add("bucket", "bucket %s is deployed here, and S3 renames no bucket: an empty one named %s would take its place. Give bucket: %[1]s, "+
			"or leave it out if the name is generated. To move: add a destination for the new one, replicate the existing objects to it, and "+
			"remove this place in a later update", name, args.Bucket)
	case args.Bucket == "" && bucket.named():
		add("bucket", "was removed, and an empty bucket with a generated name would take the place of %s. Give bucket: %[1]s", name)
	case args.ObjectLock == nil && e.locked(bucket):
		add("objectLock", "bucket %s has Object Lock, which S3 never switches off. Set objectLock: {} to have no default retention", name)
	}
	return problems
}

// keyChanged refuses to forget a key that objects of a bucket that replicates are
// encrypted with. A key that the stack made itself is not forgotten: see
// [EncryptedBucket.createKey].
func (e edits) keyChanged(a *ReplicatedBucketArgs, described namedBucket, bucket deployedBucket) replication.Problems {
	var problems replication.Problems
	args, path := described.args, a.pathOf(described.name)
	before, now := bucket.component.text("kmsKeyArn"), known(args.KMSKeyARN)
	if args.keyless() && before != "" {
		problems.Add(path+".kmsKeyArn", "is missing: bucket %s encrypts with %s. Give kmsKeyArn: %[2]s", bucket.text("bucket"), before)
		return problems
	}
	if described.name != replication.SourceName && a.Direction != replication.TwoWay {
		return nil
	}
	_, made := e.state.find(keyType, bucket.name+"-key")
	if made || args.Existing || before == "" || before == now || (args.KMSKeyARN != nil && now == "") || args.decrypts(before) {
		return nil
	}
	problems.Add(path+".kmsKeyArn", "objects of bucket %s are encrypted with %s, which replication could no longer read. "+
		"Add decryptKeyArns: [%[2]s] to this place", bucket.text("bucket"), before)
	return problems
}

// decrypts reports whether a key is among those that objects may be encrypted
// with.
func (a BucketArgs) decrypts(arn string) bool {
	return slices.ContainsFunc(a.DecryptKeyARNs, func(key pulumi.StringInput) bool { return known(key) == arn || !isKnown(key) })
}

// locked reports whether a deployed bucket has Object Lock, from its creation or
// switched on later.
func (e edits) locked(bucket deployedBucket) bool {
	_, configured := e.state.find(lockType, bucket.name+"-object-lock")
	return configured || bucket.flag("objectLockEnabled")
}

var generatedSuffix = regexp.MustCompile(`^-[0-9a-f]{7}$`)

// named reports whether a deployed bucket was given its name. States of earlier
// releases do not have that; there, a name is taken for generated if it is that of
// the resource, in lower case, and seven random digits.
// https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming
func (b deployedBucket) named() bool {
	if named, recorded := b.component.outputs["named"].(bool); recorded {
		return named
	}
	suffix, generated := strings.CutPrefix(b.text("bucket"), b.name)
	return !generated || !generatedSuffix.MatchString(suffix)
}

func (e edits) abandoned(bucket deployedBucket) bool {
	return slices.Contains(e.abandon, bucket.text("bucket"))
}

// override says how to go on all the same.
func (e edits) override(bucket deployedBucket) string {
	return fmt.Sprintf("; or accept the loss of the bucket with abandonBuckets: [%s]", bucket.text("bucket"))
}

func (e edits) warn(format string, values ...any) {
	_ = e.ctx.Log.Warn(fmt.Sprintf(format, values...), nil)
}

// holdsObjects says that a bucket has current objects, or may have some, and is ""
// where it has none.
func (e edits) holdsObjects(bucket deployedBucket) string {
	at, err := newEnvironment(e.ctx, BucketArgs{Region: bucket.text("region"), AssumeRoleARN: bucket.assumeRoleARN})
	if err != nil {
		return "may hold objects (" + err.Error() + ")"
	}
	found, err := s3.GetObjects(e.ctx, &s3.GetObjectsArgs{Bucket: bucket.text("bucket"), MaxKeys: pulumi.IntRef(1)}, pulumi.Provider(at.provider))
	switch {
	case err != nil:
		return "may hold objects (" + reason(err) + ")"
	case len(found.Keys) > 0:
		return "holds objects"
	default:
		return ""
	}
}
