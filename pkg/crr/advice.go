package crr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
// See "Replication and Lifecycle configurations" there.
)

// ForceDestroyProtected is the id of the finding about buckets with both ForceDestroy
// and Protect.
const ForceDestroyProtected = "force-destroy-protected"

// advise reports valid settings that have no effect or a misleading one. The arguments
// must be valid.
func (a *ReplicatedBucketArgs) advise() model.Findings {
	return slices.Concat(a.adviseForceDestroy(), a.adviseThresholds(), a.adviseTiering(), a.adviseLifecycle(), a.adviseCanary(), a.adviseMetricsAccount())
}

// warning returns a finding about a probable mistake.
func warning(id, path, see, fix, format string, args ...any) model.Findings {
	return model.Findings{{
		ID: id, Severity: model.SeverityWarning, Path: path, Message: fmt.Sprintf(format, args...), Fix: fix, See: see,
	}}
}

func (a *ReplicatedBucketArgs) adviseForceDestroy() model.Findings {
	var findings model.Findings
	for _, bucket := range a.namedBuckets() {
		if a.Protect && bucket.args.ForceDestroy && !bucket.args.Existing {
			findings = append(findings, ForceDestroyAdvice(a.pathOf(bucket.name)+".forceDestroy")...)
		}
	}
	return findings
}

// ForceDestroyAdvice returns the finding on a protected bucket with ForceDestroy.
func ForceDestroyAdvice(path string) model.Findings {
	return warning(ForceDestroyProtected, path, awsdocs.PulumiProtect, "Remove forceDestroy; or, to delete the objects with the bucket, remove protect.",
		"has no effect while protect is on: Pulumi refuses to delete a protected bucket")
}

func (a *ReplicatedBucketArgs) adviseThresholds() model.Findings {
	var findings model.Findings
	for i, rule := range a.Rules {
		if rule.Enabled != nil && !*rule.Enabled && rule.Thresholds != (replication.Thresholds{}) {
			finding := warning("thresholds-of-disabled-rule", fmt.Sprintf("rules[%d].monitoring", i), awsdocs.ReplicationMetrics, "Enable the rule, or remove its thresholds.",
				"has no effect: a disabled rule has no alarms")
			finding[0].Rule = rule.ID
			findings = append(findings, finding...)
		}
	}
	return findings
}

// adviseTiering reports archive tiers of destinations whose replicas all get other
// storage classes. At the source, and at both sides of a two-way replication, clients
// choose the storage classes.
func (a *ReplicatedBucketArgs) adviseTiering() model.Findings {
	const tiered = "INTELLIGENT_TIERING"
	var findings model.Findings
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
			findings = append(findings, warning("tiering-unused", fmt.Sprintf("destinations[%d].intelligentTiering", i), awsdocs.IntelligentTiering,
				"Set storageClass: INTELLIGENT_TIERING for the destination or a rule, or remove intelligentTiering.",
				"has no effect: it applies to objects in the class INTELLIGENT_TIERING, and no rule or lifecycle of %s puts replicas there", destination.Name)...)
		}
	}
	return findings
}

func (a *ReplicatedBucketArgs) adviseLifecycle() model.Findings {
	var findings model.Findings
	for _, bucket := range a.namedBuckets() {
		lifecycle := bucket.args.Lifecycle
		if len(lifecycle.Transitions) > 0 && lifecycle.NoncurrentDays == 0 && len(lifecycle.NoncurrentTransitions) == 0 {
			findings = append(findings, warning("lifecycle-leaves-noncurrent", a.pathOf(bucket.name)+".lifecycle.transitions", awsdocs.ReplicationRequirements,
				"Set noncurrentTransitions or noncurrentDays too.",
				"move current versions only: noncurrent versions stay in their storage class indefinitely and are billed for it")...)
		}
		days, lock := lifecycle.NoncurrentDays, bucket.args.ObjectLock
		if days > 0 && lock != nil && days < lock.Days {
			findings = append(findings, warning("lifecycle-before-retention", a.pathOf(bucket.name)+".lifecycle.noncurrentDays", awsdocs.ObjectLock,
				"Set it to at least objectLock.days, or accept that versions stay longer.",
				"is %d, but the bucket retains each version for %d days: S3 keeps a noncurrent version until its retention ends", days, lock.Days)...)
		}
	}
	return findings
}

// adviseCanary reports an age limit below the interval between heartbeats, which a
// heartbeat may exceed although none is late.
func (a *ReplicatedBucketArgs) adviseCanary() model.Findings {
	if a.Canary == nil || a.Canary.ageSeconds() >= 60*a.Canary.everyMinutes() {
		return nil
	}
	return warning("canary-age-too-short", "canary.ageSeconds", awsdocs.ReplicationMetrics, "Set it above the interval between heartbeats, or remove it.",
		"is %d, but a heartbeat is written only every %d seconds: a heartbeat that takes longer than the function waits sets the alarm off", a.Canary.ageSeconds(), 60*a.Canary.everyMinutes())
}

// adviseMetricsAccount reports a setting of the metrics account in a deployment with
// one account.
func (a *ReplicatedBucketArgs) adviseMetricsAccount() model.Findings {
	if a.Monitoring.Account != DestinationAccount {
		return nil
	}
	for _, destination := range a.Destinations {
		if !sameCredentials(destination.Bucket, a.Source) {
			return nil
		}
	}
	return warning("metrics-account-unused", "monitoring.account", awsdocs.ReplicationMetrics, "Remove it.",
		"has no effect: the source and its destinations are managed in one account")
}

// Lint reports probable mistakes in valid arguments, for a component with the given
// name.
func (a *ReplicatedBucketArgs) Lint(name string) model.Findings {
	return model.Lint(a.Subjects(name)...)
}

// Warn shows findings in previews and updates as warnings about a resource. Notes are
// omitted.
func Warn(ctx *pulumi.Context, about pulumi.Resource, findings model.Findings) {
	var messages []string
	for _, finding := range findings {
		if finding.Severity != model.SeverityInfo {
			messages = append(messages, fmt.Sprintf("%s: %s %s (%s, %s)", finding.Path, sentence(finding.Message), finding.Fix, finding.ID, finding.See))
		}
	}
	if len(messages) == 0 {
		return
	}
	// The engine knows the resource only after it is registered, and a program must not
	// wait for that.
	about.URN().ApplyT(func(pulumi.URN) (string, error) {
		for _, message := range messages {
			if err := ctx.Log.Warn(message, &pulumi.LogArgs{Resource: about}); err != nil {
				return "", fmt.Errorf("showing a warning: %w", err)
			}
		}
		return "", nil
	})
}

// sentence appends a full stop unless the message ends with a question mark.
func sentence(message string) string {
	if strings.HasSuffix(message, "?") {
		return message
	}
	return message + "."
}
