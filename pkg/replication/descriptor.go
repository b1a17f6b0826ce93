package replication

import (
	"errors"
	"fmt"
	"slices"
)

// DescriptorVersion is the version of the [Descriptor] that this package
// writes. A reader refuses a higher one.
const DescriptorVersion = 1

// Descriptor describes a deployed topology. A Pulumi program exports it, and the commands of crr
// read it. Fields are only added; a change of meaning raises the version.
type Descriptor struct {
	Version      int              `json:"version"`
	Name         string           `json:"name"`
	Direction    Direction        `json:"direction"`
	Source       DeployedBucket   `json:"source"`
	Destinations []DeployedBucket `json:"destinations"`
	// RoleARN of the role that S3 assumes to replicate.
	RoleARN string  `json:"roleArn"`
	Rules   []Rule  `json:"rules"`
	Alarms  []Alarm `json:"alarms"`
	// CompositeAlarms notify when any alarm of a region goes off.
	CompositeAlarms []CompositeAlarm `json:"compositeAlarms,omitempty"`
	Topics          []Topic          `json:"topics"`
	// Notifications that S3 sends about what it could not replicate.
	Notifications []Notification `json:"notifications,omitempty"`
	// Canary that writes heartbeats under each rule, where there is one.
	Canary *Canary `json:"canary,omitempty"`
	// TrailARN of the CloudTrail trail that records calls on the buckets of the
	// source's account.
	TrailARN string `json:"trailArn,omitempty"`
	// Dashboard is the name of the CloudWatch dashboard about this bucket.
	Dashboard string `json:"dashboard,omitempty"`
	// Settings of what the deployment made. A descriptor of an earlier release has
	// none.
	Settings []Setting `json:"settings,omitempty"`
}

// DeployedBucket is a deployed bucket. The name of the source is "source".
type DeployedBucket struct {
	Name      string `json:"name"`
	Bucket    string `json:"bucket"`
	ARN       string `json:"arn"`
	Region    string `json:"region"`
	AccountID string `json:"accountId"`
	// KMSKeyARN is the key of the bucket, and "" for an existing bucket that
	// encrypts with SSE-S3.
	KMSKeyARN string `json:"kmsKeyArn"`
	// DecryptKeyARNs are further keys that objects of the bucket are encrypted
	// with, which the role that replicates from it may decrypt with.
	DecryptKeyARNs []string `json:"decryptKeyArns,omitempty"`
	// AssumeRoleARN is the role that manages the bucket, where it is in another
	// account than the credentials at hand.
	AssumeRoleARN string `json:"assumeRoleArn,omitempty"`
	// ExternalID that the role is assumed with.
	ExternalID string `json:"externalId,omitempty"`
	// RoleARN of the role that S3 assumes to replicate from a destination back to
	// the source. That of the source is [Descriptor.RoleARN].
	RoleARN string `json:"roleArn,omitempty"`
	// ObjectLock reports whether versions may be locked.
	ObjectLock bool `json:"objectLock,omitempty"`
	// KeyChanges reports whether the keys of objects may be changed in place.
	KeyChanges bool `json:"keyChanges,omitempty"`
	// Existing reports whether the bucket existed before the deployment and is managed elsewhere.
	Existing bool `json:"existing,omitempty"`
	// EventBridge says that S3 sends the events of the bucket to Amazon EventBridge.
	EventBridge bool `json:"eventBridge,omitempty"`
	// TrailARN of the trail that records calls on the bucket, where it is another
	// than [Descriptor.TrailARN].
	TrailARN string `json:"trailArn,omitempty"`
}

// Alarm on a replication metric.
type Alarm struct {
	Name   string `json:"name"`
	Region string `json:"region"`
	// AccountID that the alarm is in: that of the rule's source, unless it was
	// deployed elsewhere.
	AccountID string `json:"accountId,omitempty"`
	Metric    string `json:"metric"`
	// Rule is the id of the rule that the alarm watches.
	Rule string `json:"rule,omitempty"`
	// Threshold above which it goes off, in the metric's unit.
	Threshold int `json:"threshold,omitempty"`
}

