package verify

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// setting is a deployed setting and its live value.
type setting struct {
	replication.Setting
	at  replication.DeployedBucket // the bucket whose credentials are used
	cfg aws.Config
	// about is the subject of its check.
	about string
	found answer[liveSetting]
	// resource holds results shared by several settings.
	resource *resource
}

// liveSetting is the live value of a setting.
type liveSetting struct {
	// missing is set if the resource itself does not exist.
	missing bool
	values  map[string]string
	// added lists additions that were not deployed, and fixes remove them.
	added, fixes []string
	subscribers  []subscriber
	// troubles are errors of a resource that is as deployed.
	troubles []string
	// statements of a policy by their fingerprints.
	statements map[string]policy.Statement
}

// settingKind describes how a kind of setting is read and compared.
type settingKind struct {
	// name of the check.
	name string
	// subject is a format for messages: "the lifecycle of %s".
	subject string
	// open kinds have further values set by AWS: only deployed values are compared.
	open bool
	read func(context.Context, *setting) (liveSetting, error)
}

// settingKinds is the table of all kinds. Settings that were already read with a
// bucket or a role are not read again.
var settingKinds = map[replication.SettingKind]settingKind{
	replication.BucketPolicySetting:  {name: "bucket policy", subject: "the policy of %s", read: readBucketPolicy},
	replication.KeyPolicySetting:     {name: "key policy", subject: "the policy of the key %s", read: readKeyPolicy},
	replication.TopicPolicySetting:   {name: "policy", subject: "the policy of the topic %s", read: readTopicPolicy},
	replication.QueuePolicySetting:   {name: "policy", subject: "the policy of the queue %s", read: readQueuePolicy},
	replication.TrustSetting:         {name: "trust policy", subject: "the trust policy of the role %s", read: readRoleSetting},
	replication.RolePoliciesSetting:  {name: "policies", subject: "the policies of the role %s", read: readRoleSetting},
	replication.RoleBoundarySetting:  {name: "permissions boundary", subject: "the permissions boundary of the role %s", read: readRoleSetting},
	replication.BucketSetting:        {name: "bucket settings", subject: "the bucket %s", open: true, read: readBucket},
	replication.KeySetting:           {name: "key settings", subject: "the key %s", open: true, read: readKeySetting},
	replication.LifecycleSetting:     {name: "lifecycle", subject: "the lifecycle of %s", read: readLifecycle},
	replication.RetentionSetting:     {name: "retention", subject: "Object Lock of %s", read: readRetention},
	replication.TieringSetting:       {name: "archive tiers", subject: "the archive tiers of %s", read: readTiering},
	replication.AccessLogSetting:     {name: "access logs", subject: "access logging of %s", open: true, read: readAccessLogs},
	replication.InventorySetting:     {name: "inventory", subject: "the inventory of %s", open: true, read: readInventory},
	replication.TopicSetting:         {name: "encryption", subject: "the topic %s", open: true, read: readTopic},
	replication.SubscriptionsSetting: {name: "subscriptions", subject: "the subscriptions of %s", read: readSubscriptions},
	replication.QueueSetting:         {name: "attributes", subject: "the queue %s", open: true, read: readQueueAttributes},
	replication.TrailSetting:         {name: "trail", subject: "the trail %s", open: true, read: readTrail},
	replication.NotificationsSetting: {name: "notifications", subject: "the notification configuration of %s", read: readNotificationsSetting},
}

// settingsOf returns the settings of a deployment that this release can compare, and
// the others.
func settingsOf(descriptor replication.Descriptor, sessions *live.Sessions) (known []*setting, unknown []replication.Setting) {
	places := descriptor.Buckets()
	shared := map[string]*resource{} // by ARN
	for _, each := range slices.Concat(descriptor.Settings, unsetSettings(descriptor)) {
		i := slices.IndexFunc(places, func(p replication.DeployedBucket) bool { return p.AccountID == each.AccountID })
		if _, judged := settingKinds[each.Kind]; !judged || i < 0 {
			unknown = append(unknown, each)
			continue
		}
		s := &setting{Setting: each, at: places[i], about: aboutOf(descriptor, each)}
		s.at.Region, s.at.Bucket = each.Region, ""
		s.cfg = sessions.In(places[i], each.Region)
		if shared[each.ARN] == nil {
			shared[each.ARN] = &resource{}
		}
		s.resource = shared[each.ARN]
		if target := each.Values[deadLetterQueue]; target != "" {
			if shared[target] == nil {
				shared[target] = &resource{}
			}
			shared[target].redrivenFrom = append(shared[target].redrivenFrom, each.ARN)
		}
		known = append(known, s)
	}
	return known, unknown
}

