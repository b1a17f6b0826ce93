package s3config

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/s3limits"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Error is why S3 rejects a replication configuration, with S3's error code.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
type Error struct {
	Code    string
	Message string
	// Path of the element in the JSON form: "Rules[0].Filter".
	Path string
	// Accepted says what S3 takes there. Empty where the message does.
	Accepted string
	// InPutOnly says that S3 keeps configurations which have it, from before it was
	// refused: it is a fault of what is put, not of what is there.
	InPutOnly bool
}

func (f Error) String() string { return f.Path + ": " + f.Code + ": " + f.Text() }

// Text returns the message, with what S3 accepts instead.
func (f Error) Text() string {
	if f.Accepted == "" {
		return f.Message
	}
	return f.Message + ": accepted is " + f.Accepted
}

const (
	malformedXML    = "MalformedXML"
	invalidRequest  = "InvalidRequest"
	invalidArgument = "InvalidArgument"

	malformed = "The XML you provided was not well-formed or did not validate against our published schema"
	guide     = " Please refer to S3 Developer Guide for more information."
)

// Check returns the errors that S3 finds in the document alone; S3 would report the first. Checks
// of other buckets (existence, versioning) are not included.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
func (c Configuration) Check() []Error {
	check := &checker{}
	check.document(c)
	for i, rule := range c.Rules {
		check.rule(fmt.Sprintf("Rules[%d]", i), rule)
	}
	check.unique(c.Rules)
	check.oneDestination(c.Rules)
	return check.faults
}

type checker struct {
	faults []Error
}

func (c *checker) fault(code, path, format string, args ...any) {
	c.faults = append(c.faults, Error{Code: code, Path: path, Message: fmt.Sprintf(format, args...)})
}

// malformed is what does not fit S3's schema, with what does.
func (c *checker) malformed(path, accepted string) {
	c.faults = append(c.faults, Error{Code: malformedXML, Path: path, Message: malformed, Accepted: accepted})
}

func (c *checker) document(configuration Configuration) {
	if awsid.CheckRoleARN(configuration.Role) != nil {
		c.fault(invalidArgument, "Role", "Invalid Role specified in replication configuration")
	}
	if n := len(configuration.Rules); n == 0 || n > s3limits.MaxRules {
		c.malformed("Rules", fmt.Sprintf("1 to %d rules", s3limits.MaxRules))
	}
}

func (c *checker) rule(path string, rule Rule) {
	if len(rule.ID) > s3limits.MaxIDLength {
		c.fault(invalidArgument, path+".ID", "ID length should not exceed allowed limit of %d", s3limits.MaxIDLength)
	}
	c.status(path+".Status", rule.Status)
	if rule.ExistingObjectReplication != nil {
		c.faults = append(c.faults, Error{
			Code: malformedXML, Path: path + ".ExistingObjectReplication", Message: malformed, Accepted: "a rule without it", InPutOnly: true,
		})
	}
	if rule.Filter == nil {
		c.firstVersion(path, rule)
	} else {
		c.secondVersion(path, rule)
	}
	c.selection(path, rule)
	c.destination(path+".Destination", rule.Destination)
}

func (c *checker) status(path string, status replication.Status) {
	if status != replication.Enabled && status != replication.Disabled {
		c.malformed(path, "Enabled or Disabled")
	}
}

// firstVersion checks a rule of the old schema, which knows neither priorities
// nor anything that came after them.
func (c *checker) firstVersion(path string, rule Rule) {
	if rule.Prefix == nil {
		c.malformed(path+".Filter", "a Filter, which may be empty, or Prefix in a rule of the first version of the schema")
		return
	}
	c.prefix(path+".Prefix", rule.Prefix)
	if rule.Priority != nil || rule.DeleteMarkerReplication != nil || rule.Destination.ReplicationTime != nil || rule.replicaModifications() {
		c.fault(invalidRequest, path, "Priority, DeleteMarkerReplication, ReplicationTime and ReplicaModifications need a Filter."+guide)
	}
}

