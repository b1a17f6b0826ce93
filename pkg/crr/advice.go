package crr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	seeProtect = "https://www.pulumi.com/docs/iac/concepts/options/protect/"
	// See "Replication and Lifecycle configurations" there.
	seeLifecycle = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html"
	seeLocked    = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html"
	seeMetrics   = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html"
)

// ForceDestroyProtected is the id of the finding on buckets with both ForceDestroy
// and Protect.
const ForceDestroyProtected = "force-destroy-protected"

// advise finds settings that are legal and have no effect, or another one than
// they seem to have. The arguments must be valid.
func (a *ReplicatedBucketArgs) advise() replication.Findings {
	return slices.Concat(a.adviseForceDestroy(), a.adviseThresholds(), a.adviseTiering(), a.adviseLifecycle(), a.adviseCanary(), a.adviseMetricsAccount())
}

// warning is a finding that is likely a mistake.
func warning(id, path, see, fix, format string, args ...any) replication.Findings {
	return replication.Findings{{
		ID: id, Severity: replication.SeverityWarning, Path: path, Message: fmt.Sprintf(format, args...), Fix: fix, See: see,
	}}
}

func (a *ReplicatedBucketArgs) adviseForceDestroy() replication.Findings {
	var findings replication.Findings
	for _, bucket := range a.namedBuckets() {
		if a.Protect && bucket.args.ForceDestroy && !bucket.args.Existing {
			findings = append(findings, ForceDestroyAdvice(a.pathOf(bucket.name)+".forceDestroy")...)
		}
	}
	return findings
}

// ForceDestroyAdvice returns the finding on a protected bucket with ForceDestroy.
func ForceDestroyAdvice(path string) replication.Findings {
	return warning(ForceDestroyProtected, path, seeProtect, "Leave forceDestroy out; or, where the objects are to go with the bucket, leave protect out.",
		"has no effect while protect is on: Pulumi refuses to delete a protected bucket")
}

func (a *ReplicatedBucketArgs) adviseThresholds() replication.Findings {
	var findings replication.Findings
	for i, rule := range a.Rules {
		if rule.Enabled != nil && !*rule.Enabled && rule.Thresholds != (replication.Thresholds{}) {
			finding := warning("thresholds-of-disabled-rule", fmt.Sprintf("rules[%d].monitoring", i), seeMetrics, "Enable the rule, or leave its thresholds out.",
				"has thresholds, and a disabled rule has no alarms")
			finding[0].Rule = rule.ID
			findings = append(findings, finding...)
		}
	}
	return findings
}

// adviseTiering finds archive tiers at destinations whose replicas are all told to
// be in other storage classes. Clients choose the classes at the source, and at
// both sides of a two-way replication.
func (a *ReplicatedBucketArgs) adviseTiering() replication.Findings {
	const tiered = "INTELLIGENT_TIERING"
	var findings replication.Findings
	for i, destination := range a.Destinations {
		bucket := destination.Bucket
		if bucket.IntelligentTiering == (IntelligentTieringArgs{}) || a.Direction == replication.TwoWay {
			continue
		}
		possible := slices.ContainsFunc(bucket.Lifecycle.Transitions, func(t TransitionArgs) bool { return t.StorageClass == tiered })
		for _, rule := range a.Topology().ReplicationRules() {
			possible = possible || rule.Destination == destination.Name && (rule.StorageClass == "" || rule.StorageClass == tiered)
		}
		if !possible {
			findings = append(findings, warning("tiering-unused", fmt.Sprintf("destinations[%d].intelligentTiering", i), seeTiering,
				"Set storageClass: INTELLIGENT_TIERING for the destination or a rule, or leave intelligentTiering out.",
				"has no effect: it is for objects in the class INTELLIGENT_TIERING, and no rule or lifecycle of %s puts replicas there", destination.Name)...)
		}
	}
	return findings
}

func (a *ReplicatedBucketArgs) adviseLifecycle() replication.Findings {
	var findings replication.Findings
	for _, bucket := range a.namedBuckets() {
		lifecycle := bucket.args.Lifecycle
		if len(lifecycle.Transitions) > 0 && lifecycle.NoncurrentDays == 0 && len(lifecycle.NoncurrentTransitions) == 0 {
			findings = append(findings, warning("lifecycle-leaves-noncurrent", a.pathOf(bucket.name)+".lifecycle.transitions", seeLifecycle,
				"Set noncurrentTransitions or noncurrentDays too.",
				"move current versions only: replaced and deleted versions stay in their class for ever, and are billed for it")...)
		}
		days, lock := lifecycle.NoncurrentDays, bucket.args.ObjectLock
		if days > 0 && lock != nil && days < lock.Days {
			findings = append(findings, warning("lifecycle-before-retention", a.pathOf(bucket.name)+".lifecycle.noncurrentDays", seeLocked,
				"Give at least as many days as objectLock.days, or accept that versions stay longer.",
				"is %d, and the bucket retains each version for %d days: S3 keeps a replaced version until its retention ends", days, lock.Days)...)
		}
	}
	return findings
}

// adviseCanary finds an age that a heartbeat may pass although none is late: the
// next one is written only when its time has come.
func (a *ReplicatedBucketArgs) adviseCanary() replication.Findings {
	if a.Canary == nil || a.Canary.ageSeconds() >= 60*a.Canary.everyMinutes() {
		return nil
	}
	return warning("canary-age-too-short", "canary.ageSeconds", seeMetrics, "Give more seconds than there are between two heartbeats, or leave it out.",
		"is %d, and a heartbeat is written every %d seconds: one that takes longer than the function waits for it sets the alarm off", a.Canary.ageSeconds(), 60*a.Canary.everyMinutes())
}

// adviseMetricsAccount finds an account for metrics where there is only one.
func (a *ReplicatedBucketArgs) adviseMetricsAccount() replication.Findings {
	if a.Monitoring.Account != DestinationAccount {
		return nil
	}
	for _, destination := range a.Destinations {
		if !sameCredentials(destination.Bucket, a.Source) {
			return nil
		}
	}
	return warning("metrics-account-unused", "monitoring.account", seeMetrics, "Leave it out.",
		"has no effect: the source and its destinations are managed in one account")
}

// Lint finds what is legal in the arguments of a component of a name, and unwise. The
// arguments must be valid.
func (a *ReplicatedBucketArgs) Lint(name string) replication.Findings {
	return replication.Lint(a.Subjects(name)...)
}

// Warn shows findings in the previews and updates of a program, as warnings about a
// resource. Information is left out.
func Warn(ctx *pulumi.Context, about pulumi.Resource, findings replication.Findings) {
	var messages []string
	for _, finding := range findings {
		if finding.Severity != replication.SeverityInfo {
			messages = append(messages, fmt.Sprintf("%s: %s %s (%s, %s)", finding.Path, sentence(finding.Message), finding.Fix, finding.ID, finding.See))
		}
	}
	if len(messages) == 0 {
		return
	}
	// The engine knows the resource only once it is registered, and a program must
	// not wait for that.
	about.URN().ApplyT(func(pulumi.URN) (string, error) {
		for _, message := range messages {
			if err := ctx.Log.Warn(message, &pulumi.LogArgs{Resource: about}); err != nil {
				return "", fmt.Errorf("showing a warning: %w", err)
			}
		}
		return "", nil
	})
}

// sentence ends a message with a full stop, unless it ends with a question.
func sentence(message string) string {
	if strings.HasSuffix(message, "?") {
		return message
	}
	return message + "."
}
