package plan

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// generated stands for the part of a name that is unknown before deployment.
const generated = "<generated>"

// unknownAccount stands for the account of the deploying credentials.
const unknownAccount = "<account>"

// Plan returns the descriptor of a future deployment with the given name, with
// placeholders for generated values. The arguments must be valid.
func (a *ReplicatedBucket) Plan(name string) replication.Descriptor {
	account := a.ownAccount()
	descriptor := replication.Descriptor{
		Version: replication.DescriptorVersion, Name: name, Direction: a.Direction,
		Source: plannedBucket(name, replication.SourceName, a.Source, account),
		Rules:  a.Topology().ReplicationRules(),
	}
	descriptor.RoleARN = cmp.Or(known(a.Role.ARN), plannedRole(name, descriptor.Source, a.Role))
	for _, destination := range a.Destinations {
		planned := plannedBucket(name, destination.Name, destination.Bucket, account)
		planned.RoleARN = plannedRole(name, planned, a.Role)
		descriptor.Destinations = append(descriptor.Destinations, planned)
	}
	descriptor.Canary = a.plannedCanary(name, descriptor)
	return descriptor
}

// plannedCanary returns the canary with the roles that read heartbeats in existing
// buckets without an assumed role.
func (a *ReplicatedBucket) plannedCanary(name string, descriptor replication.Descriptor) *replication.Canary {
	if a.Canary == nil {
		return nil
	}
	canary := &replication.Canary{EveryMinutes: a.Canary.Minutes()}
	buckets := map[string]Bucket{}
	for _, bucket := range a.namedBuckets() {
		buckets[bucket.name] = bucket.args
	}
	for _, from := range descriptor.Buckets() {
		role := Role{Name: strings.Join([]string{ResourcePrefix(name, from.Name), "canary", "role", generated}, "-")}
		partition, _ := replication.PartitionOf(from.Region)
		for _, at := range Linked(WatchedRules(descriptor.Rules, from.Name), from.Name, replication.Rule.From, DestinationOf) {
			if buckets[at].Existing && sameCredentials(buckets[at], buckets[from.Name]) {
				canary.Readers = append(canary.Readers, replication.CanaryReader{RoleARN: role.arn(partition.ID, from.AccountID, ""), From: from.Name, At: at})
			}
		}
	}
	return canary
}

// sameCredentials reports whether two buckets are managed with credentials of the same
// account.
func sameCredentials(a, b Bucket) bool {
	return !a.OwnProvider && !b.OwnProvider && awsid.AccountOf(a.AssumeRoleARN) == awsid.AccountOf(b.AssumeRoleARN)
}

// ownAccount returns the account of the deploying credentials, as far as the arguments
// determine it: without assumeRoleArn, an existing replication role and an existing
// source belong to that account.
func (a *ReplicatedBucket) ownAccount() string {
	if a.Source.AssumeRoleARN != "" {
		return unknownAccount
	}
	account := awsid.AccountOf(known(a.Role.ARN))
	if a.Source.Existing {
		account = cmp.Or(account, a.Source.AccountID, awsid.AccountOf(known(a.Source.KMSKeyARN)))
	}
	return cmp.Or(account, unknownAccount)
}

func plannedBucket(name, label string, args Bucket, account string) replication.DeployedBucket {
	bucket := args.Bucket
	if bucket == "" {
		bucket = strings.Join([]string{name, label, generated}, "-")
	}
	key := known(args.KMSKeyARN)
	if args.AssumeRoleARN != "" {
		account = awsid.AccountOf(args.AssumeRoleARN)
	}
	if args.Existing {
		account = cmp.Or(args.AccountID, awsid.AccountOf(key), account)
	} else if key == "" {
		partition, _ := replication.PartitionOf(args.Region)
		key = fmt.Sprintf("arn:%s:kms:%s:%s:key/%s", partition.ID, args.Region, account, generated)
	}
	var decryptKeys []string
	for _, decryptKey := range args.DecryptKeyARNs {
		decryptKeys = append(decryptKeys, known(decryptKey))
	}
	return replication.DeployedBucket{
		Name: label, Bucket: bucket, ARN: replication.BucketARN(args.Region, bucket),
		Region: args.Region, AccountID: account, KMSKeyARN: key, DecryptKeyARNs: decryptKeys,
		AssumeRoleARN: args.AssumeRoleARN, ExternalID: args.ExternalID, ObjectLock: args.ObjectLock != nil, Existing: args.Existing,
	}
}