// unsetSettings returns the settings that a deployment leaves unset, and describes
// only if it sets them: archive tiers of its buckets, and policies of its queues.
func unsetSettings(descriptor replication.Descriptor) []replication.Setting {
	var unset []replication.Setting
	add := func(s replication.Setting) {
		if !slices.ContainsFunc(descriptor.Settings, func(d replication.Setting) bool { return d.Kind == s.Kind && d.ARN == s.ARN }) {
			unset = append(unset, s)
		}
	}
	for _, each := range descriptor.Settings {
		of := replication.Setting{ARN: each.ARN, Region: each.Region, AccountID: each.AccountID}
		switch {
		case each.Kind == replication.QueueSetting:
			of.Kind = replication.QueuePolicySetting
			add(of)
		case each.Kind == replication.LifecycleSetting && slices.ContainsFunc(descriptor.Buckets(), func(b replication.DeployedBucket) bool { return b.ARN == each.ARN && !b.Existing }):
			of.Kind = replication.TieringSetting
			add(of)
		}
	}
	return unset
}

// aboutOf returns the subject of a setting's check: the bucket's name, for a bucket
// and its keys, or the name of the resource.
func aboutOf(descriptor replication.Descriptor, of replication.Setting) string {
	for _, p := range descriptor.Buckets() {
		switch of.ARN {
		case p.ARN, p.KMSKeyARN:
			return p.Name
		}
		if slices.Contains(p.DecryptKeyARNs, of.ARN) {
			return p.Name + " " + nameOf(of.ARN)
		}
	}
	switch {
	case of.ARN == descriptor.RoleARN:
		return "role"
	case strings.Contains(of.ARN, ":role/"):
		for _, p := range descriptor.Buckets() {
			if p.RoleARN == of.ARN {
				return "role of " + p.Name
			}
		}
	}
	return fmt.Sprintf("%s %s", serviceOf(of.Kind), nameOf(of.ARN))
}

func serviceOf(kind replication.SettingKind) string {
	switch kind {
	case replication.KeySetting, replication.KeyPolicySetting:
		return "key"
	case replication.TopicSetting, replication.TopicPolicySetting, replication.SubscriptionsSetting:
		return "topic"
	case replication.QueueSetting, replication.QueuePolicySetting:
		return "queue"
	case replication.TrailSetting:
		return "trail"
	case replication.TrustSetting, replication.RolePoliciesSetting, replication.RoleBoundarySetting:
		return "role"
	default:
		return "bucket"
	}
}

// bucket returns the bucket of a setting.
func (s *setting) bucket() replication.DeployedBucket {
	at := s.at
	at.Bucket = nameOf(s.ARN)
	return at
}

// nameOf returns the last part of an ARN.
func nameOf(arn string) string { return arn[strings.LastIndexAny(arn, ":/")+1:] }

// read reads the live value of a setting.
func (s *setting) read(ctx context.Context) (liveSetting, error) {
	return settingKinds[s.Kind].read(ctx, s)
}

// readSettings reads the settings that are not read with a bucket.
func (d *deployment) readSettings(q *questions) {
	for _, s := range d.settings {
		if !d.readElsewhere(s) {
			ask(q, &s.found, s.read)
		}
	}
}

// readElsewhere reports whether a setting is read with a bucket: its notifications, and the
// policies of the bucket, of its keys, and of the role that replicates from it.
func (d *deployment) readElsewhere(s *setting) bool {
	switch s.Kind {
	case replication.BucketPolicySetting, replication.NotificationsSetting:
		return d.placeOf(s.ARN) != nil
	case replication.KeyPolicySetting:
		return slices.ContainsFunc(d.places, func(p *place) bool { return p.keyOf(s.ARN) != nil })
	case replication.TrustSetting, replication.RolePoliciesSetting, replication.RoleBoundarySetting:
		return d.replicates(s.ARN)
	default:
		return false
	}
}

