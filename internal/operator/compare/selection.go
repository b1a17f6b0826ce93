package compare

import (
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// selection is what the rules want of one destination.
type selection struct {
	explainer *model.Explainer
	// bucket of the destination.
	bucket string
	// rules for the destination that are enabled.
	rules []rule
	// configured are all rules of the source.
	configured []s3config.Rule
}

// rule is as much of one as lists can be held against.
type rule struct {
	prefix string
	tagged bool
	class  replication.StorageClass
}

func newSelection(subject model.Subject, destination replication.DeployedBucket) selection {
	s := selection{
		explainer: model.NewExplainer(subject.Configuration, subject.Facts), bucket: destination.Bucket, configured: subject.Configuration.Rules,
	}
	for _, each := range subject.Configuration.Rules {
		if each.Destination.Bucket == destination.ARN && each.Status == replication.Enabled {
			s.rules = append(s.rules, ruleOf(each))
		}
	}
	return s
}

func ruleOf(configured s3config.Rule) rule {
	r := rule{class: configured.Destination.StorageClass}
	filter := configured.Filter
	switch {
	case filter == nil:
		r.prefix = orEmpty(configured.Prefix)
	case filter.And != nil:
		r.prefix, r.tagged = orEmpty(filter.And.Prefix), len(filter.And.Tags) > 0
	default:
		r.prefix, r.tagged = orEmpty(filter.Prefix), filter.Tag != nil
	}
	return r
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// decide says what becomes of an object at the destination.
func (s *selection) decide(object model.Object) model.Decision {
	for _, decision := range s.explainer.Explain(object).Decisions {
		if decision.Bucket == s.bucket {
			return decision
		}
	}
	return model.Decision{Verdict: model.DoesNotReplicate, Reasons: []model.Reason{{ID: "no-rule-matches"}}}
}

// leftOut is why S3 does not even try to replicate an object. It is false where
// S3 does, though it may fail.
func (s *selection) leftOut(object model.Object) (Reason, bool) {
	decision := s.decide(object)
	if decision.Verdict != model.DoesNotReplicate {
		return "", false
	}
	for _, reason := range decision.Reasons {
		if reason.Failure == "" {
			return Reason(reason.ID), true
		}
	}
	return "", false
}

// covers reports whether an object with the key could come here by any rule.
func (s *selection) covers(key string) bool {
	return slices.ContainsFunc(s.rules, func(r rule) bool { return strings.HasPrefix(key, r.prefix) })
}

// asksForTags reports whether the tags of an object can decide.
func (s *selection) asksForTags(key string) bool {
	return slices.ContainsFunc(s.rules, func(r rule) bool { return r.tagged && strings.HasPrefix(key, r.prefix) })
}

// class that the rule for an object asks for, if any.
func (s *selection) class(object model.Object) replication.StorageClass {
	decision := s.decide(object)
	if decision.Rule == nil {
		return ""
	}
	return s.configured[decision.Rule.Index].Destination.StorageClass
}

// key of KMS that the rule for an object names for its replica, if any.
func (s *selection) key(object model.Object) string {
	decision := s.decide(object)
	if decision.Rule == nil {
		return ""
	}
	if to := s.configured[decision.Rule.Index].Destination.EncryptionConfiguration; to != nil {
		return to.ReplicaKmsKeyID
	}
	return ""
}

// fits reports whether a replica may be in its class, whichever rule brought it.
// Where that is not so, the tags of the object may decide.
func (s *selection) fits(source, destination *Version) bool {
	for _, r := range s.rules {
		if !classFits(r.class, replication.StorageClass(destination.Class)) && strings.HasPrefix(source.Key, r.prefix) {
			return false
		}
	}
	return true
}

// waterfall is the order in which lifecycle rules move objects between classes.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
var waterfall = []replication.StorageClass{
	"REDUCED_REDUNDANCY", "STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE",
}

// classFits reports whether a replica that a rule put into a class may be where
// it is now: there, or further down, by a lifecycle rule of the destination.
// Where the rule names no class, the replica began in the source object's,
// which may have moved since: then every class will do.
func classFits(asked, found replication.StorageClass) bool {
	if asked == "" {
		return true
	}
	if found == "" {
		found = "STANDARD"
	}
	return slices.Index(waterfall, found) >= slices.Index(waterfall, asked)
}
