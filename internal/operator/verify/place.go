package verify

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// place is a bucket of a deployment with its live settings.
type place struct {
	replication.DeployedBucket
	// roleARN is the role that replicates from this bucket, or "".
	roleARN string
	// prefixes may contain probes; probed is set if this run writes any.
	prefixes []string
	probed   bool
	// settings of the deployment list all its resources.
	settings []replication.Setting

	cfg aws.Config
	s3  *s3.Client
	kms *kms.Client
	iam *iam.Client

	region        answer[string]
	versioning    answer[versioning]
	encryption    answer[encryption]
	ownership     answer[model.ObjectOwnership]
	lock          answer[lock]
	publicAccess  answer[s3types.PublicAccessBlockConfiguration]
	policy        answer[policy.Document] // empty if there is none
	rules         answer[*s3config.Configuration]
	notifications answer[notifications]
	owner         answer[string] // the canonical id of the bucket's owner
	payer         answer[s3types.Payer]
	inventories   answer[[]s3types.InventoryConfiguration] // that no deployment made
	key           answer[model.KeyFacts]
	decryptKeys   []answer[model.KeyFacts] // in the order of the descriptor
	moreKeys      map[string]*answer[model.KeyFacts]
	role          answer[role]
	otherKeys     answer[otherKeys]  // of existing objects
	leftBehind    answer[leftBehind] // folders of probes of other runs
}

func newPlace(deployed replication.DeployedBucket, roleARN string, cfg aws.Config) *place {
	return &place{
		DeployedBucket: deployed, roleARN: roleARN, cfg: cfg, decryptKeys: make([]answer[model.KeyFacts], len(deployed.DecryptKeyARNs)),
		s3: live.S3(cfg, deployed.AccountID), kms: kms.NewFromConfig(cfg), iam: iam.NewFromConfig(cfg),
	}
}

// keyOf returns the facts of a key of the bucket, or nil for other keys.
func (p *place) keyOf(arn string) *answer[model.KeyFacts] {
	if arn == p.KMSKeyARN {
		return &p.key
	}
	if i := slices.Index(p.DecryptKeyARNs, arn); i >= 0 {
		return &p.decryptKeys[i]
	}
	return nil
}

// read reads all settings concurrently.
func (p *place) read(ctx context.Context) {
	q := &questions{ctx: ctx}
	p.askReplication(q)
	ask(q, &p.publicAccess, p.readPublicAccess, "NoSuchPublicAccessBlockConfiguration")
	ask(q, &p.notifications, p.readNotifications)
	ask(q, &p.owner, p.readOwner)
	ask(q, &p.payer, p.readPayer)
	if !p.Existing {
		ask(q, &p.inventories, p.readAddedInventories)
	}
	ask(q, &p.leftBehind, p.readLeftBehind)
	ask(q, &p.otherKeys, p.readOtherKeys)
	q.waiting.Wait()
}

// askReplication reads the settings that replication depends on.
func (p *place) askReplication(q *questions) {
	ask(q, &p.region, p.readRegion)
	ask(q, &p.versioning, p.readVersioning)
	ask(q, &p.encryption, p.readEncryption)
	ask(q, &p.ownership, p.readOwnership, "OwnershipControlsNotFoundError")
	ask(q, &p.lock, p.readLock, "ObjectLockConfigurationNotFoundError")
	ask(q, &p.policy, p.readPolicy, "NoSuchBucketPolicy")
	ask(q, &p.rules, p.readRules)
	if p.KMSKeyARN != "" {
		ask(q, &p.key, p.readKey(p.KMSKeyARN))
	}
	for i, arn := range p.DecryptKeyARNs {
		ask(q, &p.decryptKeys[i], p.readKey(arn))
	}
	if p.roleARN != "" {
		ask(q, &p.role, p.readRole)
	}
}

// fork returns the same bucket without live settings.
func (p *place) fork() *place {
	same := newPlace(p.DeployedBucket, p.roleARN, p.cfg)
	same.probed, same.settings = p.probed, p.settings
	return same
}

// adopted reports whether a bucket, a role or a key is managed elsewhere and not
// changed by the deployment. Descriptors of earlier releases have that for buckets
// only.
func (p *place) adopted(arn string) bool {
	switch {
	case arn == p.ARN || arn == "":
		return p.Existing
	case slices.Contains(p.DecryptKeyARNs, arn):
		return true
	case len(p.settings) == 0:
		return p.Existing && arn == p.KMSKeyARN
	default:
		return !slices.ContainsFunc(p.settings, func(s replication.Setting) bool { return s.ARN == arn })
	}
}

// restores returns the fix for a bucket, a role or a key that is not as deployed.
func (p *place) restores(arn string) string {
	if p.adopted(arn) {
		return elsewhere
	}
	return restore
}
