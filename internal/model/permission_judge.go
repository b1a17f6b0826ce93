package model

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// deniedCall is a call that the known policies do not allow, or not for certain.
type deniedCall struct {
	requiredCall
	decision policy.Decision
	// covered denied lack an Allow that another action's makes needless.
	covered bool
	// everyWay says that all ways to do the same are denied.
	allAlternatives bool
	// dependent denied matter or not by how S3 makes the call, which is not
	// known: some ways to do the same are allowed, and some are not.
	dependent bool
	// part of what the rule replicates that it is about, as the pattern of a
	// policy; "" for all of it.
	part string
}

// unknown reports whether the decision depends on missing condition keys.
func (r *deniedCall) unknown() bool { return r.decision.Reason == policy.Unknown }

// cause describes the policy that denies the call.
func (r *deniedCall) cause() string {
	on, _, _ := strings.Cut(r.request.Resource, "/")
	if r.target >= onSourceKey {
		on = r.request.Resource
	} else if r.part != "" {
		on = r.part
	}
	text := r.decision.String() + ", on " + on
	if r.encryptionContext != "" && (r.part != "" || !r.allAlternatives) {
		text += " with the encryption context " + cmp.Or(r.part, r.encryptionContext)
	}
	return text
}

// judge decides the calls of one destination by the known policies. An unknown policy is assumed to
// allow, so that a denied call is denied whatever the unknown policies are.
type judge struct {
	// roleARN is the role that is judged, with a stand-in for an account that a plan
	// leaves open; planned says that there is one.
	roleARN       string
	planned       bool
	role          *RoleFacts
	identity      []policy.Document
	source        *policy.Document
	destination   *policy.Document
	keys          [2]map[string]KeyFacts // of the source, of the destination
	account       string                 // of the role
	allowAll      *policy.Document       // allows the role all
	delegateToIAM *policy.Document       // lets IAM decide
	// decided are the decisions on calls, for the calls that are decided the same.
	// Nil: none are kept.
	decided map[callKey]policy.Decision
	// alike numbers the objects that the policies treat the same. Nil: each object is
	// judged by itself.
	alike *likeness
}

// callKey identifies calls that are decided the same.
type callKey struct {
	target                                       callTarget
	action, resource, account, encryptionContext string
	alike                                        int     // of the object, in the place of its resource
	context                                      uintptr // of the condition keys, which calls share
}

// likeness numbers objects by the patterns that cover them. Those with the same
// number are decided the same.
type likeness struct {
	patterns policy.Patterns
	numbers  map[string]int // by the patterns
	// last are the objects that were asked for last, in either bucket: several calls
	// in a row are about them.
	last [2]struct {
		arn    string
		number int
	}
	// contexts reports that policies test the encryption context of calls to KMS, so
	// that those are decided for each object.
	contexts bool
}

// of returns the number of an object in the source or destination, from 1.
func (l *likeness) of(arn string, target callTarget) int {
	last := &l.last[target]
	if last.arn == arn {
		return last.number
	}
	cover := strings.Join(l.patterns.Covering(arn), "\x00")
	if l.numbers[cover] == 0 {
		l.numbers[cover] = len(l.numbers) + 1
	}
	last.arn, last.number = arn, l.numbers[cover]
	return last.number
}

// callsOfObject is how many calls the replication of one object takes, about.
const callsOfObject = 24

// newJudge returns nil where no policy is known, or no role to judge.
func newJudge(role string, facts *RoleFacts, source, destination *BucketFacts) *judge {
	role, planned := standInRole(role)
	if awsid.CheckRoleARN(role) != nil || !anyPolicy(facts, source, destination) {
		return nil
	}
	account := awsid.AccountOf(role)
	friendly, delegating := allowAllPolicy(policy.AWS(role)), allowAllPolicy(policy.AWS(account))
	j := &judge{
		roleARN: role, planned: planned, role: facts, identity: facts.Policies,
		account: account, allowAll: &friendly, delegateToIAM: &delegating,
		source: source.Policy, destination: destination.Policy,
		keys: [2]map[string]KeyFacts{source.Keys, destination.Keys},
	}
	if j.identity == nil {
		j.identity = []policy.Document{allowAllPolicy(nil)}
	} else if planned { // the deployment grants its role what it needs
		j.identity = append([]policy.Document{allowAllPolicy(nil)}, j.identity...)
	}
	return j
}

func anyPolicy(role *RoleFacts, source, destination *BucketFacts) bool {
	if role.Policies != nil || role.Boundary != nil || role.Trust != nil || role.ServiceControl != nil || role.ResourceControl != nil || source.Policy != nil || destination.Policy != nil {
		return true
	}
	for _, keys := range []map[string]KeyFacts{source.Keys, destination.Keys} {
		for _, key := range keys {
			if key.Policy != nil {
				return true
			}
		}
	}
	return false
}

