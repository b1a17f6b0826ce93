package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// restore is the fix for resources of the deployment.
const restore = "`pulumi up --refresh` restores it"

// elsewhere is the fix for adopted resources.
const elsewhere = "it is managed elsewhere, and `pulumi up` does not change it: ask its owner to change it"

// standing are the checks of one bucket that other checks depend on.
type standing struct {
	bucket, versioning, encryption, lock, key *Check
}

// replicates returns the checks that must pass for replication from or to the
// bucket.
func (s standing) replicates() []*Check {
	return []*Check{s.bucket, s.versioning, s.lock, s.encryption, s.key}
}

// checkPlace checks what replication needs of a bucket and its key. The source is
// nil for the source itself.
func (l *checklist) checkPlace(p, source *place) standing {
	if p.strange() {
		bucket := l.check(p.Name, "bucket", nil, func() outcome {
			text := fmt.Sprintf("%s belongs to an owner who denies these credentials access; only probes can check it", p.url())
			if !p.probed {
				return unknown(text, "run `crr verify` without --no-write")
			}
			return skip(text)
		})
		return standing{bucket, bucket, bucket, bucket, bucket}
	}
	var s standing
	s.bucket = l.check(p.Name, "bucket", nil, p.judgeBucket)
	there := []*Check{s.bucket}
	s.versioning = l.check(p.Name, "versioning", there, p.judgeVersioning)
	s.key = l.check(p.Name, "key", there, p.judgeKey)
	s.encryption = l.check(p.Name, "encryption", there, p.judgeEncryption)
	s.lock = l.check(p.Name, "object lock", there, func() outcome { return p.judgeLock(source) })
	return s
}

// checkGuards checks the protection of a bucket against access, which replication
// does not depend on.
func (l *checklist) checkGuards(p *place, sources []*place, bucket *Check, deployed *setting) {
	if p.strange() {
		return
	}
	l.check(p.Name, "public access", []*Check{bucket}, p.judgePublicAccess)
	l.check(p.Name, "ownership", []*Check{bucket}, p.judgeOwnership)
	l.check(p.Name, "MFA delete", []*Check{bucket}, p.judgeMFADelete)
	l.check(p.Name, "bucket policy", []*Check{bucket}, func() outcome { return p.judgePolicy(deployed) })
	l.check(p.Name, "requester pays", []*Check{bucket}, func() outcome { return p.judgePayer(sources) })
	l.check(p.Name, "added inventories", []*Check{bucket}, p.judgeAddedInventories)
	l.check(p.Name, "keys of objects", []*Check{bucket}, p.judgeOtherKeys)
}

func (p *place) judgeOwnership() outcome {
	if p.Existing {
		return skip("the bucket is managed elsewhere")
	}
	if err := p.ownership.err; err != nil {
		return unanswered("reading the object ownership of "+p.url(), p.DeployedBucket, err)
	}
	if found := p.ownership.value; found != model.BucketOwnerEnforced {
		return failsAlone(fmt.Sprintf("object ownership of %s is %s, was deployed as %s: ACLs can grant access, and other accounts own the objects they upload",
			p.url(), words.OrNothing(string(found)), model.BucketOwnerEnforced), restore)
	}
	return outcome{}
}

// judgePayer checks that the owner of a bucket pays for requests, the default. Otherwise
// S3 denies readers of other accounts, and its own replication from another account.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
func (p *place) judgePayer(sources []*place) outcome {
	unreplicated := slices.ContainsFunc(sources, func(from *place) bool {
		return p.AccountID != from.AccountID && p.AccountID != "" && from.AccountID != ""
	})
	switch {
	case p.Existing && !unreplicated:
		return skip("the bucket is managed elsewhere")
	case p.payer.err != nil:
		return unanswered("reading Requester Pays of "+p.url(), p.DeployedBucket, p.payer.err)
	case p.payer.value != s3types.PayerRequester:
		return outcome{}
	}
	text := p.url() + " has Requester Pays enabled, which was not deployed: S3 denies requests of other accounts without x-amz-request-payer"
	fix := live.S3API("put-bucket-request-payment", p.DeployedBucket) + " --request-payment-configuration Payer=BucketOwner"
	if unreplicated {
		return failsAlone(text+" and does not replicate objects to it from another account", fix).withFailure("DstPutObjectNotPermitted")
	}
	return failsAlone(text, fix)
}

