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

// CheckEdits compares a program with the stack's last deployment and reports updates
// that would delete buckets with data or replace them with empty ones. It needs the
// arguments of every replicated bucket of the program, by name, and must run before the
// first one is registered. [NewReplicatedBucket] checks its own buckets; only this
// function notices a replicated bucket that was removed from the program. The error is
// a [replication.Problems].
//
// abandon lists bucket names that the update may delete, replace or stop managing.
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
	// abandon lists buckets that may be lost.
	abandon []string
	// replicated has the deployed buckets of each deployed replicated bucket.
	replicated map[string][]deployedBucket
}

// deployedBucket is a bucket that the stack created and still manages.
type deployedBucket struct {
	previousResource
	// key is its name within the replicated bucket: "source", "dr".
	key string
	// component has the outputs of its [EncryptedBucket].
	component previousResource
	// assumeRoleARN of the bucket, or "".
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

// deployedBuckets returns the buckets of a replicated bucket, from its descriptor. A
// failed deployment has none.
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

// ownerOf returns the name of the replicated bucket that a bucket is part of. The
// longest matching name wins.
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

// kept reports whether a deployed replicated bucket is still in the program, under its
// current or a former name.
func (e edits) kept(name string, program map[string]*ReplicatedBucketArgs) bool {
	for current, args := range program {
		if current == name || slices.Contains(args.FormerNames, name) {
			return true
		}
	}
	return false
}

// removed returns the problems of a replicated bucket that was removed from the
// program.
func (e edits) removed(name string, program map[string]*ReplicatedBucketArgs) replication.Problems {
	var problems replication.Problems
	for _, bucket := range e.replicated[name] {
		if e.abandoned(bucket) {
			continue
		}
		if added := e.addedInstead(bucket, program); added != "" {
			problems.Add("replications", "%q was removed and %q was added. If it was renamed, add formerNames: [%[1]s] to %[2]q, and "+
				"bucket %[3]s stays in use. Otherwise remove the old one, deploy, and then add the new one%[4]s",
				name, added, bucket.text("bucket"), e.override(bucket))
			return problems
		}
		problems = append(problems, e.dropped("replications", fmt.Sprintf("%q", name), bucket)...)
	}
	return problems
}

// addedInstead returns the name of a new replicated bucket whose source is in the
// region of a removed one.
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

// checkEdits reports updates that would lose buckets of this replicated bucket.
func (a *ReplicatedBucketArgs) checkEdits(ctx *pulumi.Context, name string) replication.Problems {
	e := newEdits(ctx, a.AbandonBuckets)
	if e.state.unknown != nil {
		// Mocks of Pulumi programs don't implement the function.
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
				problems = append(problems, e.changed(a.plan().PathOf(described.name), described.args, bucket)...)
				problems = append(problems, e.keyChanged(a, described, bucket)...)
			} else {
				problems = append(problems, a.destinationGone(e, bucket)...)
			}
		}
	}
	return problems
}

// findBucket finds a bucket by its current or a former name.
func (a *ReplicatedBucketArgs) findBucket(name string) (namedBucket, bool) {
	for _, bucket := range a.namedBuckets() {
		if bucket.name == name || slices.Contains(bucket.formerNames, name) {
			return bucket, true
		}
	}
	return namedBucket{}, false
}