func (c *checker) secondVersion(path string, rule Rule) {
	if rule.Prefix != nil {
		c.malformed(path+".Prefix", "Filter.Prefix in its place, beside a Filter")
	}
	if rule.Priority == nil {
		c.fault(invalidRequest, path+".Priority",
			"Priority must be specified for this version of Cross Region Replication configuration schema."+guide)
	} else if *rule.Priority < 0 {
		c.fault(invalidArgument, path+".Priority", "Priority must be a non-negative integer")
	}
	if rule.DeleteMarkerReplication == nil {
		c.fault(invalidRequest, path+".DeleteMarkerReplication",
			"DeleteMarkerReplication must be specified for this version of Cross Region Replication configuration schema."+guide)
	} else {
		c.status(path+".DeleteMarkerReplication.Status", rule.DeleteMarkerReplication.Status)
	}
	c.filter(path+".Filter", *rule.Filter)
	if rule.Filter.hasTags() && rule.DeleteMarkerReplication.on() {
		c.fault(invalidRequest, path+".DeleteMarkerReplication",
			"Delete marker replication is not supported if any Tag filter is specified."+guide)
	}
}

func (c *checker) filter(path string, filter Filter) {
	if filter.parts() > 1 {
		c.malformed(path, "one of Prefix, Tag and And")
	}
	c.prefix(path+".Prefix", filter.Prefix)
	if filter.Tag != nil {
		c.tags(path+".Tag", []Tag{*filter.Tag})
	}
	if filter.And == nil {
		return
	}
	c.prefix(path+".And.Prefix", filter.And.Prefix)
	c.tags(path+".And.Tags", filter.And.Tags)
	if parts := len(filter.And.Tags); parts == 0 || (parts == 1 && filter.And.Prefix == nil) {
		c.malformed(path+".And", "a Prefix with Tags, or several Tags")
	}
}

func (c *checker) prefix(path string, prefix *string) {
	if prefix != nil && len(*prefix) > s3limits.MaxPrefixLength {
		c.fault(invalidArgument, path, "Prefix length should not exceed allowed limit of %d", s3limits.MaxPrefixLength)
	}
}

func (c *checker) tags(path string, tags []Tag) {
	seen := map[string]bool{}
	for _, tag := range tags {
		if fault := s3limits.CheckTag(tag.Key, tag.Value); fault != "" {
			c.fault("InvalidTag", path, "%s", fault)
		}
		if seen[tag.Key] {
			c.fault("InvalidTag", path, "Cannot provide multiple Tags with the same key")
		}
		seen[tag.Key] = true
	}
}

// selection checks that KMS-encrypted objects are opted in where, and only
// where, a key for their replicas is named.
func (c *checker) selection(path string, rule Rule) {
	selects := rule.SourceSelectionCriteria != nil && rule.SourceSelectionCriteria.SseKmsEncryptedObjects != nil
	encrypts := rule.Destination.EncryptionConfiguration != nil
	if selects {
		c.status(path+".SourceSelectionCriteria.SseKmsEncryptedObjects.Status", rule.SourceSelectionCriteria.SseKmsEncryptedObjects.Status)
	}
	if encrypts && !selects {
		c.fault(invalidRequest, path+".SourceSelectionCriteria",
			"SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.")
	}
	if selects && rule.SourceSelectionCriteria.SseKmsEncryptedObjects.on() && !encrypts {
		c.fault(invalidRequest, path+".Destination.EncryptionConfiguration",
			"EncryptionConfiguration must be specified if SseKmsEncryptedObjects tag is present.")
	}
}

func (c *checker) destination(path string, destination Destination) {
	if !isBucketARN(destination.Bucket) {
		c.fault(invalidArgument, path+".Bucket", "Invalid bucket ARN")
	}
	if destination.StorageClass != "" && !destination.StorageClass.Valid() {
		c.malformed(path+".StorageClass", joinClasses())
	}
	if destination.Account != "" && !awsid.IsAccount(destination.Account) {
		c.malformed(path+".Account", "a number of 12 digits")
	}
	if translation := destination.AccessControlTranslation; translation != nil {
		if destination.Account == "" {
			c.fault(invalidArgument, path+".Account", "Account must be specified when AccessControlTranslation is.")
		}
		if translation.Owner != "Destination" {
			c.malformed(path+".AccessControlTranslation.Owner", "Destination")
		}
	}
	c.replicationTime(path, destination)
}

