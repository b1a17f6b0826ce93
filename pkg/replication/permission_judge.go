package replication

import (
	"cmp"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// refusal is a call that the known policies do not allow, or not for certain.
type refusal struct {
	needed
	decision policy.Decision
	// covered refusals lack an Allow that another action's makes needless.
	covered bool
	// everyWay says that all ways to do the same are refused.
	everyWay bool
	// dependent refusals matter or not by how S3 makes the call, which is not
	// known: some ways to do the same are allowed, and some are not.
	dependent bool
	// part of what the rule replicates that it is about, as the pattern of a
	// policy; "" for all of it.
	part string
}

// undecided refusals hang on what nobody told.
func (r *refusal) undecided() bool { return r.decision.Reason == policy.Undecided }

// cause says what refuses the call, and where.
func (r *refusal) cause() string {
	on, _, _ := strings.Cut(r.request.Resource, "/")
	if r.party >= theSourceKey {
		on = r.request.Resource
	} else if r.part != "" {
		on = r.part
	}
	text := r.decision.String() + ", on " + on
	if r.encryptionContext != "" && (r.part != "" || !r.everyWay) {
		text += " with the encryption context " + cmp.Or(r.part, r.encryptionContext)
	}
	return text
}

// judge decides the calls of one destination by the policies that are known.
// Where one is not, it takes the side of the role: what is said to be refused
// is refused whatever the other policies say.
type judge struct {
	// roleARN is the role that is judged, with a stand-in for an account that a plan
	// leaves open; planned says that there is one.
	roleARN     string
	planned     bool
	role        *RoleFacts
	identity    []policy.Document
	source      *policy.Document
	destination *policy.Document
	keys        [2]map[string]KeyFacts // of the source, of the destination
	account     string                 // of the role
	friendly    *policy.Document       // allows the role all
	delegating  *policy.Document       // lets IAM decide
	// decided are the decisions on calls that are the same for every object. Nil:
	// none are kept.
	decided map[callKey]policy.Decision
}

// callKey tells the calls apart that are the same for every object.
type callKey struct {
	party                               party
	action, resource, encryptionContext string
}

// callsOfObject is how many calls the replication of one object takes, about.
const callsOfObject = 24

// newJudge returns nil where no policy is known, or no role to judge.
func newJudge(role string, facts *RoleFacts, source, destination *BucketFacts) *judge {
	role, planned := standInRole(role)
	if CheckRoleARN(role) != nil || !anyPolicy(facts, source, destination) {
		return nil
	}
	account := AccountOf(role)
	friendly, delegating := anything(policy.AWS(role)), anything(policy.AWS(account))
	j := &judge{
		roleARN: role, planned: planned, role: facts, identity: facts.Policies,
		account: account, friendly: &friendly, delegating: &delegating,
		source: source.Policy, destination: destination.Policy,
		keys: [2]map[string]KeyFacts{source.Keys, destination.Keys},
	}
	if j.identity == nil {
		j.identity = []policy.Document{anything(nil)}
	} else if planned { // the deployment grants its role what it needs
		j.identity = append([]policy.Document{anything(nil)}, j.identity...)
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

// trusting stands for a trust policy that is not known.
var trusting = anything(policy.Service(s3Service))

// anything is a policy that allows all: it stands for one that is not known.
func anything(principal *policy.Principal) policy.Document {
	return policy.New(policy.Statement{
		Effect: policy.Allow, Principal: principal, Action: policy.Values{"*"}, Resource: policy.Values{"*"},
	})
}

// refusals are the calls that are not allowed, or not for certain. Of several
// ways to do the same, a refused one is certain to matter only where all are
// refused, and one that is not certain only where none is allowed.
func (j *judge) refusals(calls []needed) []refusal {
	var refused []refusal
	var possible, allowed []*needed // of the uncertain calls
	for i := range calls {
		call := &calls[i]
		decision := j.decide(call)
		call.optional = call.optional || call.instead != "" && !decision.Allowed && j.allows(call, call.instead)
		covered := call.coveredBy != "" && lacksAllow(decision) && j.allows(call, call.coveredBy)
		call.optional = call.optional || covered
		if !decision.Allowed {
			refused = append(refused, refusal{needed: *call, decision: decision, covered: covered})
		}
		switch {
		case !call.uncertain:
		case decision.Allowed:
			allowed, possible = append(allowed, call), append(possible, call)
		case decision.Reason == policy.Undecided:
			possible = append(possible, call)
		}
	}
	for i := range refused {
		each := &refused[i]
		open := possible
		if each.undecided() {
			open = allowed
		}
		each.everyWay = each.uncertain && !slices.ContainsFunc(open, each.sameWay)
		each.dependent = !each.optional && each.uncertain && !each.everyWay
		each.optional = each.optional || each.dependent
	}
	return refused
}

// lacksAllow reports whether no statement denies a call, and none allows it.
func lacksAllow(decision policy.Decision) bool {
	return !decision.Allowed && decision.Reason != policy.ExplicitDeny && decision.Reason != policy.Undecided
}

// allows reports whether another action in the place of a call's is allowed.
func (j *judge) allows(call *needed, action string) bool {
	other := *call
	other.request.Action = action
	return j.decide(&other).Allowed
}

// sameWay reports whether another call is a way to do the same.
func (n *needed) sameWay(other *needed) bool {
	return n.party == other.party && n.request.Action == other.request.Action
}

// decide judges one call.
func (j *judge) decide(call *needed) policy.Decision {
	key := callKey{call.party, call.request.Action, call.request.Resource, call.encryptionContext}
	if call.anyObject {
		if decision, known := j.decided[key]; known {
			return decision
		}
	}
	if call.encryptionContext != "" {
		call.request.Context[EncryptionContextConditionKey][0] = call.encryptionContext
	}
	decision := policy.Evaluate(j.policies(call), call.request)
	if call.anyObject && j.decided != nil {
		j.decided[key] = decision
	}
	return decision
}

func (j *judge) policies(call *needed) policy.Policies {
	policies := policy.Policies{
		Identity: j.identity, Boundary: j.role.Boundary, ServiceControl: j.role.ServiceControl, ResourceControl: j.role.ResourceControl,
	}
	switch call.party {
	case theSource:
		policies.Resource = j.orFriendly(j.source, &call.request)
	case theDestination:
		policies.Resource = j.orFriendly(j.destination, &call.request)
	case theTrust:
		policies.Resource = j.role.Trust
		if policies.Resource == nil {
			policies.Resource = &trusting
		}
	default:
		policies.KeyPolicy = true
		policies.Resource = j.keys[call.party-theSourceKey][call.request.Resource].Policy
		if policies.Resource == nil {
			policies.Resource = j.delegating
		}
	}
	return policies
}

// orFriendly is the policy of a bucket. One that is not known allows the role
// where an Allow of another account's bucket is needed, and else says nothing.
func (j *judge) orFriendly(known *policy.Document, request *policy.Request) *policy.Document {
	if known != nil || accountsDiffer(j.account, request.ResourceAccount) != Yes {
		return known
	}
	return j.friendly
}

// permissionReasons are about what the role may not do for the object. Calls
// that are not needed in every case do not stand against replication.
func (e *Explainer) permissionReasons(decision *Decision, object *Object) []Reason {
	group, winner := decision.group, decision.winner
	if group.judge == nil {
		return nil
	}
	encryption, key := e.encryptionOf(object)
	errand := &errand{
		role: group.judge.roleARN, source: &e.facts.Source, destination: &group.facts, contexts: &sharedContexts{},
		key: object.Key, sourceKey: key, encryption: encryption, kms: encryption.usesKMS() && winner.rule.selectsKMS(),
		locked: e.facts.Source.ObjectLock == Yes || object.Locked || object.Event == LockChanged, event: object.Event,
	}
	errand.about(winner.rule)
	calls := errand.copying
	if object.Event.deletes() {
		calls = errand.deleting
	}
	refused := group.judge.refusals(calls(make([]needed, 0, callsOfObject)))
	reasons := reasonsOf(refused)
	decision.Notes = append(decision.Notes, notesOf(refused)...)
	if errand.kms && key == "" && !object.Event.deletes() {
		reasons = append(reasons, group.judge.unknownKeyReasons(errand)...)
	}
	if e.facts.Source.Bucket == "" && e.facts.Role.Policies != nil {
		reasons = append(reasons, because("source-not-judged"))
	}
	return reasons
}

// notesOf refusals are what replicas lack, or other objects.
func notesOf(refusals []refusal) []Reason {
	var notes []Reason
	for i := range refusals {
		id := refusalNotes[refusals[i].request.Action]
		if id == "" || !refusals[i].optional || refusals[i].dependent || refusals[i].covered {
			continue
		}
		if !slices.ContainsFunc(notes, func(n Reason) bool { return n.ID == id }) {
			notes = append(notes, noting(id, refusals[i].request.Action, refusals[i].cause()))
		}
	}
	return notes
}

// refusalNotes are the notes on calls that replication does without.
var refusalNotes = map[string]string{
	"s3:ReplicateTags":                  "tags-stay-behind",
	"s3:GetObjectVersionTagging":        "tags-stay-behind",
	"s3:GetObjectVersionForReplication": "reads-without-kms",
}

// unknownKeyReasons are about the key of the source object where that is not
// known: a role that may decrypt with none cannot read it.
func (j *judge) unknownKeyReasons(errand *errand) []Reason {
	if errand.source.Bucket == "" {
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
		asked := *errand
		asked.sourceKey = key
		allowed := false
		for _, use := range asked.usesOf(key, asked.source, asked.sourceARN) {
			call := use.call("kms:Decrypt", theSourceKey, "SrcGetObjectNotPermitted", asked.role, false)
			decision := j.decide(&call)
			allowed = allowed || decision.Allowed || decision.Reason == policy.Undecided
		}
		switch {
		case allowed && i == 0:
			return nil // whatever the key
		case allowed:
			return []Reason{because("source-key-unknown")}
		}
	}
	reason := because("not-permitted", "kms:Decrypt", "no policy of the role allows it on any key")
	reason.Failure = "SrcGetObjectNotPermitted"
	return []Reason{reason}
}

// standInKey stands for the id of a key that is not known.
const standInKey = "00000000-0000-0000-0000-000000000000"

// reasonsOf refusals are one for each action that is refused, and one for each
// statement that leaves actions undecided.
func reasonsOf(refusals []refusal) []Reason {
	var reasons []Reason
	var told, causes []string
	undecided := map[string][]string{}
	for i := range refusals {
		each := &refusals[i]
		action, cause := each.request.Action, each.cause()
		switch {
		case each.optional && !each.dependent:
		case each.undecided() || each.dependent:
			if !contains(causes, cause) {
				causes = append(causes, cause)
			}
			if !contains(undecided[cause], action) {
				undecided[cause] = append(undecided[cause], action)
			}
		case !contains(told, action):
			told = append(told, action)
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