// judgeAddedInventories reports inventories of the bucket that were not deployed, and
// that no deployment removes.
func (p *place) judgeAddedInventories() outcome {
	switch {
	case p.Existing:
		return skip("the bucket is managed elsewhere")
	case p.inventories.err != nil:
		return unanswered("reading the inventories of "+p.url(), p.DeployedBucket, p.inventories.err)
	}
	var added, fixes []string
	for _, each := range p.inventories.value {
		id, into := aws.ToString(each.Id), "an unknown bucket"
		if to := each.Destination; to != nil && to.S3BucketDestination != nil {
			into = "s3://" + nameOf(aws.ToString(to.S3BucketDestination.Bucket))
			if account := aws.ToString(to.S3BucketDestination.AccountId); account != "" && account != p.AccountID {
				into += " of the account " + account
			}
		}
		added = append(added, fmt.Sprintf("%q into %s", id, into))
		fixes = append(fixes, live.S3API("delete-bucket-inventory-configuration", p.DeployedBucket)+" --id '"+id+"'")
	}
	if len(added) == 0 {
		return outcome{}
	}
	return failsAlone(fmt.Sprintf("%s has inventories that were not deployed: %s", p.url(), strings.Join(added, ", ")), strings.Join(fixes, "; "))
}

func (p *place) url() string { return "s3://" + p.Bucket }

func (p *place) judgeBucket() outcome {
	switch region, err := p.region.value, p.region.err; {
	case hasCode(err, []string{"NotFound", "NoSuchBucket"}):
		again := "recreate it with `pulumi up --refresh`"
		if p.Existing {
			again = fmt.Sprintf("the deployment adopted it, and doesn't create it: recreate it in %s", p.Region)
		}
		return fails(fmt.Sprintf("the bucket %s does not exist", p.url()),
			again+", or remove its rules: another account can take the name").withFailure(p.side("BucketNotFound"))
	case err != nil:
		o := unanswered("looking for "+p.url()+" in "+p.Region, p.DeployedBucket, err)
		o.harmless = false
		if o.fix == "" {
			o.fix = "run `crr verify` again"
		}
		return o
	case region != "" && region != p.Region:
		return fails(fmt.Sprintf("the bucket %s is in %s, but the descriptor has %s", p.url(), region, p.Region),
			"use the descriptor of the deployed stack (--stack), or deploy to the intended region")
	}
	return outcome{}
}

// side prefixes a failure reason of S3 with Src or Dst.
func (p *place) side(failure string) string {
	if p.Name == replication.SourceName {
		return "Src" + failure
	}
	return "Dst" + failure
}

func (p *place) judgeVersioning() outcome {
	if err := p.versioning.err; err != nil {
		return unanswered("reading the versioning of "+p.url(), p.DeployedBucket, err)
	}
	if p.versioning.value.state == model.VersioningEnabled {
		return outcome{}
	}
	o := fails(fmt.Sprintf("versioning of %s is %s; replication needs it enabled", p.url(), p.versioning.value.state),
		live.S3API("put-bucket-versioning", p.DeployedBucket)+" --versioning-configuration Status=Enabled")
	if p.Name != replication.SourceName {
		o = o.withFailure("DstBucketUnversioned")
	}
	return o
}

