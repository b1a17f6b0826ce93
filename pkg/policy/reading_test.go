package policy_test

import (
	"encoding/base64"
	"math/rand/v2"
	"net"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// reading is AWS's rules read once more, in the order of the IAM user guide, with nothing of the package but its types.
// It is slow and plain on purpose.
type reading struct {
	p policy.Policies
	r policy.Request
}

// answer is "deny" for an explicit denial, "allow", or "no" for an implicit one.
type answer string

func (x reading) decide() answer {
	account, kind := x.callerAccount(), x.callerKind()
	linked := strings.Contains(x.r.Principal, ":role/aws-service-role/")
	isIAM := account != ""
	var all []policy.Document
	if isIAM {
		all = append(all, x.p.Identity...)
		if x.bounded() {
			all = append(all, *x.p.Boundary)
		}
		if kind != "root" && kind != "user" {
			if x.denies(x.p.Session, "session") {
				return "deny"
			}
		}
		if !linked {
			for _, level := range x.p.ServiceControl {
				if x.denies(level, "scp") {
					return "deny"
				}
			}
		}
	}
	if x.denies(all, "identity") || !linked && x.denies(x.p.ResourceControl, "rcp") {
		return "deny"
	}
	if x.p.Resource != nil && x.denies([]policy.Document{*x.p.Resource}, "resource") {
		return "deny"
	}
	granted := 0 // by the resource policy: 1 to the account, 2 to the role, 3 to the caller
	if x.p.Resource != nil {
		granted = x.allows([]policy.Document{*x.p.Resource}, "resource")
	}
	if !isIAM {
		return yes(granted == 3)
	}
	if !linked {
		for _, level := range x.p.ServiceControl {
			if x.allows(level, "scp") == 0 {
				return "no"
			}
		}
	}
	identity := kind == "root" || x.allows(x.p.Identity, "identity") > 0
	limits := !x.bounded() || x.allows([]policy.Document{*x.p.Boundary}, "identity") > 0
	if len(x.p.Session) > 0 && kind != "root" && kind != "user" {
		limits = limits && x.allows(x.p.Session, "session") > 0
	}
	owner := x.owner()
	if owner != "" && owner != account {
		return yes(identity && limits && granted > 0)
	}
	switch {
	case granted == 3:
		return "allow"
	case granted == 2:
		return yes(limits)
	case granted == 0 && (x.p.KeyPolicy || strings.HasPrefix(strings.ToLower(x.r.Action), "sts:assumerole")):
		return "no"
	}
	return yes(identity && limits)
}

func yes(ok bool) answer {
	if ok {
		return "allow"
	}
	return "no"
}

func (x reading) bounded() bool { return x.p.Boundary != nil && x.callerKind() != "root" }

func (x reading) callerKind() string {
	who := x.r.Principal
	switch {
	case regexp.MustCompile(`^\d{12}$`).MatchString(who), strings.HasSuffix(who, ":root"):
		return "root"
	case strings.Contains(who, ":iam::") && strings.Contains(who, ":user/"):
		return "user"
	case strings.Contains(who, ":iam::") && strings.Contains(who, ":role/"):
		return "role"
	case strings.Contains(who, ":sts::") && strings.Contains(who, ":assumed-role/"):
		return "session"
	case strings.Contains(who, ":sts::") && strings.Contains(who, ":federated-user/"):
		return "federated"
	case strings.HasSuffix(who, ".amazonaws.com"):
		return "service"
	case who == "":
		return "anonymous"
	}
	return "other"
}

func (x reading) callerAccount() string {
	switch x.callerKind() {
	case "service", "anonymous", "other":
		return ""
	}
	return regexp.MustCompile(`\d{12}`).FindString(x.r.Principal)
}

// role is the ARN of the caller's role.
func (x reading) role() string {
	switch x.callerKind() {
	case "role":
		return x.r.Principal
	case "session":
		if set := x.r.Context["aws:PrincipalArn"]; len(set) == 1 && strings.Contains(set[0], ":role/") {
			return set[0]
		}
		name := strings.Split(x.r.Principal, "/")[1]
		return "arn:aws:iam::" + x.callerAccount() + ":role/" + name
	}
	return ""
}

func (x reading) owner() string {
	if x.r.ResourceAccount != "" {
		return x.r.ResourceAccount
	}
	if fields := strings.SplitN(x.r.Resource, ":", 6); len(fields) == 6 {
		return fields[4]
	}
	return ""
}

func (x reading) denies(documents []policy.Document, layer string) bool {
	for _, d := range documents {
		for _, s := range d.Statement {
			if s.Effect == policy.Deny && x.matches(s, layer, d.Version == "2012-10-17") > 0 {
				return true
			}
		}
	}
	return false
}

func (x reading) allows(documents []policy.Document, layer string) int {
	best := 0
	for _, d := range documents {
		for _, s := range d.Statement {
			if s.Effect == policy.Allow {
				best = max(best, x.matches(s, layer, d.Version == "2012-10-17"))
			}
		}
	}
	return best
}

func (x reading) matches(s policy.Statement, layer string, variables bool) int {
	named := 3
	if layer == "resource" || layer == "rcp" {
		named = x.principal(s)
	}
	if !x.action(s) || !x.resource(s, layer, variables) {
		return 0
	}
	for name, keys := range s.Condition {
		for key, want := range keys {
			if !x.condition(name, key, want, variables, s.Effect) {
				return 0
			}
		}
	}
	return named
}

func (x reading) action(s policy.Statement) bool {
	listed := func(patterns policy.Values) bool {
		for _, p := range patterns {
			if wild(strings.ToLower(p), strings.ToLower(x.r.Action)) {
				return true
			}
		}
		return false
	}
	if len(s.Action) > 0 {
		return listed(s.Action)
	}
	return !listed(s.NotAction)
}

// wild compares by a regular expression.
func wild(pattern, text string) bool {
	return expressionOf(pattern).MatchString(text)
}

var compiled = map[string]*regexp.Regexp{}

func expressionOf(pattern string) *regexp.Regexp {
	if compiled[pattern] == nil {
		expression := ""
		for _, r := range pattern {
			switch r {
			case '*':
				expression += ".*"
			case '?':
				expression += "."
			case literalStar, literalMark:
				expression += map[rune]string{literalStar: `\*`, literalMark: `\?`}[r]
			default:
				expression += regexp.QuoteMeta(string(r))
			}
		}
		compiled[pattern] = regexp.MustCompile("(?s)^(?:" + expression + ")$")
	}
	return compiled[pattern]
}

// Wildcards out of a variable are ordinary characters.
const literalStar, literalMark = '\ue000', '\ue001'

func (x reading) resource(s policy.Statement, layer string, variables bool) bool {
	list, positive := s.Resource, true
	if len(list) == 0 {
		list, positive = s.NotResource, false
	}
	complete := layer == "identity"
	if layer == "scp" || layer == "rcp" { // only what denies more
		complete = positive == (s.Effect == policy.Deny)
	}
	covered := false
	for _, p := range list {
		fields := strings.SplitN(p, ":", 6)
		if variables && len(fields) == 6 {
			value, ok := x.fill(fields[5])
			if !ok {
				continue
			}
			fields[5] = value
			p = strings.Join(fields, ":")
		}
		if len(fields) > 1 && len(fields) < 6 && fields[0] == "arn" && complete {
			for range 6 - len(fields) {
				p += ":*"
			}
		}
		covered = covered || wild(p, x.r.Resource)
	}
	return covered == positive
}

var variable = regexp.MustCompile(`\$\{([^}]*)\}`)

// fill fills in variables, and fails where one has no value.
func (x reading) fill(text string) (string, bool) {
	ok := true
	text = variable.ReplaceAllStringFunc(text, func(found string) string {
		inside := found[2 : len(found)-1]
		key, fallback, hasFallback := strings.Cut(inside, ",")
		have := x.values(strings.TrimSpace(key))
		value := ""
		switch {
		case inside == "*" || inside == "?" || inside == "$":
			value = inside
		case len(have) == 1:
			value = have[0]
		case len(have) == 0 && hasFallback:
			value = strings.Trim(strings.TrimSpace(fallback), "'")
		default:
			ok = false
		}
		return strings.NewReplacer("*", string(literalStar), "?", string(literalMark)).Replace(value)
	})
	return text, ok
}

func (x reading) values(key string) []string {
	if have := x.r.Context[key]; len(have) > 0 {
		return have
	}
	one := func(value string) []string {
		if value == "" {
			return nil
		}
		return []string{value}
	}
	kind, account := x.callerKind(), x.callerAccount()
	switch key {
	case "aws:PrincipalArn":
		switch kind {
		case "root":
			return one("arn:aws:iam::" + account + ":root")
		case "user", "federated":
			return one(x.r.Principal)
		}
		return one(x.role())
	case "aws:PrincipalAccount":
		if kind == "anonymous" {
			return one("anonymous")
		}
		return one(account)
	case "aws:username":
		if kind == "user" {
			return one(path.Base(x.r.Principal))
		}
	}
	return nil
}

func (x reading) principal(s policy.Statement) int {
	if s.Principal != nil {
		return x.named(s.Principal)
	}
	if s.NotPrincipal == nil || s.Effect == policy.Allow {
		return 0
	}
	everyone := s.NotPrincipal.All || has(s.NotPrincipal.AWS, "*")
	if everyone {
		return 0
	}
	account := x.callerAccount()
	if account == "" {
		return 3 * bit(x.named(s.NotPrincipal) != 3)
	}
	listed := has(s.NotPrincipal.AWS, account) || has(s.NotPrincipal.AWS, "arn:aws:iam::"+account+":root")
	switch x.callerKind() {
	case "root":
		return 3 * bit(!listed)
	case "role":
		return 3 // its session is not listed
	case "session":
		listed = listed && x.listsRole(s.NotPrincipal.AWS) && has(s.NotPrincipal.AWS, x.r.Principal)
	default:
		listed = listed && has(s.NotPrincipal.AWS, x.r.Principal)
	}
	return 3 * bit(!listed || x.p.Boundary != nil)
}

func (x reading) named(p *policy.Principal) int {
	account := x.callerAccount()
	switch {
	case p.All, has(p.AWS, "*"):
		return 3
	case x.callerKind() == "service":
		return 3 * bit(has(p.Service, x.r.Principal) || has(p.Federated, x.r.Principal))
	case account == "":
		return 3 * bit(x.r.Principal != "" && has(p.Federated, x.r.Principal))
	}
	ofAccount := has(p.AWS, account) || has(p.AWS, "arn:aws:iam::"+account+":root")
	switch {
	case ofAccount && x.callerKind() == "root", x.callerKind() != "role" && has(p.AWS, x.r.Principal):
		return 3
	case x.listsRole(p.AWS):
		return 2
	}
	return bit(ofAccount)
}

// listsRole reports whether the caller's role is listed. The ARN of a session lacks the path of its role.
func (x reading) listsRole(list []string) bool {
	if x.callerKind() == "session" && x.role() != strings.Join(x.r.Context["aws:PrincipalArn"], "") {
		for _, each := range list {
			ofAccount := strings.HasPrefix(each, "arn:aws:iam::"+x.callerAccount()+":role/")
			if ofAccount && path.Base(each) == path.Base(x.role()) {
				return true
			}
		}
		return false
	}
	return x.role() != "" && has(list, x.role())
}

func has(list []string, text string) bool {
	for _, each := range list {
		if each == text {
			return true
		}
	}
	return false
}

func bit(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (x reading) condition(name, key string, want policy.Values, variables bool, effect policy.Effect) bool {
	have := x.values(key)
	if name == "Null" {
		return has(want, strconv.FormatBool(len(have) == 0))
	}
	name, optional := strings.CutSuffix(name, "IfExists")
	name, forAll := strings.CutPrefix(name, "ForAllValues:")
	name, forAny := strings.CutPrefix(name, "ForAnyValue:")
	positive := strings.Replace(name, "Not", "", 1)
	negated := positive != name
	missing := len(have) == 0
	if forAll || forAny { // "an empty data set (for example, an empty string)"
		missing = strings.Join(have, "") == ""
	}
	if missing {
		return optional || forAll || negated && !forAny
	}
	holding := 0
	for _, value := range have {
		equal := false
		for _, w := range want {
			ok := true
			if variables && (strings.HasPrefix(positive, "String") || strings.HasPrefix(positive, "Arn") || positive == "Bool") {
				w, ok = x.fill(w)
			}
			equal = equal || ok && alike(positive, w, value)
		}
		holding += bit(equal != negated)
	}
	switch {
	case forAny:
		return holding > 0
	case forAll || len(have) == 1:
		return holding == len(have)
	case effect == policy.Deny: // of several values: where one reading says so
		return negated || holding > 0
	default: // where both do
		return negated && holding == len(have)
	}
}

func alike(operator, want, have string) bool {
	plain := strings.NewReplacer(string(literalStar), "*", string(literalMark), "?").Replace(want)
	switch operator {
	case "StringEquals":
		return plain == have
	case "StringEqualsIgnoreCase", "Bool":
		return strings.EqualFold(plain, have)
	case "StringLike":
		return wild(want, have)
	case "ArnEquals", "ArnLike":
		w, h := strings.SplitN(want, ":", 6), strings.SplitN(have, ":", 6)
		if len(h) < 6 || h[0] != "arn" {
			return false
		}
		if want == "*" {
			return true
		}
		if len(w) < 6 {
			return false
		}
		for i := range w {
			if !wild(w[i], h[i]) {
				return false
			}
		}
		return true
	case "BinaryEquals":
		w, werr := base64.StdEncoding.DecodeString(want)
		h, herr := base64.StdEncoding.DecodeString(have)
		return werr == nil && herr == nil && string(w) == string(h)
	case "IpAddress":
		address := net.ParseIP(have)
		if _, network, err := net.ParseCIDR(want); err == nil {
			return address != nil && network.Contains(address)
		}
		return address != nil && address.Equal(net.ParseIP(want))
	}
	var order int
	if rest, isDate := strings.CutPrefix(operator, "Date"); isDate {
		w, werr := instant(want)
		h, herr := instant(have)
		if werr != nil || herr != nil {
			return false
		}
		operator, order = rest, h.Compare(w)
	} else {
		operator = strings.TrimPrefix(operator, "Numeric")
		w, werr := strconv.ParseFloat(want, 64)
		h, herr := strconv.ParseFloat(have, 64)
		if werr != nil || herr != nil {
			return false
		}
		order = bit(h > w) - bit(h < w)
	}
	switch operator {
	case "Equals":
		return order == 0
	case "LessThan":
		return order < 0
	case "LessThanEquals":
		return order <= 0
	case "GreaterThan":
		return order > 0
	default:
		return order >= 0
	}
}

func instant(text string) (time.Time, error) {
	if len(text) == 4 {
		return time.Parse("2006", text)
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0), nil
	}
	return time.Parse(time.RFC3339, text)
}

// pairs draws policies and requests, from few words, so that they meet often.
type pairs struct{ *rand.Rand }

func (g pairs) one(words []string) string { return words[g.IntN(len(words))] }

func (g pairs) some(words []string) policy.Values {
	list := policy.Values{}
	for range 1 + g.IntN(2) {
		list = append(list, g.one(words))
	}
	return list
}

var (
	readResources = append([]string{
		"arn:aws:s3", "arn:aws:s3::", "arn:aws:kms:us-east-1", "arn:aws", bucket + "/${aws:username}/*", "arn:aws:iam::111111111111:role/*",
		bucket + "/${*}", "arn:aws:s3:::${aws:TagKeys}*",
	}, wildcards...)
	readKeys   = []string{"aws:PrincipalArn", "aws:PrincipalAccount", "aws:TagKeys", "aws:SecureTransport", "s3:TlsVersion", "aws:SourceIp", "aws:username"}
	readValues = append([]string{"${aws:username}", "${aws:TagKeys}", "${aws:username, 'a'}", "a*", "${*}", "arn:aws:iam::111111111111:user/${aws:username}", "arn:aws:iam::*:role/*", account1, "alice"}, values...)
	readCaller = append([]string{"arn:aws:sts::111111111111:federated-user/bob", account1, "arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"}, callers...)
)

func (g pairs) statement(principals []string) policy.Statement {
	s := policy.Statement{Effect: policy.Allow}
	if g.IntN(4) == 0 {
		s.Effect = policy.Deny
	}
	if s.Action = g.some(patterns); g.IntN(5) == 0 {
		s.Action, s.NotAction = nil, g.some(patterns)
	}
	if s.Resource = g.some(readResources); g.IntN(5) == 0 {
		s.Resource, s.NotResource = nil, g.some(readResources)
	}
	if principals != nil {
		named := &policy.Principal{AWS: g.some(principals), Service: policy.Values{"s3.amazonaws.com"}, Federated: policy.Values{"accounts.google.com"}}
		switch g.IntN(6) {
		case 0:
			s.Principal = policy.Anyone()
		case 1:
			s.NotPrincipal = named
			s.NotPrincipal.AWS = append(s.NotPrincipal.AWS, g.some(principals)...)
		default:
			s.Principal = named
		}
	}
	for range g.IntN(3) {
		if s.Condition == nil {
			s.Condition = policy.Conditions{}
		}
		if g.IntN(8) == 0 {
			s.Condition["Null"] = map[string]policy.Values{g.one(readKeys): {g.one([]string{"true", "false"})}}
			continue
		}
		name := g.one(sortedNames())
		words := operands[name]
		if strings.HasPrefix(name, "String") || strings.HasPrefix(name, "Arn") {
			words = readValues
		}
		full := g.one(quantities) + name + g.one([]string{"", "", "IfExists"})
		s.Condition[full] = map[string]policy.Values{g.one(readKeys): g.some(words)}
	}
	return s
}

func (g pairs) documents(most int, principals []string) []policy.Document {
	var list []policy.Document
	for range g.IntN(most + 1) {
		d := policy.New()
		if g.IntN(6) == 0 {
			d.Version = "2008-10-17"
		}
		for range 1 + g.IntN(3) {
			d.Statement = append(d.Statement, g.statement(principals))
		}
		if g.IntN(3) == 0 { // so that not everything is denied
			s := policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}
			if principals != nil {
				s.Principal = policy.AWS(g.some(principals)...)
			}
			d.Statement = append(d.Statement, s)
		}
		list = append(list, d)
	}
	return list
}

