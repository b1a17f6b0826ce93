package replication

import "fmt"

// Direction is one-way or two-way.
type Direction string

const (
	// OneWay replicates from the source to the destinations. It is the meaning of
	// the zero value too.
	OneWay Direction = "one-way"
	// TwoWay replicates back as well: clients may write to either side, and
	// changes of replicas (tags, ACLs, locks) travel back too.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-for-metadata-changes.html
	TwoWay Direction = "two-way"
)

// Topology is a source, its destinations and the rules between them, with defaults left out.
type Topology struct {
	// Direction is one-way when left out.
	Direction Direction
	// Source is the bucket that clients write to. Required.
	Source BucketSpec
	// Destinations get the replicas. At least one. Required.
	Destinations []BucketSpec
	// Rules, the earlier of higher priority. Left out: one rule for each
	// destination, named after it, for the whole bucket.
	Rules []RuleSpec
}

// BucketSpec is a bucket in a topology.
type BucketSpec struct {
	// Name by which rules refer to a destination: "dr". Required for
	// destinations, unused for the source.
	Name string
	// Region of the bucket. Required.
	Region string
	// Bucket is the bucket's name. Optional: generated when left out.
	Bucket string
	// KMSKeyARN is a key brought along. Optional: a key is made when left out.
	KMSKeyARN string
	// StorageClass of the replicas at a destination. Optional: that of the
	// source object.
	StorageClass StorageClass
	// AssumeRoleARN is the role to assume to manage the bucket, which makes it a
	// bucket of that role's account. Optional.
	AssumeRoleARN string
	// ObjectLock keeps versions from being deleted. Optional.
	ObjectLock *ObjectLock
}

// ObjectLock is the retention that new versions of a bucket get by default.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
type ObjectLock struct {
	// Mode is GOVERNANCE, which the privileged may override, or COMPLIANCE,
	// which no one may. Default: objects can be locked, but are not by default.
	Mode ObjectLockMode `pulumi:"mode"`
	// Days of retention. Required with a mode.
	Days int `pulumi:"days"`
}

// ObjectLockMode says who may delete a retained version.
type ObjectLockMode string

// The modes of S3 Object Lock.
const (
	Governance ObjectLockMode = "GOVERNANCE"
	Compliance ObjectLockMode = "COMPLIANCE"
)

// RuleSpec is a rule as configured. Nil pointers are unset.
type RuleSpec struct {
	// ID names the rule. Required, unique.
	ID string `pulumi:"id"`
	// Preset has settings for a class of data. Optional.
	Preset Preset `pulumi:"preset"`
	// ClassTag is the name of the tag that has the class of an object: the rule is
	// for objects on which its value is the name of the preset. Optional.
	ClassTag string `pulumi:"classTag"`
	// Destinations by name. Left out: all of them.
	Destinations []string `pulumi:"destinations"`
	// Prefix of the keys that the rule is for. Left out: all keys.
	Prefix string `pulumi:"prefix"`
	// Prefixes, when there are several. S3 takes one for each rule, so this makes
	// a rule of each, with its number appended to the id.
	Prefixes []string `pulumi:"prefixes"`
	// Tags that an object must carry, all of them, when it is written.
	Tags map[string]string `pulumi:"tags"`
	// Enabled, unless false.
	Enabled *bool `pulumi:"enabled"`
	// DeleteMarkers are replicated too. Left out: true, and false where the
	// rule has tags, for which S3 does not offer it.
	DeleteMarkers *bool `pulumi:"deleteMarkers"`
	// ReplicationTimeControl promises replicas within 15 minutes, at a price
	// per gigabyte. Left out: that of the preset, or false.
	ReplicationTimeControl *bool `pulumi:"replicationTimeControl"`
	// Metrics are published, unless false.
	Metrics *bool `pulumi:"metrics"`
	// StorageClass of the replicas. Left out: that of the destination.
	StorageClass StorageClass `pulumi:"storageClass"`
	// Thresholds of the alarms on the rule, where they are not those of the
	// deployment.
	Thresholds Thresholds `pulumi:"monitoring"`
}

