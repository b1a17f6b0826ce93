package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// probe is an object written to check that it replicates.
type probe struct {
	d    *deployment
	flow *flow
	name string
	// rule is the rule it was planned for, which selects it.
	rule *replication.Rule
	// object describes it for the model.
	object    model.Object
	explicit  bool // uploaded with the bucket's key named
	multipart bool
	// withheld is the reason why it is not written, or "".
	withheld string
	// targets are the destinations where it must arrive.
	targets []*target

	version string // version id, once written
	status  string // last known replication status
}

// target is one destination of a probe.
type target struct {
	to       *place
	decision model.Decision
	check    *Check
	marker   *Check // of the delete marker; nil if none is replicated
}

// folder returns the folder of a run's probes below the prefix of a rule.
func folder(prefix, run string) string { return prefix + probesFolder + run + "/" }

// folder returns the folder of a probe.
func (p *probe) folder() string { return p.object.Key[:strings.LastIndex(p.object.Key, "/")+1] }

// longestKey is S3's limit, in bytes.
const longestKey = 1024

// planProbes plans a probe for each filter of the rules and, with the first filter
// whose probe can be written, a probe with an explicit key and a multipart upload.
func (d *deployment) planProbes(f *flow, needs func(to *place, rules []string) []*Check) {
	about := "probes " + f.from.Name + " -> "
	explainer := model.NewExplainer(f.live.Configuration, f.live.Facts)
	var first *probe
	planned := map[string]bool{}
	for i := range f.rules {
		rule := &f.rules[i]
		if rule.Status != replication.Enabled || planned[selection(rule)] {
			continue
		}
		planned[selection(rule)] = true
		p := &probe{d: d, flow: f, name: "rule " + rule.ID, rule: rule, object: model.Object{
			Key: folder(rule.Prefix, d.run) + "rule-" + safe(rule.ID), Tags: rule.Tags,
		}}
		d.plan(p, about, explainer, needs)
		if first == nil || p.simpler(first) {
			first = p
		}
	}
	if first == nil {
		return
	}
	base := first.folder()
	if f.from.KMSKeyARN != "" {
		d.plan(&probe{d: d, flow: f, name: "explicit key", rule: first.rule, explicit: true, object: model.Object{
			Key: base + "explicit-key", Tags: first.object.Tags, Encryption: model.SSEKMS, KMSKey: f.from.KMSKeyARN,
		}}, about, explainer, needs)
	}
	multipart := &probe{d: d, flow: f, name: "multipart", rule: first.rule, multipart: true, object: model.Object{Key: base + "multipart", Tags: first.object.Tags}}
	if f.retains() {
		multipart.withheld = "Object Lock would retain its 5 MiB"
	}
	d.plan(multipart, about, explainer, needs)
}

// simpler reports whether a probe is a better base for further probes than other: it
// can be written, and needs no tags.
func (p *probe) simpler(other *probe) bool {
	if can, could := len(p.targets) > 0, len(other.targets) > 0; can != could {
		return can
	}
	return len(p.object.Tags) == 0 && len(other.object.Tags) > 0
}

// retains reports whether probes would be locked in any of the buckets.
func (f *flow) retains() bool {
	return f.from.lock.value.retains || slices.ContainsFunc(f.to, func(p *place) bool { return p.lock.value.retains })
}

// plan adds a probe and its checks for the destinations of the live and of the
// deployed rules.
func (d *deployment) plan(p *probe, about string, explainer *model.Explainer, needs func(*place, []string) []*Check) {
	if len(p.object.Key) > longestKey {
		d.list.check(strings.TrimSuffix(about, " -> "), p.name, nil, func() outcome {
			return unknown("the rule's prefix leaves no room for the key of a probe", "check with `crr status` whether objects of the rule replicate")
		})
		return
	}
	markers, decisions := p.markers(explainer), map[string]model.Decision{}
	for _, decision := range explainer.Explain(p.object).Decisions {
		decisions[decision.Bucket] = decision
	}
	for _, to := range p.flow.to {
		t := &target{to: to, decision: decisions[to.Bucket]}
		rules := p.rulesTo(to)
		if t.decision.Rule != nil {
			rules = append(rules, t.decision.Rule.ID)
		}
		if len(rules) == 0 {
			continue
		}
		var open bool
		if t.check, open = d.list.later(about+to.Name, p.name, needs(to, rules)); !open {
			continue
		}
		if p.withheld != "" {
			t.check.settle(skip(p.withheld))
			continue
		}
		if markers[to.Bucket] && !to.strange() {
			t.marker, _ = d.list.later(about+to.Name, "delete marker ("+strings.TrimPrefix(p.name, "rule ")+")", nil)
		}
		p.targets = append(p.targets, t)
	}
	if len(p.targets) > 0 {
		d.probes = append(d.probes, p)
	}
}

// selection returns a key for the filter of a rule.
func selection(rule *replication.Rule) string { return rule.Prefix + "\x00" + fmt.Sprint(rule.Tags) }

// rulesTo returns the ids of the deployed rules to a bucket with the probe's filter.
func (p *probe) rulesTo(to *place) []string {
	var ids []string
	for i := range p.flow.rules {
		rule := &p.flow.rules[i]
		if rule.Status == replication.Enabled && rule.Destination == to.Name && selection(rule) == selection(p.rule) {
			ids = append(ids, rule.ID)
		}
	}
	return ids
}

// markers returns the buckets that get the delete marker of a probe. Only the probes
// of rules are deleted, since one marker per rule is enough.
func (p *probe) markers(explainer *model.Explainer) map[string]bool {
	buckets := map[string]bool{}
	if p.explicit || p.multipart {
		return buckets
	}
	marker := model.Object{Key: p.object.Key, Event: model.DeleteMarkerMade}
	for _, decision := range explainer.Explain(marker).Decisions {
		buckets[decision.Bucket] = decision.Verdict != model.DoesNotReplicate
	}
	return buckets
}

// safe replaces all characters except ASCII letters and digits with dashes.
func safe(id string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, id)
}