// plannedRole returns the ARN of the role that replicates from a bucket.
func plannedRole(name string, from replication.DeployedBucket, args Role) string {
	partition, _ := replication.PartitionOf(from.Region)
	parts := []string{cmp.Or(args.Name, name)}
	if from.Name != replication.SourceName {
		parts = append(parts, from.Name)
	}
	if args.Name == "" {
		parts = append(parts, "role", generated)
	}
	return fmt.Sprintf("arn:%s:iam::%s:role%s%s", partition.ID, from.AccountID, cmp.Or(args.Path, "/"), strings.Join(parts, "-"))
}

// addFacts adds facts of the configuration that a descriptor does not have.
func addFacts(facts *model.Facts, args *ReplicatedBucket) {
	facts.AsDeployed = false
	if args.Role.ARN != "" {
		facts.Role.Decrypts = nil // it may decrypt with further keys
	}
	kept := map[string]int{replication.SourceName: args.Source.Lifecycle.NoncurrentDays}
	for _, destination := range args.Destinations {
		kept[destination.Name] = destination.Bucket.Lifecycle.NoncurrentDays
	}
	facts.Source.NoncurrentDays = kept[facts.Source.Name]
	for bucket, destination := range facts.Destinations {
		destination.NoncurrentDays = kept[destination.Name]
		facts.Destinations[bucket] = destination
	}
}

// plannedMonitoring returns the alarms that the component will create.
func plannedMonitoring(subject model.Subject, args *ReplicatedBucket) *model.Monitoring {
	notifies := args.Monitoring.Notifies()
	thresholds := args.Monitoring.LatencySeconds + args.Monitoring.PendingOperations + args.Monitoring.PendingBytes
	monitoring := &model.Monitoring{Requested: notifies || thresholds > 0, Notifies: model.FactOf(notifies)}
	for _, rule := range args.Topology().ReplicationRules() {
		if rule.From() != subject.Facts.Source.Name {
			continue
		}
		for _, metric := range args.Monitoring.WatchedMetrics(rule) {
			monitoring.Alarms = append(monitoring.Alarms, model.AlarmFacts{Metric: metric, Rule: rule.ID})
		}
	}
	return monitoring
}

// rulePaths returns the path of the configured rule for each rule: rules for several
// destinations have the destination's name appended to their id.
func rulePaths(rules []s3config.Rule, specs []replication.RuleSpec) []string {
	paths := make([]string, len(rules))
	for i, rule := range rules {
		paths[i] = "rules"
		longest := 0
		for j, spec := range specs {
			made := rule.ID == spec.ID || strings.HasPrefix(rule.ID, spec.ID+"-")
			if made && len(spec.ID) > longest {
				paths[i], longest = fmt.Sprintf("rules[%d]", j), len(spec.ID)
			}
		}
	}
	return paths
}

// Subjects returns one subject for each replicating bucket of a future deployment with
// the given name. The arguments must be valid.
func (a *ReplicatedBucket) Subjects(name string) []model.Subject {
	subjects := model.Subjects(a.Plan(name))
	for i := range subjects {
		subject := &subjects[i]
		subject.RulePaths = rulePaths(subject.Configuration.Rules, a.Rules)
		subject.Monitoring = plannedMonitoring(*subject, a)
		addFacts(&subject.Facts, a)
	}
	subjects[0].Advice = a.advise()
	return subjects
}
