package crr

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// CheckExisting asks AWS about the buckets, keys and roles that the arguments
// adopt, and finds those that replication cannot work with: missing ones, a bucket
// of another region, a key that is disabled, about to be deleted or not for
// encryption. The error is a [replication.Problems]. What the credentials may not
// look at is not judged, and a warning says so.
//
// [NewReplicatedBucket] does the same before it registers anything. A program with
// several calls this for all of them first.
func (a *ReplicatedBucketArgs) CheckExisting(ctx *pulumi.Context) error {
	var lookups []lookup
	for _, bucket := range a.namedBuckets() {
		of, err := bucket.args.lookups(ctx, a.pathOf(bucket.name)+".")
		if err != nil {
			return err
		}
		lookups = append(lookups, of...)
	}
	if arn := known(a.Role.ARN); arn != "" {
		at, err := newEnvironment(ctx, a.Source)
		if err != nil {
			return err
		}
		lookups = append(lookups, lookup{"role.arn", "the role " + arn, "", at.provider, func(ask pulumi.InvokeOption) (string, error) {
			return lookUpRole(ctx, arn, ask)
		}})
	}
	return runLookups(ctx, lookups).Err()
}

// lookup is a question about something that was there before.
type lookup struct {
	// path of the field that names it.
	path    string
	subject string
	// use that is made of the subject, where the answer depends on it.
	use      string
	provider pulumi.ProviderResource
	// ask returns what replication cannot work with, or "".
	call func(pulumi.InvokeOption) (string, error)
}

// lookups are the questions about a place: an existing bucket, and keys that are
// brought along. What the program itself makes is not there yet.
func (a BucketArgs) lookups(ctx *pulumi.Context, under string) ([]lookup, error) {
	bucket, key := a.nameOr(""), known(a.KMSKeyARN)
	if a.made {
		bucket = ""
	}
	if (!a.Existing || bucket == "") && key == "" && !slices.ContainsFunc(a.DecryptKeyARNs, isKnown) {
		return nil, nil
	}
	at, err := newEnvironment(ctx, a)
	if err != nil {
		return nil, err
	}
	var lookups []lookup
	if a.Existing && bucket != "" {
		lookups = append(lookups, lookup{under + "bucket", "the bucket " + bucket, a.Region, at.provider, func(ask pulumi.InvokeOption) (string, error) {
			return lookUpBucket(ctx, bucket, a.Region, ask)
		}})
	}
	ofKey := func(field, arn, use string) {
		if arn != "" {
			lookups = append(lookups, lookup{under + field, "the key " + arn, use, at.provider, func(ask pulumi.InvokeOption) (string, error) {
				return lookUpKey(ctx, arn, use, ask)
			}})
		}
	}
	ofKey("kmsKeyArn", key, toEncrypt)
	for i, input := range a.DecryptKeyARNs {
		ofKey(fmt.Sprintf("decryptKeyArns[%d]", i), known(input), toDecrypt)
	}
	return lookups, nil
}

// The uses of a key.
const (
	toEncrypt = "encrypt"
	toDecrypt = "decrypt"
)

func isKnown(input pulumi.StringInput) bool { return known(input) != "" }

// answers asks everything at once, and returns all problems in the order of the
// questions.
func runLookups(ctx *pulumi.Context, lookups []lookup) replication.Problems {
	found := make([]string, len(lookups))
	var pending sync.WaitGroup
	for i, each := range lookups {
		pending.Add(1)
		go func() {
			defer pending.Done()
			found[i] = each.result(ctx)
		}()
	}
	pending.Wait()
	var problems replication.Problems
	for i, each := range lookups {
		if found[i] != "" {
			problems.Add(each.path, "%s %s", each.subject, found[i])
		}
	}
	return problems
}

// lookupKey tells the questions of a run apart.
type lookupKey struct {
	subject, use string
	provider     pulumi.ProviderResource
}

// answer asks once in a run, and warns of what was not answered.
func (l lookup) result(ctx *pulumi.Context) string {
	key := lookupKey{l.subject, l.use, l.provider}
	once, _ := providersOf(ctx).lookups.LoadOrStore(key, sync.OnceValue(func() string {
		problem, err := l.call(pulumi.Provider(l.provider))
		if err != nil {
			_ = ctx.Log.Warn(fmt.Sprintf("%s was not looked at before deployment, so whether replication can work with it is not judged: %s",
				l.subject, firstLine(err)), nil)
		}
		return problem
	}))
	return once.(func() string)()
}

