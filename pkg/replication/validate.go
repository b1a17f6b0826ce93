package replication

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/s3limits"
)

// Validate finds everything about the topology that cannot work, as far as it
// can be known without asking AWS. Paths are those of the stack configuration:
// "rules[1].tags".
func (t Topology) Validate() Problems {
	var problems Problems
	if t.Direction != "" && t.Direction != OneWay && t.Direction != TwoWay {
		problems.Add("direction", "%q is not a direction; use %s or %s", t.Direction, OneWay, TwoWay)
	}
	problems = append(problems, t.Source.Validate().Under("source")...)
	problems = append(problems, t.validateDestinations()...)
	problems = append(problems, t.validateRules()...)
	return problems
}

// Validate finds what is wrong with the place by itself.
func (p BucketSpec) Validate() Problems {
	var problems Problems
	if p.Bucket != "" {
		if err := awsid.CheckBucketName(p.Bucket); err != nil {
			problems.AddSee(awsdocs.BucketNames, "bucket", "%s", err)
		}
	}
	if p.StorageClass != "" && !p.StorageClass.Valid() {
		problems.Add("storageClass", "%q is not a storage class for replicas; use one of %s", p.StorageClass, listOf(StorageClasses))
	}
	if p.AssumeRoleARN != "" {
		if err := awsid.CheckRoleARN(p.AssumeRoleARN); err != nil {
			problems.Add("assumeRoleArn", "%s", err)
		}
	}
	problems = append(problems, p.ObjectLock.Validate().Under("objectLock")...)
	if p.Region == "" {
		problems.Add("region", "is missing; name the region of the bucket, such as us-east-1")
		return problems
	}
	if _, ok := PartitionOf(p.Region); !ok {
		problems.Add("region", "%q is not an AWS region; a region looks like us-east-1", p.Region)
		return problems
	}
	if p.KMSKeyARN != "" {
		if err := awsid.CheckKMSKeyARN(p.KMSKeyARN, p.Region); err != nil {
			problems.AddSee(awsdocs.ReplicationKMS, "kmsKeyArn", "%s", err)
		}
	}
	return problems
}

// Validate finds what S3 would refuse a default retention for. There is nothing
// wrong with none.
func (l *ObjectLock) Validate() Problems {
	var problems Problems
	switch {
	case l == nil:
	case l.Mode != "" && l.Mode != Governance && l.Mode != Compliance:
		problems.AddSee(awsdocs.ObjectLock, "mode", "%q is not a mode; use %s or %s", l.Mode, Governance, Compliance)
	case l.Mode == "" && l.Days != 0:
		problems.AddSee(awsdocs.ObjectLock, "mode", "is missing, and days are given; use %s or %s", Governance, Compliance)
	case l.Mode != "" && (l.Days < 1 || l.Days > maxRetentionDays):
		problems.AddSee(awsdocs.ObjectLock, "days", "%d is not a number of days to retain; S3 takes 1 to %d", l.Days, maxRetentionDays)
	}
	return problems
}

func (t Topology) validateDestinations() Problems {
	var problems Problems
	if len(t.Destinations) == 0 {
		problems.Add("destinations", "is empty; name at least one destination")
	}
	names := map[string]int{}
	buckets := map[string]string{}
	if t.Source.Bucket != "" {
		buckets[t.Source.Bucket] = "source.bucket"
	}
	for i, place := range t.Destinations {
		path := fmt.Sprintf("destinations[%d]", i)
		problems = append(problems, place.Validate().Under(path)...)
		if err := validateDestinationName(place.Name); err != nil {
			problems.Add(path+".name", "%s", err)
		}
		if first, taken := names[place.Name]; taken && place.Name != "" {
			problems.Add(path+".name", "%q is the name of destinations[%d] already", place.Name, first)
		} else {
			names[place.Name] = i
		}
		if first, taken := buckets[place.Bucket]; taken {
			problems.AddSee(awsdocs.ReplicationRules, path+".bucket", "%q is %s already; a bucket cannot replicate to itself or be two destinations", place.Bucket, first)
		} else if place.Bucket != "" {
			buckets[place.Bucket] = path + ".bucket"
		}
		problems = append(problems, t.validatePartition(path, place)...)
		problems = append(problems, t.validateLocks(path, place)...)
	}
	return problems
}

func (t Topology) validatePartition(path string, place BucketSpec) Problems {
	var problems Problems
	source, ok := PartitionOf(t.Source.Region)
	if !ok {
		return nil
	}
	if partition, ok := PartitionOf(place.Region); ok && partition != source {
		problems.AddSee(awsdocs.ReplicationRequirements, path+".region", "%s is in the partition %s and the source in %s; S3 does not replicate from one partition to another",
			place.Region, partition.ID, source.ID)
	}
	return problems
}

// validateLocks refuses what S3 fails every object for: a locked source needs
// locked destinations, in both directions.
func (t Topology) validateLocks(path string, place BucketSpec) Problems {
	var problems Problems
	if t.Source.ObjectLock != nil && place.ObjectLock == nil {
		problems.AddSee(awsdocs.ObjectLock, path+".objectLock", "is missing, and the source has it; S3 replicates locked objects only to buckets with Object Lock")
	}
	if t.Direction == TwoWay && t.Source.ObjectLock == nil && place.ObjectLock != nil {
		problems.AddSee(awsdocs.ObjectLock, "source.objectLock", "is missing, and %s, which replicates back, has it; S3 replicates locked objects only to buckets with Object Lock", path)
	}
	return problems
}

var name = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