func (g pairs) draw() reading {
	x := reading{r: policy.Request{
		Principal: g.one(readCaller), Action: g.one(actions), Resource: g.one(resources), ResourceAccount: g.one([]string{"", account1, account2}),
		Context: map[string][]string{},
	}}
	for range g.IntN(4) {
		if key := g.one(readKeys[1:]); key != "aws:username" && key != "aws:PrincipalAccount" {
			for range g.IntN(3) {
				x.r.Context[key] = append(x.r.Context[key], g.one(values))
			}
		}
	}
	x.p = policy.Policies{Identity: g.documents(2, nil), KeyPolicy: g.IntN(4) == 0}
	if list := g.documents(1, nil); len(list) == 1 && g.IntN(2) == 0 {
		x.p.Boundary = &list[0]
	}
	if g.IntN(3) == 0 {
		x.p.Session = g.documents(2, nil)
	}
	if g.IntN(3) == 0 {
		for range 1 + g.IntN(2) {
			x.p.ServiceControl = append(x.p.ServiceControl, append(g.documents(1, nil), policy.New(policy.Statement{
				Effect: policy.Allow, Action: g.some(patterns), Resource: policy.Values{"*"},
			})))
		}
	}
	if g.IntN(4) == 0 {
		x.p.ResourceControl = g.documents(1, []string{"*"})
	}
	if list := g.documents(1, append([]string{session, "arn:aws:sts::111111111111:federated-user/bob"}, principals...)); len(list) == 1 {
		x.p.Resource = &list[0]
	}
	return x
}

// The evaluator and the plain reading agree on every pair of policies and request. The pairs are the same in every run.
func TestEvaluatorAgreesWithAPlainReadingOfTheRules(t *testing.T) {
	t.Parallel()
	const count = 100_000
	g := pairs{rand.New(rand.NewPCG(1, 2))} //nolint:gosec // The pairs are to be the same in every run.
	seen := map[answer]int{}
	for i := range count {
		x := g.draw()
		want, got := x.decide(), answer("no")
		d := policy.Evaluate(x.p, x.r)
		switch {
		case d.Allowed:
			got = "allow"
		case d.Reason == policy.ExplicitDeny:
			got = "deny"
		}
		seen[want]++
		if got != want {
			t.Fatalf("pair %d: the reading says %s, the evaluator %s\nrequest: %+v\npolicies: %+v", i, want, d, x.r, x.p)
		}
	}
	for _, each := range []answer{"allow", "deny", "no"} {
		if seen[each] < count/20 {
			t.Errorf("only %d pairs of %d are %q; the pairs prove little", seen[each], count, each)
		}
	}
}
