package model

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// MaxManagedPolicies is how many managed policies a role gets beside its inline
// policy. It is half of what IAM attaches to a role, so that a change of the
// destinations can attach new policies before it detaches those that they
// replace: between the two S3 would fail objects for good.
const MaxManagedPolicies = 5

// RolePart is one of the policies that a role has together.
type RolePart struct {
	// Inline is the role's inline policy, which has what replication needs at the
	// source; the others are managed policies.
	Inline bool
	// Destinations that the policy is for, by their indices.
	Destinations []int
}

// RolePolicy grants a role what replication from a source to its destinations
// needs, and nothing else. It may be longer than IAM takes: see
// [SplitRolePolicy].
func RolePolicy(source BucketRef, destinations []BucketRef) policy.Document {
	whole := RolePart{Inline: true}
	for i := range destinations {
		whole.Destinations = append(whole.Destinations, i)
	}
	return whole.Policy(source, destinations)
}

// SplitRolePolicy divides the policy of a role into parts that fit into IAM's
// limits: the inline policy, and managed policies for the destinations that it
// has no room for. Appending a destination changes no part but the last.
func SplitRolePolicy(source BucketRef, destinations []BucketRef) []RolePart {
	parts := []RolePart{{Inline: true}}
	for i := range destinations {
		last := &parts[len(parts)-1]
		limit := ManagedPolicyLimit
		if last.Inline {
			limit = InlinePolicyLimit
		}
		longer := RolePart{last.Inline, append(slices.Clone(last.Destinations), i)}
		if limit.Check(longer.Policy(source, destinations).JSON()) == nil {
			*last = longer
			continue
		}
		parts = append(parts, RolePart{Destinations: []int{i}})
	}
	return parts
}

// Policy returns the document of the part.
func (p RolePart) Policy(source BucketRef, destinations []BucketRef) policy.Document {
	var statements []policy.Statement
	if p.Inline {
		statements = atSource(source)
	}
	for _, i := range p.Destinations {
		statements = append(statements, atDestination(i, source, destinations[i])...)
	}
	return policy.New(shared(statements)...)
}

func atDestination(i int, source, destination BucketRef) []policy.Statement {
	return append(
		[]policy.Statement{writeReplicas(fmt.Sprintf("WriteReplicas%d", i), source, destination)},
		useKeys(fmt.Sprintf("EncryptReplicas%d", i), destination, destination.replicaKeys(), replicaKeyActions...)...,
	)
}

// shared joins statements that together allow what they allow apart, and no
// more: those that differ in their resources only, such as destinations without
// a known key, and those that differ in the buckets that a key is used for.
// Destinations with keys of their own stay apart: one statement with both keys
// would let either bucket be written with the other's key.
func shared(statements []policy.Statement) []policy.Statement {
	var joined []policy.Statement
	for _, statement := range statements {
		i := slices.IndexFunc(joined, func(s policy.Statement) bool { return share(s, statement) })
		if i < 0 {
			joined = append(joined, statement)
			continue
		}
		joined[i] = joinStatements(joined[i], statement)
	}
	return joined
}

func share(a, b policy.Statement) bool {
	if sameBut(a, b, func(s *policy.Statement) { s.Resource = nil }) {
		return true
	}
	return len(contexts(a)) > 0 && len(contexts(b)) > 0 && sameBut(a, b, func(s *policy.Statement) { *s = withContexts(*s, nil) })
}

// sameBut reports whether statements are equal but for their Sid and what blank
// removes.
func sameBut(a, b policy.Statement, blank func(*policy.Statement)) bool {
	a.Sid, b.Sid = "", ""
	blank(&a)
	blank(&b)
	return reflect.DeepEqual(a, b)
}

func joinStatements(a, b policy.Statement) policy.Statement {
	a.Resource = union(a.Resource, b.Resource)
	if len(contexts(a)) > 0 {
		a = withContexts(a, union(contexts(a), contexts(b)))
	}
	return a
}

func union(a, b policy.Values) policy.Values {
	joined := slices.Clone(a)
	for _, value := range b {
		if !slices.Contains(joined, value) {
			joined = append(joined, value)
		}
	}
	return joined
}

// contexts are the encryption contexts that a statement allows.
func contexts(s policy.Statement) policy.Values {
	return s.Condition["StringLike"][EncryptionContextConditionKey]
}

func withContexts(s policy.Statement, values policy.Values) policy.Statement {
	conditions := maps.Clone(s.Condition)
	conditions["StringLike"] = map[string]policy.Values{EncryptionContextConditionKey: values}
	s.Condition = conditions
	return s
}
