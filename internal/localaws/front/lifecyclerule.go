package front

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// lifecycleRule is a rule of a lifecycle configuration.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
type lifecycleRule struct {
	ID         string
	Status     string
	Prefix     *string
	Filter     *lifecycleFilter
	Expiration *struct {
		Days                      *int
		Date                      *string
		ExpiredObjectDeleteMarker *bool
	}
	Transitions                 []transition `xml:"Transition"`
	NoncurrentVersionExpiration *struct {
		NoncurrentDays          *int
		NewerNoncurrentVersions *int
	}
	NoncurrentTransitions          []transition `xml:"NoncurrentVersionTransition"`
	AbortIncompleteMultipartUpload *struct{ DaysAfterInitiation int }
}

type lifecycleFilter struct {
	lifecycleCondition

	And *lifecycleCondition
}

// lifecycleCondition selects the objects of a rule.
type lifecycleCondition struct {
	Prefix      *string
	Tags        []struct{ Key, Value string } `xml:"Tag"`
	GreaterThan *int64                        `xml:"ObjectSizeGreaterThan"`
	LessThan    *int64                        `xml:"ObjectSizeLessThan"`
}

type transition struct {
	Days           *int
	NoncurrentDays *int
	Date           *string
	StorageClass   string
}

// condition returns the whole condition of the rule.
func (r *lifecycleRule) condition() lifecycleCondition {
	switch {
	case r.Filter == nil:
		return lifecycleCondition{Prefix: r.Prefix}
	case r.Filter.And != nil:
		return *r.Filter.And
	default:
		return r.Filter.lifecycleCondition
	}
}

func (c *lifecycleCondition) parts() int {
	return len(c.Tags) + count(c.Prefix != nil, c.GreaterThan != nil, c.LessThan != nil)
}

// archives are the storage classes of transitions, in the order in which objects can
// move through them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
var archives = []string{"STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"}

// minimumDays is the minimum age for transitions to infrequent access classes.
const minimumDays = 30

const newerVersions = 100

func (r *lifecycleRule) check() error {
	condition := r.condition()
	switch {
	case r.Status != "Enabled" && r.Status != "Disabled", (r.Prefix == nil) == (r.Filter == nil):
		return errMalformedXML
	case r.Filter != nil && r.Filter.And != nil && (condition.parts() < 2 || r.Filter.parts() > 0): //nolint:mnd // And joins two at least
		return errMalformedXML
	case r.Filter != nil && r.Filter.And == nil && condition.parts() > 1:
		return errMalformedXML
	case len(r.ID) > maxRuleIDLength:
		return badRequest("InvalidArgument", "ID length should not exceed allowed limit of %d", maxRuleIDLength)
	case condition.GreaterThan != nil && condition.LessThan != nil && *condition.GreaterThan >= *condition.LessThan:
		return badRequest("InvalidRequest", "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.")
	case r.Expiration == nil && len(r.Transitions) == 0 && r.NoncurrentVersionExpiration == nil &&
		len(r.NoncurrentTransitions) == 0 && r.AbortIncompleteMultipartUpload == nil:
		return badRequest("InvalidRequest", "At least one action needs to be specified in a rule")
	}
	tags := map[string]bool{}
	for _, tag := range condition.Tags {
		if tags[tag.Key] {
			return badRequest("InvalidRequest", "Duplicate Tag Keys are not allowed.")
		}
		tags[tag.Key] = true
	}
	for _, check := range []func(lifecycleCondition) error{r.checkExpiration, r.checkNoncurrent, r.checkTransitions} {
		if err := check(condition); err != nil {
			return err
		}
	}
	return nil
}

