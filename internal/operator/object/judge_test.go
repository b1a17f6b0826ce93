package object

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/compare"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/verify"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	sourceKey = "arn:aws:kms:us-east-1:111111111111:key/source"
	drKey     = "arn:aws:kms:us-west-2:111111111111:key/dr"
)

// deployed is a deployment whose one rule replicates logs/, without delete markers
// unless they are asked for.
func deployed(change func(*replication.Rule)) replication.Descriptor {
	rule := replication.Rule{ID: "logs", Priority: 1, Destination: "dr", Prefix: "logs/", Status: replication.Enabled}
	if change != nil {
		change(&rule)
	}
	return replication.Descriptor{
		Version: 1, Name: "data", RoleARN: "arn:aws:iam::111111111111:role/r", Rules: []replication.Rule{rule},
		Source: replication.DeployedBucket{
			Name: "source", Bucket: "data", ARN: "arn:aws:s3:::data", Region: "us-east-1", AccountID: "111111111111", KMSKeyARN: sourceKey,
		},
		Destinations: []replication.DeployedBucket{{
			Name: "dr", Bucket: "data-dr", ARN: "arn:aws:s3:::data-dr", Region: "us-west-2", AccountID: "111111111111", KMSKeyARN: drKey,
		}},
	}
}

// linkOf is the link of a deployment, as it was deployed.
func linkOf(d replication.Descriptor) verify.Link {
	subject := model.Subjects(d)[0]
	live := subject
	live.Facts.AsDeployed, live.Facts.Source.BlocksSSEC = false, model.Unknown
	live.Facts.Destinations = map[string]model.BucketFacts{"data-dr": subject.Facts.Destinations["data-dr"]}
	return verify.Link{Live: live, Deployed: subject, From: d.Source, To: d.Destinations[0], RulesRead: true}
}

// liveDestination changes what is known of the destination.
func liveDestination(change func(*model.BucketFacts)) func(*ends) {
	return func(e *ends) {
		facts := e.link.Live.Facts.Destinations["data-dr"]
		change(&facts)
		e.link.Live.Facts.Destinations = map[string]model.BucketFacts{"data-dr": facts}
	}
}

func version(status string) sighting {
	return sighting{tagged: true, Attributes: compare.Attributes{
		Found: true, Version: "v1", Size: 10, ETag: "e", Status: status, Encryption: string(model.SSEKMS), Key: sourceKey,
		Checksums: map[string]string{"CRC64NVME FULL_OBJECT": "c"}, Modified: time.Date(2026, 3, 14, 11, 0, 0, 0, time.UTC),
	}}
}

func marker(id string, age time.Duration) sighting {
	return sighting{Attributes: compare.Attributes{Found: true, Marker: true, Version: id, Modified: now.Add(-age)}}
}

