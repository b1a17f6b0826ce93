package verify

import (
	"slices"

	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// flow is the replication from one bucket to others.
type flow struct {
	from *place
	to   []*place
	// rules from the bucket, by descending priority.
	rules []replication.Rule
	// deployed is the deployed configuration, live the current one with all facts.
	deployed s3config.Configuration
	live     model.Subject
}

// flows returns the flows of a deployment: from the source and, for two-way
// replication, from each destination.
func flows(descriptor replication.Descriptor, places []*place) []*flow {
	var all []*flow
	for _, subject := range model.Subjects(descriptor) {
		f := &flow{deployed: subject.Configuration, rules: rulesOf(descriptor, subject.Facts.Source.Name)}
		for _, p := range places {
			if p.Name == subject.Facts.Source.Name {
				f.from = p
			} else if _, known := subject.Facts.Destinations[p.Bucket]; known {
				f.to = append(f.to, p)
			}
		}
		f.live = liveSubject(subject, f)
		all = append(all, f)
	}
	return all
}

func rulesOf(descriptor replication.Descriptor, from string) []replication.Rule {
	rules := slices.DeleteFunc(slices.Clone(descriptor.Rules), func(rule replication.Rule) bool { return rule.From() != from })
	slices.SortStableFunc(rules, func(a, b replication.Rule) int { return b.Priority - a.Priority })
	return rules
}

// liveSubject returns a replication with the live settings. Settings that could not
// be read are unknown.
func liveSubject(subject model.Subject, f *flow) model.Subject {
	live := model.Subject{
		Name: subject.Name, Configuration: subject.Configuration, Valid: true,
		Facts: model.Facts{Source: f.from.facts(), Destinations: map[string]model.BucketFacts{}},
	}
	if f.from.rules.err == nil && f.from.rules.value != nil {
		live.Configuration = *f.from.rules.value
	}
	for _, to := range f.to {
		facts := to.facts()
		facts.SyncsReplicas = subject.Facts.Destinations[to.Bucket].SyncsReplicas
		live.Facts.Destinations[to.Bucket] = facts
	}
	if r := f.from.role; r.err == nil && !r.value.missing {
		live.Facts.Role.Policies, live.Facts.Role.Boundary = r.value.policies, r.value.boundary
	}
	return live
}

// facts returns the live settings of a bucket and its keys.
func (p *place) facts() model.BucketFacts {
	facts := model.BucketFacts{Name: p.Name, Bucket: p.Bucket, Region: p.Region, Account: p.AccountID}
	if p.versioning.err == nil {
		facts.Versioning = p.versioning.value.state
	}
	if p.payer.err == nil && p.payer.value != "" {
		facts.RequesterPays = model.FactOf(p.payer.value == s3types.PayerRequester)
	}
	if p.ownership.err == nil {
		facts.Ownership = p.ownership.value
	}
	if p.lock.err == nil {
		facts.ObjectLock = model.FactOf(p.lock.value.on)
	}
	if p.encryption.err == nil {
		facts.DefaultEncryption, facts.DefaultKey = p.encryption.value.algorithm, p.encryption.value.key
		facts.BucketKey, facts.BlocksSSEC = model.FactOf(p.encryption.value.bucketKey), p.encryption.value.blocksSSEC
	}
	if p.policy.err == nil {
		facts.Policy = &p.policy.value
	}
	facts.Keys = map[string]model.KeyFacts{}
	if p.key.value.State != "" {
		facts.Keys[p.KMSKeyARN] = p.key.value
	}
	for i, key := range p.decryptKeys {
		if key.value.State != "" {
			facts.Keys[p.DecryptKeyARNs[i]] = key.value
		}
	}
	for arn, key := range p.moreKeys {
		if key.value.State != "" {
			facts.Keys[arn] = key.value
		}
	}
	return facts
}

// documents returns the policies of a bucket that the model can check.
func (p *place) documents() model.Documents {
	documents := model.Documents{Trust: p.role.value.trust}
	if p.policy.err == nil {
		documents.SourceBucket = &p.policy.value
	}
	return documents
}

// violations returns the checks of a target that the live policies fail.
func (p *place) violations(target model.Target) []model.Violation {
	var checks []model.Check
	for _, check := range model.BucketChecks(p.DeployedBucket, p.roleARN) {
		if check.Target == target {
			checks = append(checks, check)
		}
	}
	return p.documents().Prove(checks)
}

// why names the statement that decided.
func why(decision policy.Decision) string {
	if decision.Allowed || decision.Reason == policy.ExplicitDeny {
		return decision.String()
	}
	return "no statement allows it"
}