// CheckName says what keeps a text from being a part of the names of resources.
func CheckName(text string) error {
	switch {
	case text == "":
		return errors.New("is missing; give a short name, such as data or dr")
	case !name.MatchString(text):
		return fmt.Errorf("%q is not a name; use up to 32 lower-case letters, digits and hyphens, a letter or digit at both ends", text)
	default:
		return nil
	}
}

func validateDestinationName(text string) error {
	if text == SourceName {
		return fmt.Errorf("%q is the name of the source; use another one", text)
	}
	return CheckName(text)
}

// maxRetentionDays is a hundred years, S3's own limit.
const maxRetentionDays = 36500

// SourceName is the name of the source among the places of a topology.
const SourceName = "source"

func (t Topology) validateRules() Problems {
	var problems Problems
	ids := map[string]int{}
	for i, rule := range t.Rules {
		path := fmt.Sprintf("rules[%d]", i)
		problems = append(problems, rule.validatePreset().Under(path)...)
		problems = append(problems, t.validateRule(path, rule.withPreset())...)
		if first, taken := ids[rule.ID]; taken && rule.ID != "" {
			problems.Add(path+".id", "%q is the id of rules[%d] already", rule.ID, first)
		} else {
			ids[rule.ID] = i
		}
	}
	if len(problems) > 0 {
		return problems
	}
	return t.validateExpandedRules()
}

// validateExpandedRules checks what only shows once rules for several
// destinations have become several rules.
func (t Topology) validateExpandedRules() Problems {
	var problems Problems
	type name struct{ from, id string }
	taken, count := map[name]bool{}, map[string]int{}
	for _, rule := range t.ReplicationRules() {
		count[rule.From()]++
		if taken[name{rule.From(), rule.ID}] {
			problems.Add("rules", "make two rules with the id %q once the names of destinations are appended; rename one", rule.ID)
		}
		taken[name{rule.From(), rule.ID}] = true
		if len(rule.ID) > s3limits.MaxIDLength {
			problems.AddSee(awsdocs.ReplicationRules, "rules", "the id %q has %d characters; S3 takes %d at most", rule.ID, len(rule.ID), s3limits.MaxIDLength)
		}
	}
	if n := count[SourceName]; n > s3limits.MaxRules {
		problems.AddSee(awsdocs.ReplicationRules, "rules", "make %d rules, one for each destination of each; S3 takes %d at most", n, s3limits.MaxRules)
	}
	return problems
}

func (t Topology) validateRule(path string, rule RuleSpec) Problems {
	var problems Problems
	if rule.ID == "" {
		problems.Add(path+".id", "is missing; metrics and alarms refer to rules by their id")
	}
	for i, destination := range rule.Destinations {
		if _, ok := t.destination(destination); !ok {
			problems.Add(fmt.Sprintf("%s.destinations[%d]", path, i), "%q is not the name of a destination; there is %s", destination, t.destinationNames())
		} else if slices.Index(rule.Destinations, destination) != i {
			problems.Add(fmt.Sprintf("%s.destinations[%d]", path, i), "%q is named twice", destination)
		}
	}
	problems = append(problems, rule.validatePrefixes().Under(path)...)
	if rule.StorageClass != "" && !rule.StorageClass.Valid() {
		problems.Add(path+".storageClass", "%q is not a storage class for replicas; use one of %s", rule.StorageClass, listOf(StorageClasses))
	}
	for _, key := range slices.Sorted(maps.Keys(rule.Tags)) {
		if fault := s3limits.CheckTag(key, rule.Tags[key]); fault != "" {
			problems.Add(path+".tags", "%q=%q cannot be a tag of an object: %s", key, rule.Tags[key], fault)
		}
	}
	if len(rule.Tags) > 0 && or(rule.DeleteMarkers, false) {
		problems.AddSee(awsdocs.DeleteMarkerReplication, path+".tags", "delete-marker replication cannot be used with a tag filter; set deleteMarkers: false or drop the tags")
	}
	if or(rule.ReplicationTimeControl, false) && !or(rule.Metrics, true) {
		problems.AddSee(awsdocs.ReplicationTimeControl, path+".metrics", "replication time control needs metrics; set metrics: true or replicationTimeControl: false")
	}
	problems = append(problems, rule.Thresholds.Validate().Under(path+".monitoring")...)
	if rule.Thresholds != (Thresholds{}) && !or(rule.Metrics, true) {
		problems.AddSee(awsdocs.ReplicationMetrics, path+".monitoring", "has thresholds, and the rule publishes no metrics for alarms to watch; set metrics: true or drop the thresholds")
	}
	return problems
}

func (s RuleSpec) validatePrefixes() Problems {
	var problems Problems
	check := func(path, prefix string) {
		if len(prefix) > s3limits.MaxPrefixLength || !utf8.ValidString(prefix) {
			problems.AddSee(awsdocs.ReplicationRules, path, "must be UTF-8 text of %d bytes at most", s3limits.MaxPrefixLength)
		}
	}
	check("prefix", s.Prefix)
	if s.Prefix != "" && len(s.Prefixes) > 0 {
		problems.Add("prefixes", "is given, and prefix too; put all of them into prefixes")
	}
	for i, prefix := range s.Prefixes {
		path := fmt.Sprintf("prefixes[%d]", i)
		check(path, prefix)
		if slices.Index(s.Prefixes, prefix) != i {
			problems.Add(path, "%q is named twice", prefix)
		}
	}
	return problems
}

func (t Topology) destinationNames() string {
	names := make([]string, len(t.Destinations))
	for i, place := range t.Destinations {
		names[i] = place.Name
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func listOf[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return strings.Join(texts, ", ")
}