// Rule is one rule for one destination with all defaults filled in.
type Rule struct {
	ID       string `json:"id"`
	Priority int    `json:"priority"`
	// Source is the place that has the rule: "" is [SourceName], and another one
	// is a destination that replicates back.
	Source                 string            `json:"source,omitempty"`
	Destination            string            `json:"destination"`
	Prefix                 string            `json:"prefix"`
	Tags                   map[string]string `json:"tags,omitempty"`
	Status                 Status            `json:"status"`
	StorageClass           StorageClass      `json:"storageClass,omitempty"`
	DeleteMarkers          bool              `json:"deleteMarkers"`
	ReplicationTimeControl bool              `json:"replicationTimeControl"`
	Metrics                bool              `json:"metrics"`
	// ReplicaModifications are replicated too: in both rules of a two-way pair.
	ReplicaModifications bool `json:"replicaModifications,omitempty"`
	// Thresholds of the alarms on the rule, where they are not those of the
	// deployment. They are not part of the configuration in S3.
	Thresholds Thresholds `json:"thresholds,omitzero"`
}

// From returns the name of the bucket that has the rule.
func (r Rule) From() string {
	if r.Source == "" {
		return SourceName
	}
	return r.Source
}

// ReplicationRules spells the rules out, in the order of their priority: one
// for each pair of rule and destination. The topology must be valid.
//
// A rule for a single destination keeps its author's id, since alarms and
// events name it; for several destinations S3 needs a rule each, and the
// destination's name is appended.
func (t Topology) ReplicationRules() []Rule {
	var rules []Rule
	for _, spec := range t.ruleSpecs() {
		targets := t.targets(spec)
		for _, target := range targets {
			rule := spec.rule(target)
			if len(targets) > 1 {
				rule.ID = fmt.Sprintf("%s-%s", spec.ID, target.Name)
			}
			rules = append(rules, rule)
		}
	}
	for i := range rules {
		rules[i].Priority = len(rules) - i
		rules[i].ReplicaModifications = t.Direction == TwoWay
	}
	if t.Direction == TwoWay {
		return append(rules, reversed(rules)...)
	}
	return rules
}

// reversed are the rules that replicate back. A replica's class is the choice
// of its destination, so it does not travel.
func reversed(rules []Rule) []Rule {
	back := make([]Rule, len(rules))
	for i, rule := range rules {
		rule.Source, rule.Destination, rule.StorageClass = rule.Destination, SourceName, ""
		back[i] = rule
	}
	return back
}

// ruleSpecs are the rules as written, or the default ones.
func (t Topology) ruleSpecs() []RuleSpec {
	if len(t.Rules) > 0 {
		var specs []RuleSpec
		for _, rule := range t.Rules {
			specs = append(specs, rule.withPreset().byPrefix()...)
		}
		return specs
	}
	specs := make([]RuleSpec, len(t.Destinations))
	for i, destination := range t.Destinations {
		specs[i] = RuleSpec{ID: destination.Name, Destinations: []string{destination.Name}}
	}
	return specs
}

// byPrefix makes a rule for each of several prefixes.
func (s RuleSpec) byPrefix() []RuleSpec {
	if len(s.Prefixes) == 0 {
		return []RuleSpec{s}
	}
	specs := make([]RuleSpec, len(s.Prefixes))
	for i, prefix := range s.Prefixes {
		specs[i] = s
		specs[i].ID, specs[i].Prefix, specs[i].Prefixes = fmt.Sprintf("%s-%d", s.ID, i+1), prefix, nil
	}
	return specs
}

func (t Topology) targets(spec RuleSpec) []BucketSpec {
	if len(spec.Destinations) == 0 {
		return t.Destinations
	}
	var targets []BucketSpec
	for _, name := range spec.Destinations {
		if place, ok := t.destination(name); ok {
			targets = append(targets, place)
		}
	}
	return targets
}

func (t Topology) destination(name string) (BucketSpec, bool) {
	for _, place := range t.Destinations {
		if place.Name == name {
			return place, true
		}
	}
	return BucketSpec{}, false
}

func (s RuleSpec) rule(target BucketSpec) Rule {
	return Rule{
		ID:                     s.ID,
		Destination:            target.Name,
		Prefix:                 s.Prefix,
		Tags:                   s.Tags,
		Status:                 StatusOf(or(s.Enabled, true)),
		StorageClass:           s.storageClass(target),
		DeleteMarkers:          or(s.DeleteMarkers, len(s.Tags) == 0),
		ReplicationTimeControl: or(s.ReplicationTimeControl, false),
		Metrics:                or(s.Metrics, true),
		Thresholds:             s.Thresholds,
	}
}

func (s RuleSpec) storageClass(target BucketSpec) StorageClass {
	if s.StorageClass != "" {
		return s.StorageClass
	}
	return target.StorageClass
}

func or(value *bool, otherwise bool) bool {
	if value == nil {
		return otherwise
	}
	return *value
}