func (r *lifecycleRule) checkExpiration(condition lifecycleCondition) error {
	if abort := r.AbortIncompleteMultipartUpload; abort != nil {
		switch {
		case len(condition.Tags) > 0:
			return badRequest("InvalidRequest", "AbortIncompleteMultipartUpload cannot be specified with Tags.")
		case abort.DaysAfterInitiation < 1:
			return notPositive("DaysAfterInitiation", "AbortIncompleteMultipartUpload", abort.DaysAfterInitiation)
		}
	}
	expiration := r.Expiration
	if expiration == nil {
		return nil
	}
	switch {
	case count(expiration.Days != nil, expiration.Date != nil, expiration.ExpiredObjectDeleteMarker != nil) != 1:
		return errMalformedXML
	case expiration.ExpiredObjectDeleteMarker != nil && len(condition.Tags) > 0:
		return badRequest("InvalidRequest", "ExpiredObjectDeleteMarker cannot be specified with Tags.")
	case expiration.Days != nil && *expiration.Days < 1:
		return notPositive("Days", "Expiration", *expiration.Days)
	case expiration.Date != nil:
		return checkDate(*expiration.Date)
	}
	return nil
}

func notPositive(name, action string, days int) error {
	return invalidArgument(name, fmt.Sprint(days), fmt.Sprintf("'%s' for %s action must be a positive integer", name, action))
}

func checkDate(text string) error {
	at, err := parseLifecycleDate(text)
	switch {
	case err != nil:
		return errMalformedXML
	case !at.Equal(at.UTC().Truncate(24 * time.Hour)):
		return invalidArgument("Date", text, "'Date' must be at midnight GMT")
	}
	return nil
}

func parseLifecycleDate(text string) (time.Time, error) {
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at, nil
	}
	return time.Parse(time.RFC3339Nano, text)
}

func (r *lifecycleRule) checkNoncurrent(lifecycleCondition) error {
	expiration := r.NoncurrentVersionExpiration
	switch {
	case expiration == nil:
		return nil
	case expiration.NoncurrentDays == nil:
		return errMalformedXML
	case *expiration.NoncurrentDays < 1:
		return notPositive("NoncurrentDays", "NoncurrentVersionExpiration", *expiration.NoncurrentDays)
	case expiration.NewerNoncurrentVersions != nil && (*expiration.NewerNoncurrentVersions < 1 || *expiration.NewerNoncurrentVersions > newerVersions):
		return invalidArgument("NewerNoncurrentVersions", fmt.Sprint(*expiration.NewerNoncurrentVersions),
			"'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be a positive integer less than or equal to 100")
	}
	return nil
}

// checkTransitions rejects transitions that are too early, or after the expiration.
func (r *lifecycleRule) checkTransitions(condition lifecycleCondition) error {
	filter := "(prefix=" + text(condition.Prefix) + ")"
	dated := 0
	seen := map[string]bool{}
	for _, each := range r.Transitions {
		if !slices.Contains(archives, each.StorageClass) || seen[each.StorageClass] || (each.Days == nil) == (each.Date == nil) {
			return errMalformedXML
		}
		seen[each.StorageClass] = true
		if each.Date != nil {
			dated++
			if err := checkDate(*each.Date); err != nil {
				return err
			}
			continue
		}
		if err := checkTransitionDays("Transition", *each.Days, each.StorageClass); err != nil {
			return err
		}
		if r.Expiration != nil && r.Expiration.Days != nil && *r.Expiration.Days <= *each.Days {
			return badRequest("InvalidArgument", "'Days' in the Expiration action for filter '%s' must be greater than 'Days' in the Transition action", filter)
		}
	}
	if dated > 0 && (dated < len(r.Transitions) || r.Expiration != nil && r.Expiration.Days != nil) ||
		dated < len(r.Transitions) && r.Expiration != nil && r.Expiration.Date != nil {
		return badRequest("InvalidRequest", "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter '%s'", filter)
	}
	for _, each := range r.NoncurrentTransitions {
		if !slices.Contains(archives, each.StorageClass) || each.NoncurrentDays == nil {
			return errMalformedXML
		}
		if err := checkTransitionDays("NoncurrentVersionTransition", *each.NoncurrentDays, each.StorageClass); err != nil {
			return err
		}
		if expiration := r.NoncurrentVersionExpiration; expiration != nil && *expiration.NoncurrentDays <= *each.NoncurrentDays {
			return badRequest("InvalidArgument", "'NoncurrentDays' in the NoncurrentVersionExpiration action for filter '%s' must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition action", filter)
		}
	}
	return nil
}