// replicates reports whether a role replicates from a bucket.
func (d *deployment) replicates(roleARN string) bool {
	return slices.ContainsFunc(d.places, func(p *place) bool { return p.roleARN == roleARN })
}

// takeSettings copies the settings that were read with buckets.
func (d *deployment) takeSettings() {
	for _, s := range d.settings {
		for _, p := range d.places {
			if p.ARN == s.ARN && s.Kind == replication.BucketPolicySetting {
				s.found = answer[liveSetting]{policiesOf(p.policy.value), p.policy.err}
			}
			if p.ARN == s.ARN && s.Kind == replication.NotificationsSetting {
				found, err := liveNotifications(p.notifications.value, p.notifications.err)
				s.found = answer[liveSetting]{found, err}
			}
			if key := p.keyOf(s.ARN); key != nil && s.Kind == replication.KeyPolicySetting {
				s.takeKey(*key)
			}
			if p.roleARN == s.ARN {
				s.found = answer[liveSetting]{s.ofRole(p.role.value), p.role.err}
			}
		}
	}
}

func (s *setting) takeKey(found answer[model.KeyFacts]) {
	is := liveSetting{}
	if document := found.value.Policy; document != nil {
		is = policiesOf(*document)
	}
	is.missing = found.value.State == model.KeyNotFound
	s.found = answer[liveSetting]{is, found.err}
}

// ofRole returns the live value of a role's setting.
func (s *setting) ofRole(found role) liveSetting {
	var is liveSetting
	switch s.Kind {
	case replication.TrustSetting:
		is = policiesOf(found.trust)
	case replication.RolePoliciesSetting:
		is = policiesOf(found.policies...)
	case replication.RoleBoundarySetting:
		is.values = map[string]string{}
		if arn := found.boundaryARN; arn != "" {
			is.values["PermissionsBoundaryArn"] = arn
		}
	}
	is.missing = found.missing
	return is
}

// policiesOf returns the statements of policies. Fingerprints of statements leave out
// the version of the language, without which policy variables are plain text.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
func policiesOf(documents ...policy.Document) liveSetting {
	is := liveSetting{statements: statements(documents...)}
	for _, document := range documents {
		for i := range document.Statement {
			if statement := document.Statement[i]; document.Version != policy.Version && strings.Contains(policy.New(statement).JSON(), "${") {
				is.added = append(is.added, fmt.Sprintf("its Version is %s, was deployed as %s: the policy variables in %s are taken as text",
					words.OrNothing(document.Version), policy.Version, named([]string{statement.Sid})[0]))
			}
		}
	}
	return is
}

func statements(documents ...policy.Document) map[string]policy.Statement {
	all := map[string]policy.Statement{}
	for _, document := range documents {
		for _, statement := range document.Statement {
			all[statement.Fingerprint()] = statement
		}
	}
	return all
}

func (d *deployment) placeOf(bucketARN string) *place {
	for _, p := range d.places {
		if p.ARN == bucketARN {
			return p
		}
	}
	return nil
}

// settingAt returns a setting of a resource, or nil if the descriptor has none.
func (d *deployment) settingAt(kind replication.SettingKind, arn string) *setting {
	for _, s := range d.settings {
		if s.Kind == kind && s.ARN == arn {
			return s
		}
	}
	return nil
}