var now = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// The states of an object at both ends of a link, each with its verdict, reasons, notes
// and the way out.
func TestJudge_SaysHowAnObjectStands(t *testing.T) {
	t.Parallel()
	replica := version(statusReplica)
	refused := errors.New("reading s3://data-dr/logs/a: Forbidden")
	locked := version(statusFailed)
	locked.Lock = compare.Lock{Mode: "COMPLIANCE", Until: now.AddDate(1, 0, 0)}
	ssec := func(status string) sighting {
		return sighting{opaque: true, Attributes: compare.Attributes{Found: true, Version: "v1", Size: 10, Status: status, Encryption: string(model.SSEC), Modified: now.Add(-time.Hour)}}
	}
	withTags := func(tags map[string]string, s sighting) sighting {
		s.tags, s.TagCount = tags, len(tags)
		return s
	}
	withSize := func(size int64, s sighting) sighting {
		s.Size = size
		return s
	}
	archived := func(s sighting) sighting {
		s.ArchiveTier = "DEEP_ARCHIVE_ACCESS"
		return s
	}
	withKey := func(key string, s sighting) sighting {
		s.Key = key
		return s
	}
	withoutTags := func(s sighting) sighting {
		s.tagged = false
		return s
	}
	noSums := func(s sighting) sighting {
		s.Checksums, s.ETag = nil, s.ETag+s.Status
		return s
	}
	tagged := func(rule *replication.Rule) { rule.Tags = map[string]string{"class": "critical"} }
	markers := func(rule *replication.Rule) { rule.DeleteMarkers = true }
	for name, c := range map[string]struct {
		rule                 func(*replication.Rule) // of the deployment
		live                 func(*ends)             // what is otherwise by now
		key                  string                  // "": logs/a
		here, there, current sighting
		notCurrent           bool
		verdict              Verdict
		reasons              []string
		note, fix            string
	}{
		"replicated":                                   {here: version(statusCompleted), there: replica, current: replica, verdict: Replicated},
		"replicated while others are pending":          {here: version(statusPending), there: replica, current: replica, verdict: Replicated},
		"another version is current there":             {here: version(statusCompleted), there: replica, current: marker("m", 0), verdict: Replicated},
		"nothing proves the content":                   {here: noSums(version(statusCompleted)), there: noSums(replica), current: replica, verdict: Replicated, note: "the content could not be compared"},
		"other size":                                   {here: version(statusCompleted), there: withSize(11, replica), current: replica, verdict: Different},
		"other tags":                                   {here: withTags(map[string]string{"a": "b"}, version(statusCompleted)), there: replica, current: replica, verdict: Different},
		"other tags, on their way":                     {here: withTags(map[string]string{"a": "b"}, version(statusPending)), there: replica, current: replica, verdict: Pending},
		"other tags, which failed":                     {here: withTags(map[string]string{"a": "b"}, version(statusFailed)), there: replica, current: replica, verdict: Failed},
		"tags that can't be compared":                  {here: withoutTags(version(statusCompleted)), there: replica, current: replica, verdict: Replicated, note: "the tags were not compared"},
		"no rule":                                      {key: "finance/a", here: version(""), verdict: NotSelected, reasons: []string{"no-rule-matches"}},
		"no rule by its tags":                          {rule: tagged, here: version(""), verdict: NotSelected, reasons: []string{"no-rule-matches"}},
		"a rule by tags that can't be read":            {rule: tagged, here: withoutTags(version("")), verdict: Unknown, note: "the tags of this one could not be read"},
		"no rule, and the live ones can't be read":     {key: "finance/a", here: version(""), live: func(e *ends) { e.link.RulesRead = false }, verdict: Unknown, note: "the live ones could not be read"},
		"a rule that was deployed disabled":            {rule: func(r *replication.Rule) { r.Status = replication.Disabled }, here: version(""), verdict: NotSelected, reasons: []string{"rule-disabled"}},
		"a rule that was disabled since":               {live: disableRule, here: version(""), verdict: Missing, reasons: []string{"rules-changed"}, fix: "pulumi up --refresh"},
		"rules that were removed since":                {live: func(e *ends) { e.link.Live.Configuration.Rules = nil }, here: version(statusFailed), verdict: Failed, reasons: []string{"rules-changed"}, fix: "pulumi up --refresh"},
		"a replica":                                    {here: version(statusReplica), verdict: NotSelected, reasons: []string{"is-replica"}},
		"written before the rule":                      {here: version(""), verdict: Missing, reasons: []string{"written-before-rule"}, fix: "aws s3api copy-object --bucket data --"},
		"written before the rule, and not current":     {here: version(""), notCurrent: true, verdict: Missing, reasons: []string{"written-before-rule"}, note: "it is not the current version"},
		"larger than a copy may be":                    {here: withSize(6<<30, version("")), verdict: Missing, reasons: []string{"written-before-rule"}, note: "larger than 5 GB"},
		"in an archive tier":                           {here: archived(version("")), verdict: Missing, reasons: []string{"written-before-rule"}, note: "it is archived"},
		"KMS that the rule doesn't opt in":             {live: withoutKMS, here: version(""), verdict: Missing, reasons: []string{"kms-not-selected"}},
		"pending":                                      {here: version(statusPending), verdict: Pending, note: "written 1 h ago"},
		"failed, and the cause is gone":                {here: version(statusFailed), verdict: Failed, note: "all readable settings allow", fix: "copy-object"},
		"failed, locked":                               {here: locked, live: liveDestination(func(f *model.BucketFacts) { f.ObjectLock = model.Yes }), verdict: Failed, fix: "--object-lock-mode COMPLIANCE"},
		"failed, for Object Lock that is missing":      {here: locked, live: liveDestination(func(f *model.BucketFacts) { f.ObjectLock = model.No }), verdict: Failed, reasons: []string{"object-lock-missing"}, fix: "aws s3api put-object-lock-configuration --bucket data-dr --region us-west-2"},
		"failed, for a key of the destination":         {here: version(statusFailed), live: drKeyIs(model.KeyDisabled), verdict: Failed, reasons: []string{"replica-key-unusable"}, fix: "aws kms enable-key --key-id " + drKey + " --region us-west-2"},
		"failed, for a key that is to be deleted":      {here: version(statusFailed), live: drKeyIs(model.KeyPendingDeletion), verdict: Failed, reasons: []string{"replica-key-unusable"}, fix: "aws kms cancel-key-deletion --key-id " + drKey + " --region us-west-2 && aws kms enable-key"},
		"failed, for a key that the role may not use":  {here: withKey("arn:aws:kms:us-east-1:111111111111:key/other", version(statusFailed)), live: roleWithoutKeys, verdict: Failed, reasons: []string{"not-permitted"}, fix: "pulumi up --refresh"},
		"failed, for versioning that is suspended":     {here: version(statusFailed), live: liveDestination(func(f *model.BucketFacts) { f.Versioning = model.VersioningSuspended }), verdict: Failed, reasons: []string{"destination-unversioned"}, fix: "aws s3api put-bucket-versioning --bucket data-dr --region us-west-2 --expected-bucket-owner 111111111111 --versioning-configuration Status=Enabled"},
		"failed, for a policy of the destination":      {here: version(statusFailed), live: denied, verdict: Failed, reasons: []string{"not-permitted"}, fix: "pulumi up --refresh"},
		"failed, for a trust policy that is gone":      {here: version(statusFailed), live: untrusting, verdict: Failed, reasons: []string{"not-permitted"}, fix: "pulumi up --refresh"},
		"failed, for a bucket that is gone":            {here: version(statusFailed), live: func(e *ends) { e.link.Failure = "DstBucketNotFound" }, verdict: Failed, reasons: []string{"DstBucketNotFound"}},
		"deleted there":                                {here: version(statusCompleted), verdict: Missing, reasons: []string{"deleted-there"}, note: "the destination was added", fix: "copy-object"},
		"deleted there, and the role may nothing now":  {here: version(statusCompleted), live: denied, verdict: Missing, reasons: []string{"deleted-there"}},
		"SSE-C on both sides":                          {here: ssec(""), there: ssec(""), current: ssec(""), verdict: Replicated, note: "S3 returns nothing else"},
		"SSE-C, missing":                               {here: ssec(""), live: liveDestination(func(f *model.BucketFacts) { f.BlocksSSEC = model.No }), verdict: Missing, note: "S3 does not return the status"},
		"SSE-C that the destination blocks":            {here: ssec(""), live: liveDestination(func(f *model.BucketFacts) { f.BlocksSSEC = model.Yes }), verdict: Missing, reasons: []string{"ssec-blocked"}, note: "encrypted with SSE-C"},
		"a delete marker":                              {rule: markers, here: marker("m", time.Hour), there: marker("m", 0), current: marker("m", 0), verdict: Replicated},
		"a delete marker of another id":                {rule: markers, here: marker("m", time.Hour), current: marker("n", 0), verdict: Replicated, note: "another version id"},
		"a delete marker that is on its way":           {rule: markers, here: marker("m", time.Minute), current: replica, verdict: Pending},
		"a delete marker that is missing":              {rule: markers, here: marker("m", time.Hour), current: replica, verdict: Missing, reasons: []string{"delete-marker-missing"}},
		"a delete marker that no rule replicates":      {here: marker("m", time.Hour), current: replica, verdict: NotSelected, reasons: []string{"delete-markers-off"}, note: "deleted at the source and still readable here"},
		"no object":                                    {verdict: Missing, note: "neither bucket has it"},
		"deleted at the source by its version":         {there: replica, current: replica, verdict: Extra},
		"the source doesn't answer":                    {here: sighting{err: refused}, there: replica, current: replica, verdict: Unknown, note: "the source could not be read"},
		"the destination doesn't answer":               {here: version(statusCompleted), there: sighting{err: refused}, current: sighting{err: refused}, verdict: Unknown},
		"the destination doesn't answer, nor tell why": {here: version(""), there: sighting{err: refused}, current: sighting{err: refused}, verdict: Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := ends{link: linkOf(deployed(c.rule)), key: "logs/a", here: c.here, there: c.there, current: c.current, isCurrent: !c.notCurrent, now: now}
			if c.key != "" {
				e.key = c.key
			}
			if c.live != nil {
				c.live(&e)
			}
			answer := e.judge()
			assert.Equal(t, c.verdict, answer.Verdict)
			var ids []string
			for _, reason := range answer.Reasons {
				ids = append(ids, reason.ID)
				assert.NotEmpty(t, reason.Sentence)
			}
			if c.reasons == nil {
				assert.Empty(t, ids)
			} else {
				assert.Subset(t, ids, c.reasons)
			}
			assert.Contains(t, strings.Join(answer.Notes, "; "), c.note)
			assert.Contains(t, strings.Join(answer.Fix, "\n"), c.fix)
			if slices.Contains(good, answer.Verdict) || answer.Verdict == Unknown {
				assert.Empty(t, answer.Fix, "there is nothing to repair")
			}
		})
	}
}