// CompositeAlarm is in ALARM while any of its alarms is, in the same region and
// account, and otherwise OK, also where none of them has data.
type CompositeAlarm struct {
	Name      string `json:"name"`
	Region    string `json:"region"`
	AccountID string `json:"accountId"`
	// Alarms by name.
	Alarms []string `json:"alarms"`
}

// Canary writes heartbeats, and looks for them at their destinations.
type Canary struct {
	// EveryMinutes is how often it writes one under each rule.
	EveryMinutes int `json:"everyMinutes"`
	// Readers look for heartbeats in existing buckets, of which other accounts may
	// be the owners.
	Readers []CanaryReader `json:"readers,omitempty"`
}

// CanaryReader is the role of a canary that looks for heartbeats in a place which
// may be in another account.
type CanaryReader struct {
	RoleARN string `json:"roleArn"`
	// From is the place that the heartbeats are written to, by its name.
	From string `json:"from"`
	// At is the place that they are looked for in, by its name.
	At string `json:"at"`
}

// Topic that alarms of a region are sent to.
type Topic struct {
	ARN    string `json:"arn"`
	Region string `json:"region"`
}

// CheckVersion says why a descriptor cannot be read by this version of the
// package.
func (d Descriptor) CheckVersion() error {
	switch {
	case d.Version == 0:
		return errors.New("this is not the descriptor of a deployment: it has no version")
	case d.Version > DescriptorVersion:
		return fmt.Errorf("the descriptor of %q has version %d, and this program knows %d; use a newer one", d.Name, d.Version, DescriptorVersion)
	default:
		return nil
	}
}

// Notification is where S3 sends events about replication from a bucket.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
type Notification struct {
	// Place that the events are about: the name of the bucket that replicates.
	Bucket string `json:"place"`
	// TargetARN of an SNS topic, an SQS queue or a Lambda function.
	TargetARN string `json:"targetArn"`
	// Events that are sent: "s3:Replication:OperationFailedReplication".
	Events []string `json:"events"`
}

// Buckets returns the source and the destinations, in this order.
func (d Descriptor) Buckets() []DeployedBucket {
	return append([]DeployedBucket{d.Source}, d.Destinations...)
}

// Sources returns, by the name of each bucket, the buckets that replicate to it,
// each once and in the order of Buckets.
func (d Descriptor) Sources() map[string][]DeployedBucket {
	targets := map[string][]string{}
	seen := map[[2]string]bool{}
	for _, rule := range d.Rules {
		if link := [2]string{rule.From(), rule.Destination}; !seen[link] {
			seen[link] = true
			targets[link[0]] = append(targets[link[0]], link[1])
		}
	}
	sources := map[string][]DeployedBucket{}
	for _, from := range d.Buckets() {
		for _, to := range targets[from.Name] {
			sources[to] = append(sources[to], from)
		}
	}
	return sources
}

// Bucket returns the source or a destination by its name.
func (d Descriptor) Bucket(name string) (DeployedBucket, bool) {
	for _, place := range d.Buckets() {
		if place.Name == name {
			return place, true
		}
	}
	return DeployedBucket{}, false
}

// RoleOf returns the ARN of the role that replicates from a bucket, and "" if nothing
// replicates from it.
func (d Descriptor) RoleOf(bucket DeployedBucket) string {
	replicates := func(rule Rule) bool {
		_, known := d.Bucket(rule.Destination)
		return known && rule.From() == bucket.Name
	}
	switch {
	case !slices.ContainsFunc(d.Rules, replicates):
		return ""
	case bucket.Name == SourceName:
		return d.RoleARN
	default:
		return bucket.RoleARN
	}
}