func checkTransitionDays(action string, days int, class string) error {
	name := "Days"
	if action != "Transition" {
		name = "NoncurrentDays"
	}
	switch {
	case days < 0:
		return invalidArgument(name, fmt.Sprint(days), "'"+name+"' in "+action+" action must be nonnegative")
	case days < minimumDays && (class == "STANDARD_IA" || class == "ONEZONE_IA"):
		return invalidArgument(name, fmt.Sprint(days), fmt.Sprintf("'%s' in %s action must be greater than or equal to 30 for storageClass '%s'", name, action, class))
	}
	return nil
}

func text(of *string) string {
	if of == nil {
		return ""
	}
	return *of
}

func count(present ...bool) int {
	n := 0
	for _, p := range present {
		if p {
			n++
		}
	}
	return n
}

// expiring is an object that a rule may expire.
type expiring struct {
	key      string
	size     int64
	modified time.Time
	tags     func() (map[string]string, error) // called only if a rule has tags
}

// expiration returns the x-amz-expiration header of an object, or "".
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
func (l *lifecycle) expiration(object expiring) (string, error) {
	var first time.Time
	by := ""
	for i := range l.rules {
		rule := &l.rules[i]
		at, ok := rule.expires(object.modified)
		if !ok || by != "" && !at.Before(first) {
			continue
		}
		matches, err := rule.condition().matches(object)
		if err != nil {
			return "", err
		}
		if matches {
			first, by = at, rule.ID
		}
	}
	if by == "" {
		return "", nil
	}
	return fmt.Sprintf("expiry-date=%q, rule-id=%q", first.UTC().Format(http.TimeFormat), url.QueryEscape(by)), nil
}

// expires returns the midnight at which the rule expires an object modified at a
// time.
func (r *lifecycleRule) expires(modified time.Time) (time.Time, bool) {
	const day = 24 * time.Hour
	switch {
	case r.Status != enabled || r.Expiration == nil:
		return time.Time{}, false
	case r.Expiration.Days != nil:
		return modified.UTC().Add(time.Duration(*r.Expiration.Days) * day).Add(day - 1).Truncate(day), true
	case r.Expiration.Date != nil:
		at, err := parseLifecycleDate(*r.Expiration.Date)
		return at, err == nil
	default:
		return time.Time{}, false
	}
}

func (c lifecycleCondition) matches(object expiring) (bool, error) {
	if !strings.HasPrefix(object.key, text(c.Prefix)) || c.GreaterThan != nil && object.size <= *c.GreaterThan || c.LessThan != nil && object.size >= *c.LessThan {
		return false, nil
	}
	if len(c.Tags) == 0 {
		return true, nil
	}
	tags, err := object.tags()
	if err != nil {
		return false, err
	}
	for _, tag := range c.Tags {
		if value, ok := tags[tag.Key]; !ok || value != tag.Value {
			return false, nil
		}
	}
	return true, nil
}

// showExpiration adds the x-amz-expiration header to a response about the current
// version of an object.
func (f *Front) showExpiration(c *call, answer *http.Response, object expiring) error {
	kept := f.buckets.get(c.bucket).lifecycle
	if kept == nil || c.version() != "" {
		return nil
	}
	object.key = c.key
	if object.modified.IsZero() {
		object.modified = time.Now()
	}
	if object.tags == nil {
		object.tags = func() (map[string]string, error) { return f.objectTags(c, answer.Header.Get("X-Amz-Version-Id")) }
	}
	expiration, err := kept.expiration(object)
	if expiration != "" {
		answer.Header.Set("X-Amz-Expiration", expiration)
	}
	return err
}