func disableRule(e *ends) {
	e.link.Live.Configuration.Rules = slices.Clone(e.link.Live.Configuration.Rules)
	e.link.Live.Configuration.Rules[0].Status = replication.Disabled
}

// withoutKMS is a rule that has never opted objects under KMS in.
func withoutKMS(e *ends) {
	for _, subject := range []*model.Subject{&e.link.Live, &e.link.Deployed} {
		subject.Configuration.Rules = slices.Clone(subject.Configuration.Rules)
		subject.Configuration.Rules[0].SourceSelectionCriteria = nil
		subject.Configuration.Rules[0].Destination.EncryptionConfiguration = nil
	}
}

func drKeyIs(state model.KeyState) func(*ends) {
	return liveDestination(func(f *model.BucketFacts) {
		f.Keys = map[string]model.KeyFacts{drKey: {State: state}}
	})
}

func roleWithoutKeys(e *ends) {
	e.link.Live.Facts.Role.Policies = []policy.Document{policy.New(policy.Statement{
		Effect: policy.Allow, Action: policy.Values{"s3:*"}, Resource: policy.Values{"*"},
	})}
}

func denied(e *ends) {
	liveDestination(func(f *model.BucketFacts) {
		document := policy.New(policy.Statement{
			Effect: policy.Deny, Principal: policy.Anyone(), Action: policy.Values{"s3:ReplicateObject"}, Resource: policy.Values{"*"},
		})
		f.Policy = &document
	})(e)
}

