package front

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
)

// BeHarsh enables the least favorable behavior that AWS documents. It must be called
// before the first request.
func (f *Front) BeHarsh() { f.harsh = true }

// settlingTime is how long a change in IAM takes to reach other services.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
const settlingTime = 3 * time.Second

// settling holds the IAM details of accounts before changes that have not reached
// other services.
type settling struct {
	mu    sync.Mutex
	older map[string]olderDetails
}

type olderDetails struct {
	accountDetails

	until time.Time
}

// visibleDetails returns the details of an account as other services see them.
func (f *Front) visibleDetails(ctx context.Context, accessKey, account string) (accountDetails, error) {
	now, err := f.accountDetails(ctx, accessKey)
	if err != nil || !f.harsh {
		return now, err
	}
	f.settling.mu.Lock()
	older, ok := f.settling.older[account]
	f.settling.mu.Unlock()
	if !ok || !time.Now().Before(older.until) {
		return now, nil
	}
	now.Users, now.Roles = asBefore(now.Users, older.Users), asBefore(now.Roles, older.Roles)
	now.Groups = asBefore(now.Groups, older.Groups)
	return now, nil
}

// asBefore returns the current principals with their older permissions. New ones are
// invisible.
func asBefore(now, older []principalDetails) []principalDetails {
	before := map[string]principalDetails{}
	for _, each := range older {
		before[each.ARN] = each
	}
	seen := make([]principalDetails, 0, len(now))
	for _, each := range now {
		known, ok := before[each.ARN]
		if !ok {
			known = principalDetails{ARN: each.ARN, RoleName: each.RoleName, GroupName: each.GroupName, invisible: true}
		}
		seen = append(seen, known)
	}
	return seen
}

// remember stores the IAM details before a change, until the change reaches other
// services.
func (f *Front) remember(ctx context.Context, who caller) error {
	f.settling.mu.Lock()
	older, ok := f.settling.older[who.account]
	f.settling.mu.Unlock()
	if ok && time.Now().Before(older.until) {
		return nil
	}
	details, err := f.accountDetails(ctx, who.accessKey)
	if err != nil {
		return err
	}
	f.settling.mu.Lock()
	defer f.settling.mu.Unlock()
	if f.settling.older == nil {
		f.settling.older = map[string]olderDetails{}
	}
	f.settling.older[who.account] = olderDetails{details, time.Now().Add(settlingTime)}
	time.AfterFunc(settlingTime, func() { f.generation.count.Add(1) })
	return nil
}

// unseen reports whether a role exists that is not visible to other services yet.
func (f *Front) unseen(ctx context.Context, arn string) (bool, error) {
	account := awsid.AccountOf(arn)
	if account == "" {
		return false, nil
	}
	accessKey, err := f.accounts.KeyOf(ctx, account)
	if err != nil {
		return false, err
	}
	details, err := f.visibleDetails(ctx, accessKey, account)
	for _, role := range details.Roles {
		if role.ARN == arn {
			return role.invisible, err
		}
	}
	return false, err
}

// refuseHarshly rejects requests that AWS rejects temporarily, or for the size of a
// document, and reports whether it did.
func (f *Front) refuseHarshly(w http.ResponseWriter, r *http.Request) (refused bool, err error) {
	if !f.harsh {
		return false, nil
	}
	host := proxy.Hostname(r.Host)
	switch {
	case strings.HasPrefix(host, "iam."):
		return f.refuseLong(w, r)
	case strings.HasPrefix(host, "sts."):
		return f.refuseUnseenSession(w, r)
	case strings.HasPrefix(host, "lambda.") && strings.HasPrefix(r.URL.Path, functionsPath) && r.Method != http.MethodGet:
		if refused, err := f.refuseUnseenFunction(w, r); refused || err != nil {
			return refused, err
		}
	}
	if target, err := policyChange(r); err != nil || target != "" {
		f.targets.changed(target)
		return false, err
	}
	return false, nil
}

func (f *Front) refuseUnseenSession(w http.ResponseWriter, r *http.Request) (bool, error) {
	form, err := formOf(r)
	if err != nil || form.Get("Action") != "AssumeRole" {
		return false, err
	}
	unseen, err := f.unseen(r.Context(), form.Get("RoleArn"))
	if err != nil || !unseen {
		return false, err
	}
	who, err := f.callers.of(r.Context(), parseCredential(r, r.URL.Query()))
	if err != nil {
		return false, err
	}
	answerDenied(w, r, fmt.Sprintf("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", who.arn, form.Get("RoleArn")))
	return true, nil
}

func (f *Front) refuseUnseenFunction(w http.ResponseWriter, r *http.Request) (bool, error) {
	body, err := readLimited(r, maxFunctionBytes)
	if err != nil {
		return false, err
	}
	var wanted struct{ Role string }
	if json.Unmarshal(body, &wanted) != nil || wanted.Role == "" {
		return false, nil
	}
	unseen, err := f.unseen(r.Context(), wanted.Role)
	if err != nil || !unseen {
		return false, err
	}
	answerLambda(w, http.StatusBadRequest, "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.")
	return true, nil
}

// policySizes are the limits of IAM documents in characters, without white space.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
var policySizes = map[string]struct {
	parameter string
	limit     int
	message   string
}{
	"PutRolePolicy":          {"PolicyDocument", 10240, "Maximum policy size of 10240 bytes exceeded for role %s"},
	"PutUserPolicy":          {"PolicyDocument", 2048, "Maximum policy size of 2048 bytes exceeded for user %s"},
	"PutGroupPolicy":         {"PolicyDocument", 5120, "Maximum policy size of 5120 bytes exceeded for group %s"},
	"CreatePolicy":           {"PolicyDocument", 6144, "Cannot exceed quota for PolicySize: 6144"},
	"CreatePolicyVersion":    {"PolicyDocument", 6144, "Cannot exceed quota for PolicySize: 6144"},
	"CreateRole":             {"AssumeRolePolicyDocument", 2048, "Cannot exceed quota for ACLSizePerRole: 2048"},
	"UpdateAssumeRolePolicy": {"PolicyDocument", 2048, "Cannot exceed quota for ACLSizePerRole: 2048"},
}

// refuseLong rejects documents that are too long, and records changes in IAM.
func (f *Front) refuseLong(w http.ResponseWriter, r *http.Request) (bool, error) {
	form, err := formOf(r)
	if err != nil || hasHarmlessName(form.Get("Action")) {
		return false, err
	}
	if size, ok := policySizes[form.Get("Action")]; ok && length(form.Get(size.parameter)) > size.limit {
		message := size.message
		if strings.Contains(message, "%s") {
			message = fmt.Sprintf(message, form.Get("RoleName")+form.Get("UserName")+form.Get("GroupName"))
		}
		tooLong := &fault{http.StatusConflict, "LimitExceeded", message}
		answerRefused(w, r, tooLong, tooLong)
		return true, nil
	}
	who, err := f.callers.of(r.Context(), parseCredential(r, r.URL.Query()))
	if err != nil {
		return false, err
	}
	return false, f.remember(r.Context(), who)
}

func length(document string) (characters int) {
	for _, character := range document {
		if !unicode.IsSpace(character) {
			characters++
		}
	}
	return characters
}