// joinClasses has the storage classes that a rule may name.
func joinClasses() string {
	texts := make([]string, len(replication.StorageClasses))
	for i, class := range replication.StorageClasses {
		texts[i] = string(class)
	}
	return strings.Join(texts, ", ")
}

func (c *checker) replicationTime(path string, destination Destination) {
	timed := destination.ReplicationTime != nil && destination.ReplicationTime.Status == replication.Enabled
	if destination.ReplicationTime != nil {
		c.status(path+".ReplicationTime.Status", destination.ReplicationTime.Status)
	}
	if timed && destination.ReplicationTime.Time.Minutes != ReplicationTimeMinutes {
		c.fault(invalidArgument, path+".ReplicationTime.Time", "ReplicationTime must be %d minutes.", ReplicationTimeMinutes)
	}
	metrics := destination.Metrics
	if timed && (metrics == nil || metrics.Status != replication.Enabled) {
		c.fault(invalidRequest, path+".Metrics", "Metrics must be enabled if ReplicationTime is enabled.")
	}
	if metrics == nil {
		return
	}
	c.status(path+".Metrics.Status", metrics.Status)
	switch {
	case metrics.EventThreshold == nil && timed:
		c.fault(invalidArgument, path+".Metrics.EventThreshold", "Metrics must contain an event threshold when ReplicationTime is enabled")
	case metrics.EventThreshold != nil && !timed:
		c.fault(invalidArgument, path+".Metrics.EventThreshold",
			"Metrics cannot contain an event threshold when ReplicationTime is not specified or Disabled")
	case metrics.EventThreshold != nil && metrics.EventThreshold.Minutes != ReplicationTimeMinutes:
		c.fault(invalidArgument, path+".Metrics.EventThreshold", "EventThreshold must be %d minutes.", ReplicationTimeMinutes)
	}
}

// bucketOfRule is what the resource of a bucket's ARN consists of. Buckets from
// before March 2018 may have upper-case letters and underscores.
var bucketOfRule = regexp.MustCompile(`^[A-Za-z0-9._-]{1,255}$`)

// isBucketARN reports whether a text is the ARN of a whole bucket: access points,
// objects and patterns are none.
func isBucketARN(text string) bool {
	parsed, ok := awsid.ParseARN(text)
	return ok && parsed.Service == "s3" && parsed.Region == "" && parsed.Account == "" && bucketOfRule.MatchString(parsed.Resource)
}

func (c *checker) unique(rules []Rule) {
	ids, priorities := map[string]bool{}, map[int]bool{}
	for i, rule := range rules {
		if rule.ID != "" && ids[rule.ID] {
			c.fault(invalidArgument, fmt.Sprintf("Rules[%d].ID", i), "Rule Id must be unique. Found same Id for more than one rule")
		}
		ids[rule.ID] = true
		if rule.Priority == nil {
			continue
		}
		if priorities[*rule.Priority] {
			c.fault(invalidArgument, fmt.Sprintf("Rules[%d].Priority", i), "Rule priority must be unique. Found priority %d for more than one rule", *rule.Priority)
		}
		priorities[*rule.Priority] = true
	}
}

// oneDestination checks that rules of the first schema share one destination.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
func (c *checker) oneDestination(rules []Rule) {
	first := ""
	for i := range rules {
		if rules[i].Filter != nil {
			continue
		}
		bucket := rules[i].Destination.Bucket
		if first != "" && bucket != first {
			c.fault(invalidRequest, fmt.Sprintf("Rules[%d].Destination.Bucket", i), "Number of distinct destination bucket ARNs cannot exceed 1")
			return
		}
		first = bucket
	}
}

func (s *Switch) on() bool { return s != nil && s.Status == replication.Enabled }

func (f Filter) hasTags() bool { return f.Tag != nil || (f.And != nil && len(f.And.Tags) > 0) }

func (f Filter) parts() int {
	parts := 0
	for _, set := range []bool{f.Prefix != nil, f.Tag != nil, f.And != nil} {
		if set {
			parts++
		}
	}
	return parts
}

func (r Rule) replicaModifications() bool {
	return r.SourceSelectionCriteria != nil && r.SourceSelectionCriteria.ReplicaModifications != nil
}