// judgeMFADelete checks that lifecycle rules and operators can delete versions.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html
func (p *place) judgeMFADelete() outcome {
	switch {
	case p.Existing:
		return skip("the bucket is managed elsewhere")
	case p.versioning.err != nil:
		return unanswered("reading the versioning of "+p.url(), p.DeployedBucket, p.versioning.err)
	case p.versioning.value.mfaDelete:
		return failsAlone(fmt.Sprintf("MFA delete of %s is enabled, and was not deployed: lifecycle rules are not applied, and only the root user can delete versions", p.url()),
			"as the root user: "+live.S3API("put-bucket-versioning", p.DeployedBucket)+" --versioning-configuration Status=Enabled,MFADelete=Disabled --mfa 'DEVICE CODE'")
	}
	return outcome{}
}

func (p *place) judgeKey() outcome {
	if p.KMSKeyARN == "" {
		return skip("the bucket was adopted without a key, as an SSE-S3 bucket")
	}
	return p.judgeKeyState(p.KMSKeyARN, p.key)
}

// judgeKeyState checks the state of a key of objects in the bucket.
func (p *place) judgeKeyState(arn string, key answer[model.KeyFacts]) outcome {
	state := key.value.State
	if err := key.err; err != nil && state == "" {
		return unanswered("reading the key "+arn, p.DeployedBucket, err)
	}
	unusable := fmt.Sprintf("the key %s is in the state %s: objects encrypted with it can't be read and do not replicate", arn, state)
	switch state {
	case model.KeyEnabled:
	case model.KeyNotFound:
		return fails(fmt.Sprintf("the key %s does not exist", arn), "set kmsKeyArn to an existing key, or omit it to create one").
			withFailure(p.side("KmsKeyNotFound"))
	default:
		return fails(unusable, live.EnableKey(arn[strings.LastIndex(arn, "/")+1:], p.Region, state)).withFailure(p.side("KmsKeyInvalidState"))
	}
	if err := key.err; err != nil {
		return unanswered("reading the policy of the key "+arn, p.DeployedBucket, err)
	}
	return outcome{}
}

// judgeDecryptKey checks an additional key of the source, and that the role may
// decrypt with it. Only objects encrypted with this key depend on it.
func (f *flow) judgeDecryptKey(i int) outcome {
	arn := f.from.DecryptKeyARNs[i]
	o := f.from.judgeKeyState(arn, f.from.decryptKeys[i])
	switch {
	case o.reason != "":
		o.harmless = true
		return o
	case f.from.role.err != nil:
		return skip("the role could not be read")
	}
	under := f.live
	under.Facts.Source.DefaultEncryption, under.Facts.Source.DefaultKey = model.SSEKMS, arn
	for _, refusal := range model.DeniedCalls(under) {
		if refusal.Target == model.SourceKey {
			return failsAlone(fmt.Sprintf("the role may not call %s on the key %s, so objects encrypted with it do not replicate: %s", refusal.Action, arn, refusal.Cause),
				fmt.Sprintf("allow the role %s to call %s on the key, in the role's policies and, for a key of another account, in the key policy (`crr policy` prints both); %s",
					f.from.roleARN, refusal.Action, f.from.restores(f.from.roleARN))).withFailure(refusal.Failure)
		}
	}
	return outcome{}
}

// judgeEncryption compares the default encryption with the deployed one. That of an
// adopted bucket was not deployed; probes show whether it replicates.
func (p *place) judgeEncryption() outcome {
	if err := p.encryption.err; err != nil {
		return unanswered("reading the default encryption of "+p.url(), p.DeployedBucket, err)
	}
	found := p.encryption.value
	usesKMS := found.algorithm == model.SSEKMS || found.algorithm == model.DSSEKMS
	switch {
	case p.Existing && p.KMSKeyARN == "" && usesKMS && p.roleARN != "":
		return fails(fmt.Sprintf("%s encrypts with %s by default (%s), but was adopted without a key: objects with this encryption do not replicate",
			p.url(), found.algorithm, cmp.Or(found.key, "aws/s3")), "set kmsKeyArn of the bucket to this key, and kmsKeyArn of the destination to a key for the replicas")
	case p.Existing:
		return outcome{}
	case !usesKMS:
		return fails(fmt.Sprintf("%s encrypts with %s by default instead of its key", p.url(), words.OrNothing(string(found.algorithm))), restore)
	case found.key != p.KMSKeyARN:
		return fails(fmt.Sprintf("%s encrypts with the key %s by default, was deployed with %s", p.url(), words.OrNothing(found.key), p.KMSKeyARN), restore)
	case !found.bucketKey:
		return failsAlone(fmt.Sprintf("the bucket key of %s is disabled, so S3 calls KMS for every object, which costs more and may be throttled", p.url()), restore)
	}
	return outcome{}
}