// unknownTrustPolicy stands for an unknown trust policy.
var unknownTrustPolicy = allowAllPolicy(policy.Service(s3Service))

// allowAllPolicy returns a policy that allows everything, in place of an unknown one.
func allowAllPolicy(principal *policy.Principal) policy.Document {
	return policy.New(policy.Statement{
		Effect: policy.Allow, Principal: principal, Action: policy.Values{"*"}, Resource: policy.Values{"*"},
	})
}

// deniedCalls returns the calls that are not allowed, or not for certain. Of several alternatives,
// a denial matters for certain only if all are denied, and an uncertain one only if none is
// allowed.
func (j *judge) deniedCalls(calls []requiredCall) []deniedCall {
	var denied []deniedCall
	var possible, allowed []*requiredCall // of the uncertain calls
	for i := range calls {
		call := &calls[i]
		decision := j.decide(call)
		call.optional = call.optional || call.instead != "" && !decision.Allowed && j.allows(call, call.instead)
		covered := call.coveredBy != "" && lacksAllow(decision) && j.allows(call, call.coveredBy)
		call.optional = call.optional || covered
		if !decision.Allowed {
			denied = append(denied, deniedCall{requiredCall: *call, decision: decision, covered: covered})
		}
		switch {
		case !call.uncertain:
		case decision.Allowed:
			allowed, possible = append(allowed, call), append(possible, call)
		case decision.Reason == policy.Unknown:
			possible = append(possible, call)
		}
	}
	for i := range denied {
		each := &denied[i]
		open := possible
		if each.unknown() {
			open = allowed
		}
		each.allAlternatives = each.uncertain && !slices.ContainsFunc(open, each.isAlternative)
		each.dependent = !each.optional && each.uncertain && !each.allAlternatives
		each.optional = each.optional || each.dependent
	}
	return denied
}

// lacksAllow reports whether no statement denies a call, and none allows it.
func lacksAllow(decision policy.Decision) bool {
	return !decision.Allowed && decision.Reason != policy.ExplicitDeny && decision.Reason != policy.Unknown
}

// allows reports whether another action in the place of a call's is allowed.
func (j *judge) allows(call *requiredCall, action string) bool {
	other := *call
	other.request.Action = action
	return j.decide(&other).Allowed
}

// isAlternative reports whether another call is a way to do the same.
func (n *requiredCall) isAlternative(other *requiredCall) bool {
	return n.target == other.target && n.request.Action == other.request.Action && n.request.Resource == other.request.Resource
}

// decide judges one call.
func (j *judge) decide(call *requiredCall) policy.Decision {
	request := &call.request
	context := reflect.ValueOf(request.Context).Pointer()
	key := callKey{call.target, request.Action, request.Resource, request.ResourceAccount, call.encryptionContext, 0, context}
	shared := call.anyObject
	switch {
	case shared || j.alike == nil:
	case call.target <= onDestination:
		shared, key.alike, key.resource = true, j.alike.of(request.Resource, call.target), ""
	case !j.alike.contexts:
		shared, key.encryptionContext = true, ""
	}
	if shared {
		if decision, known := j.decided[key]; known {
			return decision
		}
	}
	if call.encryptionContext != "" {
		request.Context[EncryptionContextConditionKey][0] = call.encryptionContext
	}
	decision := policy.Evaluate(j.policies(call), *request)
	if shared && j.decided != nil {
		j.decided[key] = decision
	}
	return decision
}

func (j *judge) policies(call *requiredCall) policy.Policies {
	policies := policy.Policies{
		Identity: j.identity, Boundary: j.role.Boundary, ServiceControl: j.role.ServiceControl, ResourceControl: j.role.ResourceControl,
	}
	switch call.target {
	case onSource:
		policies.Resource = j.orAllowAll(j.source, &call.request)
	case onDestination:
		policies.Resource = j.orAllowAll(j.destination, &call.request)
	case onTrust:
		policies.Resource = j.role.Trust
		if policies.Resource == nil {
			policies.Resource = &unknownTrustPolicy
		}
	default:
		policies.KeyPolicy = true
		policies.Resource = j.keys[call.target-onSourceKey][call.request.Resource].Policy
		if policies.Resource == nil {
			policies.Resource = j.delegateToIAM
		}
	}
	return policies
}

// orAllowAll returns the policy of a bucket. An unknown one allows the role if another account must
// allow it, and otherwise adds nothing.
func (j *judge) orAllowAll(known *policy.Document, request *policy.Request) *policy.Document {
	if known != nil || accountsDiffer(j.account, request.ResourceAccount) != Yes {
		return known
	}
	return j.allowAll
}

