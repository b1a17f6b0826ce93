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

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// CheckExisting looks up the existing buckets, keys and roles in the arguments and
// reports those that replication can't use: missing ones, a bucket in another region, a
// key that is disabled, pending deletion or not for encryption. The error is a
// [replication.Problems]. Resources that the credentials may not read are not checked;
// a warning lists them.
//
// [NewReplicatedBucket] does the same before it registers anything. A program with
// several replicated buckets calls this for all of them first.
func (a *ReplicatedBucketArgs) CheckExisting(ctx *pulumi.Context) error {
	var lookups []lookup
	for _, bucket := range a.namedBuckets() {
		of, err := bucket.args.lookups(ctx, a.plan().PathOf(bucket.name)+".")
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

// lookup checks an existing resource.
type lookup struct {
	// path of the argument with its name.
	path    string
	subject string
	// use of a key, or the region of a bucket.
	use      string
	provider pulumi.ProviderResource
	// call returns the problem, or "".
	call func(pulumi.InvokeOption) (string, error)
}

// lookups returns the lookups of an existing bucket and existing keys. Resources that
// the program itself creates don't exist yet.
func (a BucketArgs) lookups(ctx *pulumi.Context, under string) ([]lookup, error) {
	bucket, key := a.plan().NameOr(""), known(a.KMSKeyARN)
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

// runLookups runs all lookups concurrently and returns the problems in order.
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

// lookupKey identifies a lookup within a run.
type lookupKey struct {
	subject, use string
	provider     pulumi.ProviderResource
}

// result runs the lookup once in a run, and warns if it fails.
func (l lookup) result(ctx *pulumi.Context) string {
	key := lookupKey{l.subject, l.use, l.provider}
	once, _ := providersOf(ctx).lookups.LoadOrStore(key, sync.OnceValue(func() string {
		problem, err := l.call(pulumi.Provider(l.provider))
		if err != nil {
			_ = ctx.Log.Warn(fmt.Sprintf("%s can't be looked up before deployment, so it was not checked: %s",
				l.subject, firstLine(err)), nil)
		}
		return problem
	}))
	return once.(func() string)()
}

// firstLine returns the first line of an error: providers append the whole request.
func firstLine(err error) string {
	lines := strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' })
	for _, line := range lines {
		if text := strings.TrimSpace(strings.TrimLeft(line, "\t* ")); text != "" && !strings.HasSuffix(text, "occurred:") {
			return text
		}
	}
	return err.Error()
}

// Parts of the provider's error messages. Other errors count as unknown, because
// missing permissions are reported in several ways.
var (
	notFound    = []string{"NotFound", "NoSuchBucket", "NoSuchEntity", "couldn't find resource", "StatusCode: 404"}
	otherRegion = []string{"MovedPermanently", "PermanentRedirect", "StatusCode: 301", "AuthorizationHeaderMalformed"}
)

func matchesAny(err error, texts []string) bool {
	return err != nil && slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(err.Error(), text) })
}

// lookUpBucket checks that a bucket exists in the region. The provider can't read its
// versioning and encryption: `crr verify` does.
func lookUpBucket(ctx *pulumi.Context, bucket, region string, ask pulumi.InvokeOption) (string, error) {
	found, err := s3.LookupBucket(ctx, &s3.LookupBucketArgs{Bucket: bucket}, ask)
	switch {
	case matchesAny(err, notFound):
		return "does not exist; create it with versioning first, or correct the name. If this program creates it, pass its name as an output (BucketName)", nil
	case matchesAny(err, otherRegion):
		return fmt.Sprintf("is not in %s; correct the region", region), nil
	case err != nil:
		return "", err
	case found.Region != "" && found.Region != region:
		return fmt.Sprintf("is in %s, but region is %s; correct the region", found.Region, region), nil
	}
	return "", nil
}

// lookUpKey checks that a key can be used. AWS managed keys can only decrypt, and only
// for roles of their account.
func lookUpKey(ctx *pulumi.Context, arn, use string, ask pulumi.InvokeOption) (string, error) {
	found, err := kms.LookupKey(ctx, &kms.LookupKeyArgs{KeyId: arn}, ask)
	id, region := path.Base(arn), awsid.RegionOf(arn)
	enable := fmt.Sprintf("aws kms enable-key --key-id %s --region %s", id, region)
	switch {
	case matchesAny(err, notFound):
		return "does not exist; use an existing key", nil
	case err != nil:
		return "", err
	case found.KeyState == string(model.KeyPendingDeletion):
		return fmt.Sprintf("is pending deletion (%s), so data encrypted with it can't be read: `aws kms cancel-key-deletion --key-id %s --region %s` and `%s` "+
			"restore it", found.DeletionDate, id, region, enable), nil
	case found.KeyState == string(model.KeyDisabled):
		return fmt.Sprintf("is disabled, so nothing can be encrypted or decrypted with it: `%s` enables it", enable), nil
	case found.KeyState != "" && found.KeyState != string(model.KeyEnabled):
		return fmt.Sprintf("is in the state %s, but must be enabled", found.KeyState), nil
	case found.KeyUsage != "" && found.KeyUsage != "ENCRYPT_DECRYPT" || found.KeySpec != "" && found.KeySpec != "SYMMETRIC_DEFAULT":
		return fmt.Sprintf("is for %s with %s, but S3 needs a symmetric encryption key", found.KeyUsage, found.KeySpec), nil
	case found.KeyManager == "AWS" && use == toEncrypt:
		return "is an AWS managed key, such as aws/s3, whose policy can't allow other accounts; use a customer managed key. " +
			"If objects of a source are encrypted with it, add it to decryptKeyArns", nil
	}
	return "", nil
}

// lookUpRole checks that a role exists in the account of the credentials.
func lookUpRole(ctx *pulumi.Context, arn string, ask pulumi.InvokeOption) (string, error) {
	caller, err := aws.GetCallerIdentity(ctx, &aws.GetCallerIdentityArgs{}, ask)
	if err != nil {
		return "", err
	}
	account := awsid.AccountOf(arn)
	if caller.AccountId != account {
		return "", errors.New("it is in account " + account + ", but the credentials belong to " + caller.AccountId)
	}
	found, err := iam.LookupRole(ctx, &iam.LookupRoleArgs{Name: path.Base(arn)}, ask)
	switch {
	case matchesAny(err, notFound):
		return "does not exist; use an existing role, or omit it to have one created", nil
	case err != nil:
		return "", err
	case found.Arn != "" && found.Arn != arn:
		return "does not exist; did you mean " + found.Arn + "?", nil
	}
	return "", nil
}