func (p *place) judgeLock(source *place) outcome {
	if err := p.lock.err; err != nil {
		return unanswered("reading Object Lock of "+p.url(), p.DeployedBucket, err)
	}
	enable := live.S3API("put-object-lock-configuration", p.DeployedBucket) + " --object-lock-configuration ObjectLockEnabled=Enabled"
	switch {
	case p.lock.value.on:
	case source != nil && source.lock.err == nil && source.lock.value.on:
		return fails(fmt.Sprintf("the source has Object Lock and %s does not, so every object fails", p.url()), enable).
			withFailure("DstBucketObjectLockConfigMissing")
	case p.ObjectLock:
		return failsAlone(fmt.Sprintf("%s has no Object Lock, but was deployed with it", p.url()), enable)
	}
	if found := p.lock.value; found.retains && !p.ObjectLock && !p.Existing {
		return failsAlone(fmt.Sprintf("%s has a default retention in %s mode, which was not deployed: new versions can't be deleted until it ends", p.url(), found.mode),
			enable+" removes it, or add `objectLock` to the stack configuration")
	}
	return outcome{}
}

func (p *place) judgePublicAccess() outcome {
	if p.Existing {
		return skip("the bucket is managed elsewhere")
	}
	if err := p.publicAccess.err; err != nil {
		return unanswered("reading the public access block of "+p.url(), p.DeployedBucket, err)
	}
	var open []string
	found := p.publicAccess.value
	for _, setting := range []struct {
		on   *bool
		name string
	}{
		{found.BlockPublicAcls, "BlockPublicAcls"},
		{found.IgnorePublicAcls, "IgnorePublicAcls"},
		{found.BlockPublicPolicy, "BlockPublicPolicy"},
		{found.RestrictPublicBuckets, "RestrictPublicBuckets"},
	} {
		if !aws.ToBool(setting.on) {
			open = append(open, setting.name)
		}
	}
	if len(open) == 0 {
		return outcome{}
	}
	return failsAlone(fmt.Sprintf("public access to %s is not blocked: %s is off", p.url(), strings.Join(open, ", ")),
		live.S3API("put-public-access-block", p.DeployedBucket)+" --public-access-block-configuration "+
			"BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true")
}

// judgePolicy compares the bucket policy with the deployed one, and checks that it
// denies the calls that must be denied.
func (p *place) judgePolicy(deployed *setting) outcome {
	if p.Existing {
		return skip("the bucket is managed elsewhere")
	}
	if err := p.policy.err; err != nil {
		return unanswered("reading the policy of "+p.url(), p.DeployedBucket, err)
	}
	violations := p.violations(model.SourceBucket)
	var changed outcome
	if deployed != nil {
		changed = deployed.judge()
	}
	if len(violations) == 0 {
		return changed
	}
	first := violations[0]
	text := fmt.Sprintf("the policy of %s must not allow %s: %q for %s is %s", p.url(), first.Check.Request.Action,
		first.Check.Name, first.Check.Caller, first.Decision)
	if more := len(violations) - 1; more > 0 {
		text += fmt.Sprintf(", and %d more such calls", more)
	}
	if changed.reason != "" {
		text = changed.reason + "; " + text
	}
	return failsAlone(text, "`pulumi up --refresh` restores the policy; check for added statements")
}

// strange reports whether the bucket belongs to an owner who denies these
// credentials access.
func (p *place) strange() bool {
	return p.Existing && p.AssumeRoleARN == "" && hasCode(p.region.err, []string{"Forbidden", "AccessDenied", "403"})
}
