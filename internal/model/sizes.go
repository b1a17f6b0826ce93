package model

import (
	"encoding/xml"
	"fmt"
	"unicode"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Limit is the largest size that AWS takes of a document.
type Limit struct {
	// Of names the document: "the inline policies of a role".
	Of string
	// Max is the largest size, in Unit.
	Max int
	// Unit is what AWS counts: characters or bytes.
	Unit string
	// See is the page of the AWS documentation.
	See string
}

// The limits on documents that deployments make. On request AWS raises only the
// first two.
var (
	TrustPolicyLimit = Limit{"the trust policy of a role", 2048, "characters", awsdocs.IAMQuotas}
	// AttachedPoliciesLimit counts policies, not their characters.
	AttachedPoliciesLimit = Limit{"a role", 10, "managed policies", awsdocs.IAMQuotas}
	// InlinePolicyLimit is for all inline policies of a role together.
	InlinePolicyLimit  = Limit{"the inline policies of a role", 10240, "characters", awsdocs.IAMQuotas}
	ManagedPolicyLimit = Limit{"a managed policy", 6144, "characters", awsdocs.IAMQuotas}
	BucketPolicyLimit  = Limit{"the policy of a bucket", 20 << 10, "bytes", awsdocs.BucketPolicy}
	KeyPolicyLimit     = Limit{"the policy of a key", 32 << 10, "bytes", awsdocs.KMSLimits}
	ConfigurationLimit = Limit{"the replication configuration of a bucket", 2 << 20, "bytes", awsdocs.ReplicationRules}
)

// Check returns an error where a document is larger than AWS takes.
func (l Limit) Check(text string) error {
	if size := l.size(text); size > l.Max {
		return fmt.Errorf("%s would have %d %s, and AWS takes %d at most", l.Of, size, l.Unit, l.Max)
	}
	return nil
}

// size counts as AWS does: IAM leaves white space out.
func (l Limit) size(text string) int {
	if l.See != awsdocs.IAMQuotas {
		return len(text)
	}
	size := 0
	for _, r := range text {
		if !unicode.IsSpace(r) {
			size++
		}
	}
	return size
}

// ConfigurationXML returns the replication configuration that S3 gets for one
// place of a deployment.
func ConfigurationXML(d replication.Descriptor, place string) string {
	from, known := d.Bucket(place)
	if !known {
		return ""
	}
	text, err := xml.Marshal(subjectOf(d, from).Configuration)
	if err != nil {
		panic("replication: a configuration of strings and numbers always marshals: " + err.Error())
	}
	return string(text)
}
