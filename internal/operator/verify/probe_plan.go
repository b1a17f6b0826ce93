package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// probe is an object that is replicated to see whether that works.
type probe struct {
	d    *deployment
	flow *flow
	name string
	// rule that it was planned for; nil where none in particular.
	rule *replication.Rule
	// object as the model knows it, and how it is put.
	object    replication.Object
	explicit  bool // asks for the bucket's key
	multipart bool
	// targets that it must arrive at.
	targets []*target

	version string // once it was put
	status  string // the last one seen
}

// target is one destination of a probe.
type target struct {
	to       *place
	decision replication.Decision
	check    *Check
	marker   *Check // of the delete marker; nil where none is to be replicated
}

// folder is where the probes of a run are, below the prefix of a rule.
func folder(prefix, run string) string { return prefix + ".crr-verify/" + run + "/" }

// folder is where a probe is.
func (p *probe) folder() string { return p.object.Key[:strings.LastIndex(p.object.Key, "/")+1] }

// longestKey is S3's limit, in bytes.
const longestKey = 1024

// planProbes plans a probe for each way in which the rules pick objects, and two
// more that are put in other ways.
func (d *deployment) planProbes(f *flow, needs func(to *place, rules []string) []*Check) {
	about := "probes " + f.from.Name + " -> "
	explainer := replication.NewExplainer(f.live.Configuration, f.live.Facts)
	var first *probe
	planned := map[string]bool{}
	for i := range f.rules {
		rule := &f.rules[i]
		if rule.Status != replication.Enabled || planned[selection(rule)] {
			continue
		}
		planned[selection(rule)] = true
		p := &probe{d: d, flow: f, name: "rule " + rule.ID, rule: rule, object: replication.Object{
			Key: folder(rule.Prefix, d.run) + "rule-" + safe(rule.ID), Tags: rule.Tags,
		}}
		if d.plan(p, about, explainer, needs) && (first == nil || len(first.object.Tags) > 0) {
			first = p
		}
	}
	if first == nil {
		return
	}
	base := first.folder()
	if f.from.KMSKeyARN != "" {
		d.plan(&probe{d: d, flow: f, name: "explicit key", explicit: true, object: replication.Object{
			Key: base + "explicit-key", Tags: first.object.Tags, Encryption: replication.SSEKMS, KMSKey: f.from.KMSKeyARN,
		}}, about, explainer, needs)
	}
	multipart := &probe{d: d, flow: f, name: "multipart", multipart: true, object: replication.Object{Key: base + "multipart", Tags: first.object.Tags}}
	if f.retains() {
		for _, t := range first.targets {
			d.list.check(about+t.to.Name, "multipart", nil, func() outcome {
				return skip("Object Lock would keep its 5 MiB until the retention ends")
			})
		}
		return
	}
	d.plan(multipart, about, explainer, needs)
}

// retains tells whether probes would be locked on either side.
func (f *flow) retains() bool {
	return f.from.lock.value.retains || slices.ContainsFunc(f.to, func(p *place) bool { return p.lock.value.retains })
}

// plan asks the model where a probe is to arrive, and plans the checks there. It
// tells whether there is anything to put.
func (d *deployment) plan(p *probe, about string, explainer *replication.Explainer, needs func(*place, []string) []*Check) bool {
	if len(p.object.Key) > longestKey {
		d.list.check(strings.TrimSuffix(about, " -> "), p.name, nil, func() outcome {
			return skip("the rule's prefix leaves no room for the key of a probe")
		})
		return false
	}
	markers := p.markers(explainer)
	for _, decision := range explainer.Explain(p.object).Decisions {
		at := slices.IndexFunc(p.flow.to, func(to *place) bool { return to.Bucket == decision.Bucket })
		if at < 0 || decision.Rule == nil {
			continue
		}
		t := &target{to: p.flow.to[at], decision: decision}
		needed := needs(t.to, append(p.rulesTo(t.to), decision.Rule.ID))
		var open bool
		if t.check, open = d.list.later(about+t.to.Name, p.name, needed); !open {
			continue
		}
		if markers[t.to.Bucket] && !t.to.strange() {
			t.marker, _ = d.list.later(about+t.to.Name, "delete marker ("+strings.TrimPrefix(p.name, "rule ")+")", nil)
		}
		p.targets = append(p.targets, t)
	}
	if len(p.targets) == 0 {
		return false
	}
	d.probes = append(d.probes, p)
	return true
}

// selection tells which objects a rule is for.
func selection(rule *replication.Rule) string { return rule.Prefix + "\x00" + fmt.Sprint(rule.Tags) }

// rulesTo are the rules that a probe was planned for and that go to a place,
// whichever rule decides now.
func (p *probe) rulesTo(to *place) []string {
	var ids []string
	for i := range p.flow.rules {
		rule := &p.flow.rules[i]
		if p.rule != nil && rule.Destination == to.Name && selection(rule) == selection(p.rule) {
			ids = append(ids, rule.ID)
		}
	}
	return ids
}

// markers are the buckets that get the delete marker of a probe: of the probes
// of rules, since one marker under each is enough.
func (p *probe) markers(explainer *replication.Explainer) map[string]bool {
	buckets := map[string]bool{}
	if p.explicit || p.multipart {
		return buckets
	}
	marker := replication.Object{Key: p.object.Key, Event: replication.DeleteMarkerMade}
	for _, decision := range explainer.Explain(marker).Decisions {
		buckets[decision.Bucket] = decision.Verdict != replication.DoesNot
	}
	return buckets
}

// safe has only what needs no care in keys.
func safe(id string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, id)
}
