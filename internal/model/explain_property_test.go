package model_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// plainReading decides about one destination in the plainest way there is: rule
// by rule, condition by condition, as in the user guide. It returns the
// verdict and the id of the rule that decides.
func plainReading(c s3config.Configuration, f model.Facts, o model.Object, bucket string) (model.Verdict, string) {
	rule := plainWinner(c, o, bucket)
	id := ""
	if rule != nil {
		id = rule.ID
	}
	no, maybe := plainSource(f.Source, o)
	if o.Event != model.VersionDeleted && o.Event != model.Transitioned && o.Event != model.RestoredFromArchive {
		no = no || f.Destinations[bucket].Versioning == model.VersioningSuspended || rule == nil
		if rule != nil {
			never, perhaps := plainRule(*rule, f, f.Destinations[bucket], o)
			no, maybe = no || never, maybe || perhaps
		}
	}
	switch {
	case no:
		return model.DoesNotReplicate, id
	case maybe:
		return model.VerdictUnknown, id
	default:
		return model.Replicates, id
	}
}

func plainWinner(c s3config.Configuration, o model.Object, bucket string) *s3config.Rule {
	var best *s3config.Rule
	for i, rule := range c.Rules {
		if rule.Destination.Bucket != "arn:aws:s3:::"+bucket || rule.Status != replication.Enabled || !plainMatch(*rule.Filter, o) {
			continue
		}
		if best == nil || *rule.Priority > *best.Priority {
			best = &c.Rules[i]
		}
	}
	return best
}

func plainMatch(filter s3config.Filter, o model.Object) bool {
	prefix, tags := "", []s3config.Tag{}
	if filter.Prefix != nil {
		prefix = *filter.Prefix
	}
	if filter.Tag != nil {
		tags = []s3config.Tag{*filter.Tag}
	}
	if filter.And != nil {
		prefix, tags = *filter.And.Prefix, filter.And.Tags
	}
	marker := o.Event == model.DeleteMarkerMade || o.Event == model.DeleteMarkerExpired
	if marker && len(tags) > 0 || strings.Index(o.Key, prefix) != 0 {
		return false
	}
	for _, tag := range tags {
		if o.Tags[tag.Key] != tag.Value {
			return false
		}
	}
	return true
}

func plainSource(source model.BucketFacts, o model.Object) (no, maybe bool) {
	no = source.Versioning == model.VersioningSuspended
	switch o.Event {
	case model.VersionDeleted, model.Transitioned, model.RestoredFromArchive:
		return true, false
	}
	metadata := o.Event == model.TagsChanged || o.Event == model.ACLChanged || o.Event == model.LockChanged
	if o.Event == model.DeleteMarkerMade || o.Event == model.DeleteMarkerExpired {
		return no, false
	}
	no = no || o.Existing || !metadata && (o.Replica || o.AlreadyReplicated)
	no = no || source.BlocksSSEC == model.Yes && (o.Encryption == model.SSEC || o.Encryption == "" && source.DefaultEncryption == model.SSEC)
	no = no || o.StorageClass == "GLACIER" || o.StorageClass == "DEEP_ARCHIVE"
	if o.Owner != "" && o.Owner != source.Account && source.Ownership != model.BucketOwnerEnforced {
		no, maybe = no || o.OwnerGrants == model.No, o.OwnerGrants == model.Unknown
	}
	return no, maybe
}

func plainRule(rule s3config.Rule, f model.Facts, to model.BucketFacts, o model.Object) (no, maybe bool) {
	if (f.Source.ObjectLock == model.Yes || o.Locked || o.Event == model.LockChanged) && to.ObjectLock == model.No {
		no = true
	}
	account := to.Account
	if account == "" {
		account = rule.Destination.Account
	}
	foreign := account != "" && f.Source.Account != "" && account != f.Source.Account
	no = no || to.RequesterPays == model.Yes && foreign
	switch o.Event {
	case model.DeleteMarkerExpired:
		return true, false
	case model.DeleteMarkerMade:
		return no || rule.DeleteMarkerReplication.Status != replication.Enabled, false
	case model.TagsChanged, model.ACLChanged, model.LockChanged:
		synced := rule.SourceSelectionCriteria.ReplicaModifications.Status == replication.Enabled && to.SyncsReplicas != model.No
		no = no || o.Replica && !synced
		given := rule.Destination.AccessControlTranslation != nil || to.Ownership == model.BucketOwnerEnforced
		no = no || o.Event == model.ACLChanged && given
	}
	never, perhaps := plainEncryption(rule, f, to, o, foreign)
	return no || never, perhaps
}