// checkSettings compares all settings with the deployed ones, except those that other
// checks compare.
func (d *deployment) checkSettings() {
	for _, s := range d.settings {
		p := d.placeOf(s.ARN)
		if s.Kind == replication.TrustSetting && d.replicates(s.ARN) || s.Kind == replication.BucketPolicySetting && p != nil {
			continue
		}
		var needs []*Check
		if p != nil {
			needs = append(needs, d.standings[p].bucket)
		}
		d.list.check(s.about, settingKinds[s.Kind].name, needs, s.judge)
	}
	for _, each := range d.unknownSettings {
		d.list.check(nameOf(each.ARN), string(each.Kind), nil, func() outcome {
			return unknown("this release can't compare this setting, or can't access the account "+each.AccountID,
				"use the release that deployed it, with credentials or a role (--assume-role) of that account")
		})
	}
	lacking := d.lacking()
	for _, about := range slices.Sorted(maps.Keys(lacking)) {
		d.list.check(about, lacking[about], nil, func() outcome {
			return skip("not compared, because the descriptor of an earlier release lacks this setting: deploy once with this release")
		})
	}
	for _, p := range d.places {
		if !p.Existing && d.settingAt(replication.BucketPolicySetting, p.ARN) == nil {
			d.list.check(p.Name, "settings", nil, func() outcome {
				return unknown("the descriptor of an earlier release lacks the deployed policies and lifecycle, so they can't be compared", "deploy once with this release")
			})
		}
	}
}

// lacking returns the names of settings, by subject, that this release compares and
// the descriptor of an earlier release lacks.
func (d *deployment) lacking() map[string]string {
	all := map[string]string{}
	add := func(about, name string) {
		if all[about] != "" {
			name = all[about] + ", " + name
		}
		all[about] = name
	}
	otherRole := false
	for _, s := range d.settings {
		name := ""
		switch s.Kind {
		case replication.BucketPolicySetting:
			if d.placeOf(s.ARN) == nil && d.settingAt(replication.BucketSetting, s.ARN) == nil {
				name = settingKinds[replication.BucketSetting].name
			}
		case replication.QueueSetting:
			if s.Values["MaximumMessageSize"] == "" {
				name = "message size and delays"
			}
		case replication.InventorySetting:
			if s.Values["OptionalFields"] == "" {
				name = "inventory fields and filter"
			}
		case replication.TrailSetting:
			if s.Values["CloudWatchLogsLogGroupArn"] != "" && s.Values["CloudWatchLogsRoleArn"] == "" {
				name = "role of its log group"
			}
		case replication.TrustSetting:
			otherRole = otherRole || !d.replicates(s.ARN)
		}
		if name != "" {
			add(s.about, name)
		}
	}
	if d.descriptor.Canary != nil && len(d.settings) > 0 && !otherRole {
		add("canary", "roles")
	}
	for _, p := range d.places {
		if !p.Existing && len(d.settings) > 0 && d.settingAt(replication.NotificationsSetting, p.ARN) == nil {
			add(p.Name, settingKinds[replication.NotificationsSetting].name)
		}
	}
	return all
}

// judge compares a setting with what was deployed.
func (s *setting) judge() outcome {
	name := s.ARN
	if strings.Contains(name, ":s3:::") {
		name = "s3://" + nameOf(name)
	}
	subject := fmt.Sprintf(settingKinds[s.Kind].subject, name)
	switch {
	case s.found.err != nil:
		return unanswered("reading "+subject, s.at, s.found.err)
	case s.found.value.missing:
		return failsAlone(name+" does not exist", restore)
	}
	if changes := s.changes(); len(changes) > 0 {
		return failsAlone(fmt.Sprintf("%s is not as deployed: %s", subject, strings.Join(slices.Concat(changes, s.found.value.troubles), "; ")), s.repair())
	}
	if troubles := s.found.value.troubles; len(troubles) > 0 {
		return failsAlone(subject+" is as deployed, but does not work: "+strings.Join(troubles, "; "), "check the policies of the bucket and the key that it writes to")
	}
	if s.Kind == replication.SubscriptionsSetting {
		return s.subscribersNotJudged()
	}
	return outcome{}
}

func (s *setting) changes() []string {
	switch {
	case s.Kind.IsPolicy():
		return append(changedStatements(s.Values, s.found.value.statements), s.found.value.added...)
	case s.Kind == replication.SubscriptionsSetting:
		return s.changedSubscribers()
	}
	is := s.found.value.values
	if settingKinds[s.Kind].open {
		is = maps.Clone(is)
		maps.DeleteFunc(is, func(name, _ string) bool { _, deployed := s.Values[name]; return !deployed })
	}
	return append(words.Changes(s.Values, is), s.found.value.added...)
}

// repair returns the fix for a changed setting.
func (s *setting) repair() string {
	return strings.Join(append(s.fixes(), s.redeploy()), "; ")
}

