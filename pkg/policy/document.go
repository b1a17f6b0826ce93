package policy

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// Version is the policy language version that every new document should carry.
// Policy variables such as ${aws:username} work in this version only.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
const Version = "2012-10-17"

// legacyVersion is what AWS assumes for a document without a Version element.
const legacyVersion = "2008-10-17"

// Effect is what a statement does to the requests that it applies to. Its values are case-sensitive.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_effect.html
type Effect string

// The two effects.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Values is one or more strings. One value marshals as a plain string, several as a list in the given order;
// both forms are parsed.
type Values []string

// Conditions maps operators to condition keys to values. A statement applies if every key of every operator matches;
// the values of one key are alternatives.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
type Conditions map[string]map[string]Values

// Keys returns the condition keys of all operators, sorted, each once.
func (c Conditions) Keys() []string {
	var keys []string
	for _, byKey := range c {
		keys = slices.AppendSeq(keys, maps.Keys(byKey))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Statement is one permission. Of each pair (Principal and NotPrincipal, Action and NotAction, Resource and
// NotResource) at most one is set.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html
type Statement struct {
	Sid          string     `json:"Sid,omitempty"`
	Effect       Effect     `json:"Effect"`
	Principal    *Principal `json:"Principal,omitempty"`
	NotPrincipal *Principal `json:"NotPrincipal,omitempty"`
	Action       Values     `json:"Action,omitempty"`
	NotAction    Values     `json:"NotAction,omitempty"`
	Resource     Values     `json:"Resource,omitempty"`
	NotResource  Values     `json:"NotResource,omitempty"`
	Condition    Conditions `json:"Condition,omitempty"`
}

// Document is an IAM policy: an identity policy, a permissions boundary, or a resource policy such as a bucket
// policy, a key policy, a topic policy or a role's trust policy.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
type Document struct {
	Version   string      `json:"Version,omitempty"`
	ID        string      `json:"Id,omitempty"`
	Statement []Statement `json:"Statement"`

	index *index // nil: the document is read from end to end
}

// New returns a document of the current [Version] with the given statements, in that order.
func New(statements ...Statement) Document {
	return Document{Version: Version, Statement: statements}
}

// JSON returns the document as compact JSON. The same document always gives the same text: elements come in the
// order of AWS's own examples, condition operators and keys sorted, values in the order they were given.
func (d Document) JSON() string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // keep "<", ">" and "&" readable; a policy is never embedded in HTML
	if err := encoder.Encode(d); err != nil {
		panic("policy: a document of strings, lists and maps always marshals: " + err.Error())
	}
	return string(bytes.TrimSuffix(text.Bytes(), []byte("\n")))
}

// MarshalJSON writes a single value as a string and any other number of values as a list.
func (v Values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return marshalPlain(v[0])
	}
	return marshalPlain([]string(v))
}

// marshalPlain is json.Marshal without HTML escaping.
func marshalPlain(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