// destinationGone returns the problems of a destination that was removed from the
// arguments. A destination added in the same region by the same update is probably the
// same one, renamed.
func (a *ReplicatedBucketArgs) destinationGone(e edits, bucket deployedBucket) replication.Problems {
	var problems replication.Problems
	for i, destination := range a.Destinations {
		if destination.Bucket.Region == bucket.text("region") && e.isNew(destination) {
			problems.Add(fmt.Sprintf("destinations[%d].name", i), "%q was removed and %q was added in the same region. If it was renamed, add "+
				"formerNames: [%[1]s], and bucket %[3]s stays in use. Otherwise remove the old one, deploy, and then add the new one%[4]s",
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

// dropped returns the problems of a bucket that was removed from the program. The
// bucket is retained unless forceDestroy was deployed.
func (e edits) dropped(path, what string, bucket deployedBucket) replication.Problems {
	var problems replication.Problems
	name := bucket.text("bucket")
	switch {
	case bucket.component.flag("protected"):
		problems.Add(path, "%s was removed, and its bucket %s is protected. Deploy protect: false before this change%s", what, name, e.override(bucket))
	case !bucket.flag("forceDestroy") && !bucket.component.flag("retained"):
		problems.Add(path, "%s was removed, and its bucket %s was deployed by a release that deletes removed resources. Deploy this release "+
			"without the change first; the bucket and its key are retained from then on%s", what, name, e.override(bucket))
	case !bucket.flag("forceDestroy"):
		e.warn("%s was removed: bucket %s, its objects and its key stay in AWS but are no longer managed by this stack", what, name)
	default:
		if holds := e.holdsObjects(bucket); holds != "" {
			problems.Add(path, "%s was removed, and its bucket %s %s that would be deleted with it, since forceDestroy is deployed. To keep the "+
				"bucket, deploy forceDestroy: false before this change. To delete it, empty it first%s", what, name, holds, e.override(bucket))
		}
	}
	return problems
}

// changed returns the problems of a bucket that is still in the program.
func (e edits) changed(path string, args BucketArgs, bucket deployedBucket) replication.Problems {
	var problems replication.Problems
	name, region := bucket.text("bucket"), bucket.text("region")
	const moved = "Add a destination for the new one, replicate the existing objects to it, and remove this bucket in a later update"
	add := func(field, format string, values ...any) {
		problems.Add(path+"."+field, "%s%s", fmt.Sprintf(format, values...), e.override(bucket))
	}
	switch {
	case args.Region != region:
		add("region", "bucket %s is deployed in %s, and S3 can't move buckets: an empty one in %s would take its place. %s", name, region, args.Region, moved)
	case args.Existing && args.Bucket != name:
		add("existing", "bucket %s is deployed here, and %s would take its place. %s", name, args.Bucket, moved)
	case args.Existing && bucket.component.flag("protected"):
		add("existing", "bucket %s is managed by this stack, and protected. Deploy protect: false before this change", name)
	case args.Existing && bucket.flag("forceDestroy"):
		add("existing", "bucket %s is managed by this stack, and would be deleted with its objects, since forceDestroy is deployed. "+
			"Deploy forceDestroy: false first", name)
	case args.Existing && !bucket.component.flag("retained"):
		add("existing", "bucket %s is managed by this stack, and was deployed by a release that deletes removed resources. "+
			"Deploy this release without the change first", name)
	case args.Existing:
		e.warn("bucket %s, its objects and its key stay in AWS but are no longer managed by this stack", name)
	case args.Bucket != "" && args.Bucket != name:
		add("bucket", "bucket %s is deployed here, and S3 can't rename buckets: an empty one named %s would take its place. Set bucket: %[1]s, "+
			"or remove it if the name is generated. To move: add a destination for the new one, replicate the existing objects to it, and "+
			"remove this bucket in a later update", name, args.Bucket)
	case args.Bucket == "" && bucket.named():
		add("bucket", "was removed, and an empty bucket with a generated name would take the place of %s. Set bucket: %[1]s", name)
	case args.ObjectLock == nil && e.locked(bucket):
		add("objectLock", "bucket %s has Object Lock, which can't be disabled. Set objectLock: {} for no default retention", name)
	}
	return problems
}

// keyChanged rejects removing a key that objects of a replicating bucket are encrypted
// with. A key that the stack created stays in use: see [EncryptedBucket.createKey].
func (e edits) keyChanged(a *ReplicatedBucketArgs, described namedBucket, bucket deployedBucket) replication.Problems {
	var problems replication.Problems
	args, path := described.args, a.plan().PathOf(described.name)
	before, now := bucket.component.text("kmsKeyArn"), known(args.KMSKeyARN)
	if args.plan().Keyless() && before != "" {
		problems.Add(path+".kmsKeyArn", "is missing: bucket %s encrypts with %s. Set kmsKeyArn: %[2]s", bucket.text("bucket"), before)
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
		"Add decryptKeyArns: [%[2]s] to this bucket", bucket.text("bucket"), before)
	return problems
}

// decrypts reports whether a key is among DecryptKeyARNs, or may be.
func (a BucketArgs) decrypts(arn string) bool {
	return slices.ContainsFunc(a.DecryptKeyARNs, func(key pulumi.StringInput) bool { return known(key) == arn || !isKnown(key) })
}

// locked reports whether a deployed bucket has Object Lock, enabled at its creation or
// later.
func (e edits) locked(bucket deployedBucket) bool {
	_, configured := e.state.find(lockType, bucket.name+"-object-lock")
	return configured || bucket.flag("objectLockEnabled")
}

var generatedSuffix = regexp.MustCompile(`^-[0-9a-f]{7}$`)

// named reports whether the name of a deployed bucket was configured. Earlier releases
// did not record that; for them, a name counts as generated if it is the resource's
// name followed by a hyphen and seven hexadecimal digits.
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

// override returns how to proceed anyway.
func (e edits) override(bucket deployedBucket) string {
	return fmt.Sprintf("; or accept the loss of the bucket with abandonBuckets: [%s]", bucket.text("bucket"))
}

func (e edits) warn(format string, values ...any) {
	_ = e.ctx.Log.Warn(fmt.Sprintf(format, values...), nil)
}

// holdsObjects returns a phrase if a bucket contains or may contain current objects,
// and "" if it is empty.
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
