package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/rules"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Link is the replication from one bucket to another, with the live settings of both.
type Link struct {
	// Live has the live rules, policies and keys. Settings that could not be read are
	// unknown; rules that could not be read are the deployed ones.
	Live model.Subject
	// Deployed has the deployed settings.
	Deployed model.Subject
	// From and To are its buckets.
	From, To replication.DeployedBucket
	// Failure is S3's failure reason for every object if a bucket or the role does not
	// exist. See [replication.FailureByID].
	Failure string
	// RulesRead reports whether the rules could be read.
	RulesRead bool
}

// Links reads the settings of a deployment that replication depends on. Keys are
// additional keys of objects in the source. notJudged lists the settings that could
// not be read, with the reasons.
func Links(ctx context.Context, sessions *live.Sessions, descriptor replication.Descriptor, keys ...string) (links []Link, notJudged []string) {
	var places []*place
	for _, deployed := range descriptor.Buckets() {
		places = append(places, newPlace(deployed, descriptor.RoleOf(deployed), sessions.At(deployed)))
	}
	var reading sync.WaitGroup
	for _, p := range places {
		reading.Go(func() { p.readReplication(ctx, keys) })
	}
	reading.Wait()
	deployed := model.Subjects(descriptor)
	for i, f := range flows(descriptor, places) {
		f.readReplicaKeys(ctx)
		f.live = liveSubject(deployed[i], f)
		f.live.Facts.Source.BlocksSSEC = model.Unknown // existing objects were accepted
		if f.from.rules.err == nil && f.from.rules.value == nil {
			f.live.Configuration = s3config.Configuration{Role: f.deployed.Role}
		}
		if r := f.from.role; r.err == nil && !r.value.missing {
			f.live.Facts.Role.Trust = &r.value.trust
		}
		for _, to := range f.to {
			links = append(links, Link{
				Live: f.live, Deployed: deployed[i], From: f.from.DeployedBucket, To: to.DeployedBucket, Failure: f.missing(to), RulesRead: f.from.rules.err == nil,
			})
		}
	}
	for _, p := range places {
		notJudged = append(notJudged, p.notJudged()...)
	}
	return links, notJudged
}

// readReplication reads the settings that replication depends on, including the
// given keys.
func (p *place) readReplication(ctx context.Context, keys []string) {
	q := &questions{ctx: ctx}
	p.askReplication(q)
	p.moreKeys = map[string]*answer[model.KeyFacts]{}
	if p.roleARN != "" {
		p.askKeys(q, keys)
	}
	q.waiting.Wait()
}

// askKeys reads keys that the descriptor does not name.
func (p *place) askKeys(q *questions, keys []string) {
	for _, arn := range keys {
		known := arn == p.KMSKeyARN || slices.Contains(p.DecryptKeyARNs, arn) || p.moreKeys[arn] != nil
		if !known && strings.Contains(arn, ":key/") && strings.Contains(arn, ":"+p.Region+":") {
			p.moreKeys[arn] = &answer[model.KeyFacts]{}
			ask(q, p.moreKeys[arn], p.readKey(arn))
		}
	}
}

// readReplicaKeys reads replica keys of the live rules that were not deployed.
func (f *flow) readReplicaKeys(ctx context.Context) {
	q := &questions{ctx: ctx}
	for _, rule := range f.live.Configuration.Rules {
		if key := rule.Destination.EncryptionConfiguration; key != nil {
			for _, to := range f.to {
				if to.ARN == rule.Destination.Bucket {
					to.askKeys(q, []string{key.ReplicaKmsKeyID})
				}
			}
		}
	}
	q.waiting.Wait()
}

// missing returns S3's failure reason if a bucket or the role does not exist, or "".
func (f *flow) missing(to *place) string {
	gone := []string{"NotFound", "NoSuchBucket"}
	switch {
	case hasCode(to.region.err, gone):
		return "DstBucketNotFound"
	case hasCode(f.from.region.err, gone):
		return "SrcBucketNotFound"
	case f.from.role.err == nil && f.from.role.value.missing:
		return "AssumeRoleNotPermitted"
	default:
		return ""
	}
}