func plainEncryption(
	rule s3config.Rule, f model.Facts, to model.BucketFacts, o model.Object, foreign bool,
) (no, maybe bool) {
	opted := rule.SourceSelectionCriteria.SseKmsEncryptedObjects.Status == replication.Enabled
	encryption := o.Encryption
	if encryption == "" {
		encryption = f.Source.DefaultEncryption
	}
	switch encryption {
	case "":
		return false, !opted
	case model.SSEC:
		return to.BlocksSSEC == model.Yes, false
	case model.SSES3, model.Unencrypted:
		return false, false
	}
	if !opted {
		return true, false
	}
	if key := f.Source.DefaultKey; key != "" && f.Source.DefaultEncryption == model.SSEKMS {
		state := f.Source.Keys[key].State
		no = state != "" && state != model.KeyEnabled || f.Role.Decrypts != nil && f.Role.Decrypts[0] != key
	}
	key := rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID
	state := to.Keys[key].State
	switch {
	case !strings.HasPrefix(key, "arn:"):
		return true, false
	case foreign && strings.Contains(key, "alias/"):
		return no || strings.Contains(key, "aws/s3"), true
	case key == sourceKey && to.Region == "us-west-2":
		return true, false
	default:
		return no || state != "" && state != model.KeyEnabled, false
	}
}

func TestExplain_AgreesWithAPlainReading(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		configuration, facts, object := randomConfiguration(t), randomFacts(t), randomObject(t)
		explanation := model.NewExplainer(configuration, facts).Explain(object)
		for _, decision := range explanation.Decisions {
			verdict, rule := plainReading(configuration, facts, object, decision.Bucket)
			assert.Equal(t, verdict, decision.Verdict, "%s: %v", decision.Bucket, decision.Reasons)
			if decision.Rule == nil {
				assert.Empty(t, rule)
			} else {
				assert.Equal(t, rule, decision.Rule.ID)
			}
			assert.Equal(t, decision.Verdict == model.Replicates, len(decision.Reasons) == 0)
		}
	})
}

// However the rules are listed, the answers are the same: only the order of the
// destinations follows the list.
func TestExplain_DoesNotDependOnTheOrderOfRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		configuration, facts, object := randomConfiguration(t), randomFacts(t), randomObject(t)
		shuffled := configuration
		shuffled.Rules = rapid.Permutation(configuration.Rules).Draw(t, "order")
		type answer struct {
			verdict model.Verdict
			rule    string
			losers  []string
		}
		answers := func(c s3config.Configuration) map[string]answer {
			byBucket := map[string]answer{}
			explanation := model.NewExplainer(c, facts).Explain(object)
			for i := range explanation.Decisions {
				decision := &explanation.Decisions[i]
				given := answer{verdict: decision.Verdict}
				if decision.Rule != nil {
					given.rule = decision.Rule.ID
				}
				for _, loss := range explanation.UnusedRules(decision) {
					given.losers = append(given.losers, loss.Rule.ID+string(loss.Why))
				}
				byBucket[decision.Bucket] = given
			}
			return byBucket
		}
		first, again := answers(configuration), answers(configuration)
		assert.Equal(t, first, answers(shuffled))
		assert.Equal(t, first, again)
	})
}

// Explain and Lint take whatever can be written down, valid or not.
func TestExplain_NeverPanics(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		configuration := randomConfiguration(t)
		for i := range configuration.Rules {
			rule := &configuration.Rules[i]
			for _, spoil := range []func(){
				func() { rule.Filter = nil },
				func() { rule.Priority = nil },
				func() { rule.DeleteMarkerReplication = nil },
				func() { rule.SourceSelectionCriteria = nil },
				func() { rule.Destination = s3config.Destination{} },
				func() { rule.Filter = &s3config.Filter{Tag: &s3config.Tag{}, And: &s3config.And{}} },
				func() { rule.Destination.EncryptionConfiguration = nil },
				func() { rule.Status, rule.ID = "", "" },
			} {
				if rapid.IntRange(0, 7).Draw(t, "spoil") == 0 {
					spoil()
				}
			}
		}
		facts, object := randomFacts(t), randomObject(t)
		if rapid.Bool().Draw(t, "policies") {
			facts.Source.Policy = denying("s3:*", "*", nil)
		}
		explanation := model.NewExplainer(configuration, facts).Explain(object)
		for i := range explanation.Decisions {
			explanation.UnusedRules(&explanation.Decisions[i])
		}
		model.Lint(model.Subject{Configuration: configuration, Facts: facts})
	})
}
