package model

import (
	"maps"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Subjects returns the replications of the deployment, one for each bucket that
// replicates: that of the source, named after the deployment, and where it goes
// both ways, one for each destination that replicates back.
func Subjects(d replication.Descriptor) []Subject {
	var subjects []Subject
	for _, place := range d.Buckets() {
		subject := subjectOf(d, place)
		if len(subject.Configuration.Rules) > 0 || place.Name == d.Source.Name {
			subjects = append(subjects, subject)
		}
	}
	addAlarms(d, subjects)
	return subjects
}

// addAlarms assigns each alarm to the subjects whose metrics are published in its region, because a
// descriptor has no such link. An alarm that fits none is assigned to the first.
func addAlarms(d replication.Descriptor, subjects []Subject) {
	for i := range subjects {
		subjects[i].Monitoring = &Monitoring{Requested: len(d.Alarms) > 0, Notifies: FactOf(len(d.Topics) > 0)}
	}
	for _, alarm := range d.Alarms {
		facts := AlarmFacts{Name: alarm.Name, Metric: alarm.Metric, Region: alarm.Region}
		fits := false
		for i := range subjects {
			if subjects[i].publishes(facts) {
				fits = true
				subjects[i].Monitoring.Alarms = append(subjects[i].Monitoring.Alarms, facts)
			}
		}
		if !fits {
			subjects[0].Monitoring.Alarms = append(subjects[0].Monitoring.Alarms, facts)
		}
	}
}

// subject returns the replication from one bucket.
func subjectOf(d replication.Descriptor, from replication.DeployedBucket) Subject {
	name, role, wayBackOf := d.Name, d.RoleARN, ""
	if from.Name != d.Source.Name {
		name, role, wayBackOf = d.Name+"-from-"+from.Name, from.RoleARN, d.Name
	}
	subject := Subject{
		Name: name, ReverseOf: wayBackOf, Valid: true, Configuration: s3config.Configuration{Role: role},
		Facts: Facts{AsDeployed: true, Source: factsOf(from), Destinations: map[string]BucketFacts{}},
	}
	subject.Facts.Role.Decrypts = append([]string{}, refOf(from).keys()...)
	for _, rule := range d.Rules {
		to, known := d.Bucket(rule.Destination)
		if !known || rule.From() != from.Name {
			continue
		}
		subject.Configuration.Rules = append(subject.Configuration.Rules, configurationOf(rule, from, to))
		facts := factsOf(to)
		facts.SyncsReplicas = FactOf(syncs(d, to.Name, from.Name))
		subject.Facts.Destinations[to.Bucket] = facts
	}
	return subject
}

// syncs reports whether changes of replicas are replicated from one bucket to another.
func syncs(d replication.Descriptor, from, to string) bool {
	return slices.ContainsFunc(d.Rules, func(rule replication.Rule) bool {
		return rule.From() == from && rule.Destination == to && rule.ReplicaModifications && rule.Status == replication.Enabled
	})
}

// facts returns what a descriptor says about a bucket. Buckets that the deployment created are all
// alike; for an adopted bucket only what is set is known.
func factsOf(p replication.DeployedBucket) BucketFacts {
	facts := BucketFacts{
		Name: p.Name, Bucket: p.Bucket, Region: p.Region, Account: p.AccountID, HadObjects: FactOf(p.Existing),
	}
	if p.KMSKeyARN != "" {
		facts.DefaultEncryption, facts.DefaultKey = SSEKMS, p.KMSKeyARN
	} else if p.Existing {
		facts.DefaultEncryption = SSES3 // leaving the key out says so
	}
	if p.ObjectLock {
		facts.ObjectLock = Yes
	}
	if p.Existing {
		return facts
	}
	facts.Versioning, facts.Ownership = VersioningEnabled, BucketOwnerEnforced
	facts.ObjectLock, facts.BucketKey, facts.RequesterPays = FactOf(p.ObjectLock), Yes, No
	facts.BlocksSSEC = Yes // by the policy of the bucket
	return facts
}

// configuration is the rule in S3's own form: always of the second version of
// the schema, with KMS opted in where the destination has a key, and with the
// destination's account as the owner where there are two.
func configurationOf(r replication.Rule, from, to replication.DeployedBucket) s3config.Rule {
	priority := r.Priority
	rule := s3config.Rule{
		ID: r.ID, Priority: &priority, Status: r.Status, Filter: filterOf(r),
		DeleteMarkerReplication: &s3config.Switch{Status: replication.StatusOf(r.DeleteMarkers)},
		Destination: s3config.Destination{
			Bucket: to.ARN, StorageClass: r.StorageClass, Metrics: &s3config.Metrics{Status: replication.StatusOf(r.Metrics)},
		},
	}
	if to.KMSKeyARN != "" {
		rule.SourceSelectionCriteria = &s3config.SourceSelectionCriteria{SseKmsEncryptedObjects: &s3config.Switch{Status: replication.Enabled}}
		rule.Destination.EncryptionConfiguration = &s3config.EncryptionConfiguration{ReplicaKmsKeyID: to.KMSKeyARN}
	}
	if r.ReplicaModifications {
		if rule.SourceSelectionCriteria == nil {
			rule.SourceSelectionCriteria = &s3config.SourceSelectionCriteria{}
		}
		rule.SourceSelectionCriteria.ReplicaModifications = &s3config.Switch{Status: replication.Enabled}
	}
	if mayBeCrossAccount(from.AccountID, to.AccountID) {
		rule.Destination.Account = to.AccountID
		rule.Destination.AccessControlTranslation = &s3config.AccessControlTranslation{Owner: "Destination"}
	}
	if r.ReplicationTimeControl {
		minutes := s3config.Minutes{Minutes: s3config.ReplicationTimeMinutes}
		rule.Destination.ReplicationTime = &s3config.ReplicationTime{Status: replication.Enabled, Time: minutes}
		rule.Destination.Metrics = &s3config.Metrics{Status: replication.Enabled, EventThreshold: &minutes}
	}
	return rule
}

// filter has exactly one of S3's three forms.
func filterOf(r replication.Rule) *s3config.Filter {
	if len(r.Tags) == 0 {
		return &s3config.Filter{Prefix: &r.Prefix}
	}
	var tags []s3config.Tag
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		tags = append(tags, s3config.Tag{Key: key, Value: r.Tags[key]})
	}
	if r.Prefix == "" && len(tags) == 1 {
		return &s3config.Filter{Tag: &tags[0]}
	}
	and := &s3config.And{Tags: tags}
	if r.Prefix != "" {
		and.Prefix = &r.Prefix
	}
	return &s3config.Filter{And: and}
}