// firstLine of an error: providers append the whole request to theirs.
func firstLine(err error) string {
	lines := strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' })
	for _, line := range lines {
		if text := strings.TrimSpace(strings.TrimLeft(line, "\t* ")); text != "" && !strings.HasSuffix(text, "occurred:") {
			return text
		}
	}
	return err.Error()
}

// The answers of AWS that are told apart, as the provider words them. Everything
// else leaves the question open: what it makes of a lack of rights is not always
// that.
var (
	notFound    = []string{"NotFound", "NoSuchBucket", "NoSuchEntity", "couldn't find resource", "StatusCode: 404"}
	otherRegion = []string{"MovedPermanently", "PermanentRedirect", "StatusCode: 301", "AuthorizationHeaderMalformed"}
)

func matchesAny(err error, texts []string) bool {
	return err != nil && slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(err.Error(), text) })
}

// lookAtBucket looks whether a bucket is there and in the region. Its versioning
// and encryption are not among what the provider can read: `crr verify` looks at
// them.
func lookUpBucket(ctx *pulumi.Context, bucket, region string, ask pulumi.InvokeOption) (string, error) {
	found, err := s3.LookupBucket(ctx, &s3.LookupBucketArgs{Bucket: bucket}, ask)
	switch {
	case matchesAny(err, notFound):
		return "does not exist; make it first, with versioning, or correct the name. Where this program makes it, hand its name over as an output (BucketName)", nil
	case matchesAny(err, otherRegion):
		return fmt.Sprintf("is not in %s; correct the region", region), nil
	case err != nil:
		return "", err
	case found.Region != "" && found.Region != region:
		return fmt.Sprintf("is in %s, and region says %s; correct the region", found.Region, region), nil
	}
	return "", nil
}

// lookAtKey looks whether a key can encrypt. The keys that AWS manages can only be
// decrypted with, and only by roles of their own account.
func lookUpKey(ctx *pulumi.Context, arn, use string, ask pulumi.InvokeOption) (string, error) {
	found, err := kms.LookupKey(ctx, &kms.LookupKeyArgs{KeyId: arn}, ask)
	id, region := path.Base(arn), replication.RegionOf(arn)
	enable := fmt.Sprintf("aws kms enable-key --key-id %s --region %s", id, region)
	switch {
	case matchesAny(err, notFound):
		return "does not exist; name a key that does", nil
	case err != nil:
		return "", err
	case found.KeyState == string(replication.KeyPendingDeletion):
		return fmt.Sprintf("is going to be deleted (%s), and what it encrypts can't be read any more: `aws kms cancel-key-deletion --key-id %s --region %s` and `%s` "+
			"keep it", found.DeletionDate, id, region, enable), nil
	case found.KeyState == string(replication.KeyDisabled):
		return fmt.Sprintf("is disabled, so nothing can be encrypted or decrypted with it: `%s` enables it", enable), nil
	case found.KeyState != "" && found.KeyState != string(replication.KeyEnabled):
		return fmt.Sprintf("is in the state %s, and only an enabled key can be used", found.KeyState), nil
	case found.KeyUsage != "" && found.KeyUsage != "ENCRYPT_DECRYPT" || found.KeySpec != "" && found.KeySpec != "SYMMETRIC_DEFAULT":
		return fmt.Sprintf("is for %s with %s, and S3 needs a symmetric encryption key", found.KeyUsage, found.KeySpec), nil
	case found.KeyManager == "AWS" && use == toEncrypt:
		return "is managed by AWS, as aws/s3 is, and its policy can let no other account in; name a customer managed key. " +
			"Where objects of a source are encrypted with it, put it into decryptKeyArns", nil
	}
	return "", nil
}

// lookAtRole looks whether a role is there, in the account of the credentials.
func lookUpRole(ctx *pulumi.Context, arn string, ask pulumi.InvokeOption) (string, error) {
	caller, err := aws.GetCallerIdentity(ctx, &aws.GetCallerIdentityArgs{}, ask)
	if err != nil {
		return "", err
	}
	account := replication.AccountOf(arn)
	if caller.AccountId != account {
		return "", errors.New("it is in the account " + account + ", and these credentials are of " + caller.AccountId)
	}
	found, err := iam.LookupRole(ctx, &iam.LookupRoleArgs{Name: path.Base(arn)}, ask)
	switch {
	case matchesAny(err, notFound):
		return "does not exist; name a role that does, or leave it out and have one made", nil
	case err != nil:
		return "", err
	case found.Arn != "" && found.Arn != arn:
		return "does not exist; did you mean " + found.Arn + "?", nil
	}
	return "", nil
}