func untrusting(e *ends) {
	document := policy.New(policy.Statement{
		Effect: policy.Allow, Principal: policy.Service("ec2.amazonaws.com"), Action: policy.Values{"sts:AssumeRole"},
	})
	e.link.Live.Facts.Role.Trust = &document
}

// Known bad goes before unknown, and both before well.
func TestAnswer_ExitStatus(t *testing.T) {
	t.Parallel()
	here := Copy{State: Present, Status: statusCompleted}
	links := func(verdicts ...Verdict) []Link {
		var all []Link
		for _, verdict := range verdicts {
			all = append(all, Link{Verdict: verdict})
		}
		return all
	}
	for name, c := range map[string]struct {
		answer      Answer
		well, known bool
	}{
		"replicated and not selected":      {Answer{Here: here, Links: links(Replicated, NotSelected)}, true, true},
		"deleted on both sides":            {Answer{Here: Copy{State: DeleteMarker}, Links: links(Replicated)}, true, true},
		"one is missing":                   {Answer{Here: here, Links: links(Replicated, Missing)}, false, true},
		"one is missing, one unknown":      {Answer{Here: here, Links: links(Unknown, Missing)}, false, true},
		"one is unknown":                   {Answer{Here: here, Links: links(Replicated, Unknown)}, false, false},
		"the object is not known":          {Answer{Here: Copy{State: NotKnown}, Links: links(Unknown)}, false, false},
		"no object":                        {Answer{Here: Copy{State: Absent}, Links: links(Missing)}, false, true},
		"no object, no link":               {Answer{Here: Copy{State: Absent}}, false, true},
		"failed, though all is there":      {Answer{Here: Copy{State: Present, Status: statusFailed}, Links: links(Replicated)}, false, true},
		"failed, though no rule wants it":  {Answer{Here: Copy{State: Present, Status: statusFailed}, Links: links(NotSelected)}, false, true},
		"pending, and everything is there": {Answer{Here: Copy{State: Present, Status: statusPending}, Links: links(Replicated)}, true, true},
	} {
		assert.Equal(t, c.well, c.answer.well(), name)
		assert.Equal(t, c.known, c.answer.Known(), name)
	}
}

func TestParse_TakesKeysAsTheyAre(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string][2]string{
		"s3://data/a": {"data", "a"}, "s3://data/a/b c?d#e%20": {"data", "a/b c?d#e%20"}, "s3://data//a": {"data", "/a"}, "s3://data/a/": {"data", "a/"},
	} {
		bucket, key, err := Parse(uri)
		require.NoError(t, err, uri)
		assert.Equal(t, want, [2]string{bucket, key})
	}
	for _, uri := range []string{"", "s3://", "s3://data", "s3://data/", "s3:///a", "data/a", "https://data/a"} {
		_, _, err := Parse(uri)
		assert.ErrorContains(t, err, "use s3://bucket/key", uri)
	}
}