// redeploy returns the fix that restores the deployed setting.
func (s *setting) redeploy() string {
	if s.Kind == replication.NotificationsSetting && len(s.Values) == 0 {
		return "the deployment has no notifications of this bucket: " + live.S3API("put-bucket-notification-configuration", s.bucket()) +
			" --notification-configuration '{}', or add them to the stack configuration (`notifications`, `eventBridge`)"
	}
	if len(s.Values) == 0 {
		switch s.Kind {
		case replication.TieringSetting:
			return live.S3API("delete-bucket-intelligent-tiering-configuration", s.bucket()) + " --id ID, or add `intelligentTiering` to the stack configuration"
		case replication.QueuePolicySetting:
			return s.unsetQueueAttribute("Policy")
		}
	}
	if s.Kind != replication.KeySetting {
		return restore
	}
	state := model.KeyState(s.found.value.values["KeyState"])
	if state == model.KeyEnabled {
		return restore
	}
	return live.EnableKey(nameOf(s.ARN), s.Region, state)
}

// unsetQueueAttribute returns the fix for an attribute of a queue that was not
// deployed, and that no deployment removes.
func (s *setting) unsetQueueAttribute(name string) string {
	return fmt.Sprintf("aws sqs set-queue-attributes --region %s --queue-url \"$(aws sqs get-queue-url --region %s --queue-name %s --query QueueUrl --output text)\" --attributes '{%q: \"\"}'",
		s.Region, s.Region, nameOf(s.ARN), name)
}

// changedStatements describes the statements that were added, changed or removed.
// Those that may grant something come first.
func changedStatements(deployed map[string]string, is map[string]policy.Statement) []string {
	var added, removed []string
	gone := map[string]bool{} // by Sid
	for _, fingerprint := range slices.Sorted(maps.Keys(deployed)) {
		if _, there := is[fingerprint]; !there {
			gone[deployed[fingerprint]] = true
			removed = append(removed, deployed[fingerprint])
		}
	}
	if len(is) == 0 && len(removed) > 0 {
		return []string{"it has no statements, was deployed with " + strings.Join(named(removed), ", ")}
	}
	for _, fingerprint := range slices.Sorted(maps.Keys(is)) {
		statement := is[fingerprint]
		if _, deployed := deployed[fingerprint]; deployed {
			continue
		}
		if statement.Sid != "" && gone[statement.Sid] {
			removed = slices.DeleteFunc(removed, func(sid string) bool { return sid == statement.Sid })
			added = append(added, fmt.Sprintf("the statement %s was changed: it %s", statement.Sid, does(statement)))
			continue
		}
		added = append(added, fmt.Sprintf("%s, which was not deployed, %s", named([]string{statement.Sid})[0], does(statement)))
	}
	for _, sid := range removed {
		added = append(added, named([]string{sid})[0]+" is missing")
	}
	return added
}

func named(sids []string) []string {
	var all []string
	for _, sid := range sids {
		if sid == "" {
			all = append(all, "a statement without a Sid")
		} else {
			all = append(all, "the statement "+sid)
		}
	}
	return all
}

// does describes a statement in words.
func does(statement policy.Statement) string {
	text := "allows "
	if statement.Effect == policy.Deny {
		text = "denies "
	}
	list := func(values, except policy.Values) string {
		if len(except) > 0 {
			return "all but " + strings.Join(except, ", ")
		}
		return strings.Join(values, ", ")
	}
	text += list(statement.Action, statement.NotAction)
	if resources := list(statement.Resource, statement.NotResource); resources != "" && resources != "*" {
		text += " on " + resources
	}
	switch {
	case statement.Principal != nil:
		text += " to " + principalText(statement.Principal)
	case statement.NotPrincipal != nil:
		text += " to all but " + principalText(statement.NotPrincipal)
	}
	if len(statement.Condition) > 0 {
		text += " under a condition on " + strings.Join(statement.Condition.Keys(), ", ")
	}
	return text
}

func principalText(p *policy.Principal) string {
	if p.All {
		return "everyone"
	}
	return strings.Join(slices.Concat(p.AWS, p.Service, p.Federated, p.CanonicalUser), ", ")
}
