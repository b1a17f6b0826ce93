package plan

import (
	"fmt"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ForceDestroyProtected is the id of the finding about buckets with both ForceDestroy
// and Protect.
const ForceDestroyProtected = "force-destroy-protected"

// advise reports valid settings that have no effect or a misleading one. The arguments
// must be valid.
func (a *ReplicatedBucket) advise() model.Findings {
	return slices.Concat(a.adviseForceDestroy(), a.adviseThresholds(), a.adviseTiering(), a.adviseLifecycle(), a.adviseCanary(), a.adviseMetricsAccount())
}

// warning returns a finding about a probable mistake.
func warning(id, path, see, fix, format string, args ...any) model.Findings {
	return model.Findings{{
		ID: id, Severity: model.SeverityWarning, Path: path, Message: fmt.Sprintf(format, args...), Fix: fix, See: see,
	}}
}

func (a *ReplicatedBucket) adviseForceDestroy() model.Findings {
	var findings model.Findings
	for _, bucket := range a.namedBuckets() {
		if a.Protect && bucket.args.ForceDestroy && !bucket.args.Existing {
			findings = append(findings, ForceDestroyAdvice(a.PathOf(bucket.name)+".forceDestroy")...)
		}
	}
	return findings
}

// ForceDestroyAdvice returns the finding on a protected bucket with ForceDestroy.
func ForceDestroyAdvice(path string) model.Findings {
	return warning(ForceDestroyProtected, path, awsdocs.PulumiProtect, "Remove forceDestroy; or, to delete the objects with the bucket, remove protect.",
		"has no effect while protect is on: Pulumi refuses to delete a protected bucket")
}

func (a *ReplicatedBucket) adviseThresholds() model.Findings {
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
func (a *ReplicatedBucket) adviseTiering() model.Findings {
	const tiered = "INTELLIGENT_TIERING"
	var findings model.Findings
	for i, destination := range a.Destinations {
		bucket := destination.Bucket
		if bucket.IntelligentTiering == (IntelligentTiering{}) || a.Direction == replication.TwoWay {
			continue
		}
		possible := slices.ContainsFunc(bucket.Lifecycle.Transitions, func(t Transition) bool { return t.StorageClass == tiered })
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

func (a *ReplicatedBucket) adviseLifecycle() model.Findings {
	var findings model.Findings
	for _, bucket := range a.namedBuckets() {
		lifecycle := bucket.args.Lifecycle
		if len(lifecycle.Transitions) > 0 && lifecycle.NoncurrentDays == 0 && len(lifecycle.NoncurrentTransitions) == 0 {
			findings = append(findings, warning("lifecycle-leaves-noncurrent", a.PathOf(bucket.name)+".lifecycle.transitions", awsdocs.ReplicationRequirements,
				"Set noncurrentTransitions or noncurrentDays too.",
				"move current versions only: noncurrent versions stay in their storage class indefinitely and are billed for it")...)
		}
		days, lock := lifecycle.NoncurrentDays, bucket.args.ObjectLock
		if days > 0 && lock != nil && days < lock.Days {
			findings = append(findings, warning("lifecycle-before-retention", a.PathOf(bucket.name)+".lifecycle.noncurrentDays", awsdocs.ObjectLock,
				"Set it to at least objectLock.days, or accept that versions stay longer.",
				"is %d, but the bucket retains each version for %d days: S3 keeps a noncurrent version until its retention ends", days, lock.Days)...)
		}
	}
	return findings
}

// adviseCanary reports an age limit below the interval between heartbeats, which a
// heartbeat may exceed although none is late.
func (a *ReplicatedBucket) adviseCanary() model.Findings {
	if a.Canary == nil || a.Canary.MaxAgeSeconds() >= 60*a.Canary.Minutes() {
		return nil
	}
	return warning("canary-age-too-short", "canary.ageSeconds", awsdocs.ReplicationMetrics, "Set it above the interval between heartbeats, or remove it.",
		"is %d, but a heartbeat is written only every %d seconds: a heartbeat that takes longer than the function waits sets the alarm off", a.Canary.MaxAgeSeconds(), 60*a.Canary.Minutes())
}

// adviseMetricsAccount reports a setting of the metrics account in a deployment with
// one account.
func (a *ReplicatedBucket) adviseMetricsAccount() model.Findings {
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
func (a *ReplicatedBucket) Lint(name string) model.Findings {
	return model.Lint(a.Subjects(name)...)
}