// permissionReasons are about what the role may not do for the object. Calls
// that are not needed in every case do not stand against replication.
func (e *Explainer) permissionReasons(decision *Decision, object *Object) []Reason {
	group, winner := decision.group, decision.winner
	if group.judge == nil {
		return nil
	}
	encryption, key := e.encryptionOf(object)
	builder := &callBuilder{
		role: group.judge.roleARN, source: &e.facts.Source, destination: &group.facts, contexts: &sharedContexts{},
		key: object.Key, sourceKey: key, encryption: encryption, kms: mayUseKMS(encryption) && winner.rule.SelectsKMS(),
		locked: e.facts.Source.ObjectLock == Yes || object.Locked || object.Event == LockChanged, event: object.Event,
	}
	builder.setRule(winner.rule)
	calls := builder.copyCalls
	if object.Event.deletes() {
		calls = builder.deleteCalls
	}
	denied := group.judge.deniedCalls(calls(make([]requiredCall, 0, callsOfObject)))
	decision.Notes = append(decision.Notes, notesOf(denied)...)
	keys := slices.IndexFunc(denied, func(d deniedCall) bool { return d.target == onSourceKey || d.target == onReplicaKey })
	if keys < 0 {
		keys = len(denied)
	}
	reasons := reasonsOf(denied[:keys])
	aboutKeys := reasonsOf(denied[keys:])
	if builder.kms && key == "" && !object.Event.deletes() {
		for _, reason := range group.judge.unknownKeyReasons(builder) {
			if encryption != "" || !reason.uncertain { // there may be no key
				aboutKeys = append(aboutKeys, reason)
			}
		}
	}
	reasons = append(reasons, ifKMS(encryption, aboutKeys)...)
	if e.facts.Source.Bucket == "" && e.facts.Role.Policies != nil {
		reasons = append(reasons, because("source-not-judged"))
	}
	return reasons
}

// notesOf refusals are what replicas lack, or other objects.
func notesOf(denied []deniedCall) []Reason {
	var notes []Reason
	for i := range denied {
		id := deniedCallNotes[denied[i].request.Action]
		if id == "" || !denied[i].optional || denied[i].dependent || denied[i].covered {
			continue
		}
		if !slices.ContainsFunc(notes, func(n Reason) bool { return n.ID == id }) {
			notes = append(notes, noting(id, denied[i].request.Action, denied[i].cause()))
		}
	}
	return notes
}

// refusalNotes are the notes on calls that replication does without.
var deniedCallNotes = map[string]string{
	"s3:ReplicateTags":                  "tags-stay-behind",
	"s3:GetObjectVersionTagging":        "tags-stay-behind",
	"s3:GetObjectVersionForReplication": "reads-without-kms",
}

// unknownKeyReasons are about the key of the source object where that is not
// known: a role that may decrypt with none cannot read it.
func (j *judge) unknownKeyReasons(builder *callBuilder) []Reason {
	if builder.source.Bucket == "" {
		return nil // named as not judged
	}
	keys := []string{"arn:aws:kms:us-east-1:" + j.account + ":key/" + standInKey}
	for _, document := range j.identity {
		for _, statement := range document.Statement {
			for _, resource := range statement.Resource {
				if strings.Contains(resource, ":kms:") {
					keys = append(keys, strings.ReplaceAll(resource, "*", standInKey))
				}
			}
		}
	}
	for i, key := range keys {
		asked := *builder
		asked.sourceKey = key
		allowed := false
		for _, use := range asked.usesOf(key, asked.source, asked.sourceARN) {
			call := use.call("kms:Decrypt", onSourceKey, "SrcGetObjectNotPermitted", asked.role, false)
			decision := j.decide(&call)
			allowed = allowed || decision.Allowed || decision.Reason == policy.Unknown
		}
		switch {
		case allowed && i == 0:
			return nil // whatever the key
		case allowed:
			return []Reason{because("source-key-unknown")}
		}
	}
	reason := because("not-permitted", "kms:Decrypt", "no policy of the role allows it on a key")
	reason.Failure = "SrcGetObjectNotPermitted"
	return []Reason{reason}
}

// standInKey stands for the id of a key that is not known.
const standInKey = "00000000-0000-0000-0000-000000000000"

// reasonsOf refusals are one for each action that is denied, and one for each
// statement that leaves actions undecided.
func reasonsOf(denied []deniedCall) []Reason {
	var reasons []Reason
	var reported, causes []string
	undecided := map[string][]string{}
	for i := range denied {
		each := &denied[i]
		action, cause := each.request.Action, each.cause()
		switch {
		case each.optional && !each.dependent:
		case each.unknown() || each.dependent:
			if !contains(causes, cause) {
				causes = append(causes, cause)
			}
			if !contains(undecided[cause], action) {
				undecided[cause] = append(undecided[cause], action)
			}
		case !contains(reported, action):
			reported = append(reported, action)
			reason := because("not-permitted", action, cause)
			reason.Failure = each.failure
			reasons = append(reasons, reason)
		}
	}
	for _, cause := range causes {
		reasons = append(reasons, because("permission-undecided", strings.Join(undecided[cause], ", "), cause))
	}
	return reasons
}
