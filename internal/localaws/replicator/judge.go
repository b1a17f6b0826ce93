package replicator

import (
	"strconv"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// order is an operation at a destination that the rules and policies allow.
type order struct {
	task        *task
	object      model.Object
	rule        *s3config.Rule
	replica     *model.Replica // nil for delete markers
	source      *model.BucketFacts
	destination *model.BucketFacts
	// readsTags and writesTags report whether the role may do so.
	readsTags, writesTags bool
	// keepsACL is true if the source's owner owns the replica, so that the replica
	// gets the source's ACL.
	keepsACL bool
}

// judge decides about an object at a destination: it returns an order, or a result
// without one.
func (v *snapshot) judge(object model.Object, destination string) (*order, result) {
	switch {
	case v.configuration == nil:
		return nil, failed("SrcBucketReplicationConfigMissing")
	case !v.trusted:
		return nil, failed("AssumeRoleNotPermitted")
	}
	if arn, ok := v.keyARNs[object.KMSKey]; ok {
		object.KMSKey = arn
	}
	decision := v.decide(object, destination)
	switch {
	case decision == nil || !attempted(decision):
		return nil, result{skipped: true}
	case v.missing[destination]:
		return nil, failed("DstBucketNotFound")
	case decision.Verdict == model.DoesNotReplicate:
		return nil, failed(decision.Reasons[0].Failure)
	}
	at := v.facts.Destinations[destination]
	if reason := v.denied(object, decision, &at); reason != "" {
		return nil, failed(reason)
	}
	o := &order{
		object: object, rule: &v.configuration.Rules[decision.Rule.Index], replica: decision.Replica, source: &v.facts.Source, destination: &at,
		keepsACL: decision.Replica != nil && decision.Replica.Owner == model.OwnedBySource,
	}
	o.readsTags = v.allows("s3:GetObjectVersionTagging", object.Key, o.source).Allowed
	o.writesTags = v.allows("s3:ReplicateTags", object.Key, o.destination).Reason != policy.ExplicitDeny
	return o, result{}
}

func (v *snapshot) decide(object model.Object, destination string) *model.Decision {
	decisions := v.explainer.Explain(object).Decisions
	for i := range decisions {
		if decisions[i].Bucket == destination {
			return &decisions[i]
		}
	}
	return nil
}

// denied returns the failure of a call that a policy denies based on values that
// only S3 knows, such as the time, which the model does not evaluate.
func (v *snapshot) denied(object model.Object, decision *model.Decision, at *model.BucketFacts) string {
	write, failure := "s3:ReplicateObject", "DstPutObjectNotPermitted"
	if decision.Replica == nil {
		write, failure = "s3:ReplicateDelete", "DstDelObjNotPermitted"
	} else if v.allows("s3:GetObjectVersionForReplication", object.Key, &v.facts.Source).Reason == policy.ExplicitDeny {
		return "SrcGetObjectNotPermitted"
	}
	if v.allows(write, object.Key, at).Reason == policy.ExplicitDeny {
		return failure
	}
	return ""
}

// allows evaluates a call by the role on an object.
func (v *snapshot) allows(action, key string, at *model.BucketFacts) policy.Decision {
	now := time.Now().UTC()
	return policy.Evaluate(
		policy.Policies{Identity: v.role.Policies, Boundary: v.role.Boundary, Resource: at.Policy},
		policy.Request{
			Principal: v.configuration.Role, Action: action, Resource: bucketARN(at) + "/" + key, ResourceAccount: at.Account,
			Context: map[string][]string{
				"aws:SecureTransport": {"true"}, "s3:TlsVersion": {"1.3"}, "aws:CurrentTime": {now.Format(time.RFC3339)}, "aws:EpochTime": {strconv.FormatInt(now.Unix(), 10)},
				"aws:RequestedRegion": {at.Region}, "aws:MultiFactorAuthPresent": {"false"}, "aws:PrincipalArn": {v.configuration.Role},
			},
		})
}