// notJudged lists the settings that could not be read, with the reasons. A common
// reason, such as a region that is down, is listed once.
func (p *place) notJudged() []string {
	if p.strange() {
		return []string{fmt.Sprintf("%s and its keys: they are in the account %s, which denies these credentials access", p.url(), p.AccountID)}
	}
	if hasCode(p.region.err, []string{"NotFound", "NoSuchBucket"}) {
		return nil // nothing to judge
	}
	type question struct {
		what string
		err  error
	}
	all := []question{
		{"the versioning of " + p.url(), p.versioning.err},
		{"the default encryption of " + p.url(), p.encryption.err},
		{"the object ownership of " + p.url(), p.ownership.err},
		{"Object Lock of " + p.url(), p.lock.err},
		{"the policy of " + p.url(), p.policy.err},
	}
	if p.roleARN != "" {
		all = append(all, question{"the rules of " + p.url() + " (the deployed rules are used)", p.rules.err}, question{"the role " + p.roleARN, p.role.err})
	}
	if p.KMSKeyARN != "" {
		all = append(all, question{"the key " + p.KMSKeyARN, p.key.err})
	}
	for i, key := range p.decryptKeys {
		all = append(all, question{"the key " + p.DecryptKeyARNs[i], key.err})
	}
	for arn, key := range p.moreKeys {
		all = append(all, question{"the key " + arn, key.err})
	}
	var lines []string
	unanswered := 0
	causes := map[string]error{}
	for _, each := range all {
		if each.err == nil {
			continue
		}
		unanswered++
		causes[live.Brief(each.err)] = each.err
		lines = append(lines, live.Failed(each.what, p.DeployedBucket, each.err).Error())
	}
	if unanswered > 2 && len(causes) == 1 {
		for _, err := range causes {
			return []string{live.Failed(fmt.Sprintf("%s in %s, and %d of its settings", p.url(), p.Region, unanswered), p.DeployedBucket, err).Error()}
		}
	}
	slices.Sort(lines)
	return lines
}

// Decide returns the decision for an object at the link's destination, by the live
// rules and policies.
func (l Link) Decide(object model.Object) model.Decision { return l.decide(l.Live, object) }

// DecideAsDeployed returns the decision by the deployed rules.
func (l Link) DecideAsDeployed(object model.Object) model.Decision {
	return l.decide(l.Deployed, object)
}

func (l Link) decide(subject model.Subject, object model.Object) model.Decision {
	for _, decision := range model.NewExplainer(subject.Configuration, subject.Facts).Explain(object).Decisions {
		if decision.Bucket == l.To.Bucket {
			return decision
		}
	}
	return model.Decision{
		Destination: l.To.Name, Bucket: l.To.Bucket, Region: l.To.Region, Verdict: model.DoesNotReplicate,
		Reasons: []model.Reason{model.Reasons()["no-rule-matches"]},
	}
}

// Changes returns the differences between the live and the deployed rules of the
// link's destination.
func (l Link) Changes() []string {
	var changes []string
	for i := range l.Deployed.Configuration.Rules {
		wanted := &l.Deployed.Configuration.Rules[i]
		if wanted.Destination.Bucket != l.To.ARN {
			continue
		}
		at := slices.IndexFunc(l.Live.Configuration.Rules, func(r s3config.Rule) bool { return r.ID == wanted.ID })
		if at < 0 {
			changes = append(changes, fmt.Sprintf("the rule %q was removed", wanted.ID))
			continue
		}
		for _, change := range rules.Differences(wanted, &l.Live.Configuration.Rules[at]) {
			changes = append(changes, fmt.Sprintf("rule %q: %s", wanted.ID, change))
		}
	}
	return changes
}
