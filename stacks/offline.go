package stacks

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// generated stands for the part of a name that is not known before a stack is
// deployed.
const generated = "<generated>"

// Subjects are the replications that the configuration describes, as they will
// be once they are deployed: for questions that are asked before that.
func (c Config) Subjects() []replication.Subject {
	var subjects []replication.Subject
	for i, r := range c.Replications {
		args := c.args(r)
		for _, subject := range planned(r.Name, args).Subjects() {
			subject.Path = fmt.Sprintf("replications[%d]", i)
			subject.RulePaths = rulePaths(subject.Configuration.Rules, args.Rules)
			subject.Monitoring = plannedMonitoring(subject, args)
			addFacts(&subject.Facts, args)
			subjects = append(subjects, subject)
		}
	}
	return subjects
}

// unknownAccount stands for the account of the credentials that deploy, until
// somebody has asked AWS for it.
const unknownAccount = "<account>"

// Descriptors are those that a deployment of the configuration is going to have,
// with stand-ins for what AWS has yet to name.
func (c Config) Descriptors() []replication.Descriptor {
	var descriptors []replication.Descriptor
	for _, r := range c.Replications {
		descriptors = append(descriptors, planned(r.Name, c.args(r)))
	}
	return descriptors
}

// planned is the descriptor that a deployment is going to have.
func planned(name string, args *crr.ReplicatedBucketArgs) replication.Descriptor {
	account := ownAccount(args)
	descriptor := replication.Descriptor{
		Version: replication.DescriptorVersion, Name: name, Direction: args.Direction,
		Source: plannedPlace(name, replication.SourceName, args.Source, account),
		Rules:  args.Topology().ReplicationRules(),
	}
	descriptor.RoleARN = cmp.Or(plainly(args.Role.ARN), plannedRole(name, descriptor.Source, args.Role))
	for _, destination := range args.Destinations {
		place := plannedPlace(name, destination.Name, destination.Bucket, account)
		place.RoleARN = plannedRole(name, place, args.Role)
		descriptor.Destinations = append(descriptor.Destinations, place)
	}
	return descriptor
}

// ownAccount is that of the credentials that deploy, as far as the arguments
// tell: without a role to assume, the role that replicates and an existing source
// are theirs.
func ownAccount(args *crr.ReplicatedBucketArgs) string {
	if args.Source.AssumeRoleARN != "" {
		return unknownAccount
	}
	account := replication.AccountOf(plainly(args.Role.ARN))
	if args.Source.Existing {
		account = cmp.Or(account, args.Source.AccountID, replication.AccountOf(plainly(args.Source.KMSKeyARN)))
	}
	return cmp.Or(account, unknownAccount)
}

func plannedPlace(name, place string, args crr.BucketArgs, account string) replication.DeployedPlace {
	bucket := args.Bucket
	if bucket == "" {
		bucket = strings.Join([]string{name, place, generated}, "-")
	}
	key := plainly(args.KMSKeyARN)
	if args.AssumeRoleARN != "" {
		account = replication.AccountOf(args.AssumeRoleARN)
	}
	if args.Existing {
		account = cmp.Or(args.AccountID, replication.AccountOf(key), account)
	} else if key == "" {
		partition, _ := replication.PartitionOf(args.Region)
		key = fmt.Sprintf("arn:%s:kms:%s:%s:key/%s", partition.ID, args.Region, account, generated)
	}
	var decryptKeys []string
	for _, decryptKey := range args.DecryptKeyARNs {
		decryptKeys = append(decryptKeys, plainly(decryptKey))
	}
	return replication.DeployedPlace{
		Name: place, Bucket: bucket, ARN: replication.BucketARN(args.Region, bucket),
		Region: args.Region, AccountID: account, KMSKeyARN: key, DecryptKeyARNs: decryptKeys,
		AssumeRoleARN: args.AssumeRoleARN, ObjectLock: args.ObjectLock != nil, Existing: args.Existing,
	}
}

// plainly is the text of an input, which a configuration has all of.
func plainly(input pulumi.StringInput) string {
	text, _ := input.(pulumi.String)
	return string(text)
}

// plannedRole is the role that replicates from a place.
func plannedRole(name string, place replication.DeployedPlace, args crr.RoleArgs) string {
	partition, _ := replication.PartitionOf(place.Region)
	parts := []string{cmp.Or(args.Name, name)}
	if place.Name != replication.SourceName {
		parts = append(parts, place.Name)
	}
	if args.Name == "" {
		parts = append(parts, "role", generated)
	}
	return fmt.Sprintf("arn:%s:iam::%s:role%s%s", partition.ID, place.AccountID, cmp.Or(args.Path, "/"), strings.Join(parts, "-"))
}

// addFacts adds what the configuration says and a descriptor does not.
func addFacts(facts *replication.Facts, args *crr.ReplicatedBucketArgs) {
	facts.AsDeployed = false
	if args.Role.ARN != nil {
		facts.Role.Decrypts = nil // it may decrypt with more keys than ours
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

// plannedMonitoring are the alarms that the component makes.
func plannedMonitoring(subject replication.Subject, args *crr.ReplicatedBucketArgs) *replication.Monitoring {
	told := args.Monitoring.Notifies()
	thresholds := args.Monitoring.LatencySeconds + args.Monitoring.PendingOperations + args.Monitoring.PendingBytes
	monitoring := &replication.Monitoring{Asked: told || thresholds > 0, Notifies: replication.FactOf(told)}
	for _, rule := range args.Topology().ReplicationRules() {
		if rule.From() != subject.Facts.Source.Name {
			continue
		}
		for _, metric := range args.Monitoring.WatchedMetrics(rule) {
			monitoring.Alarms = append(monitoring.Alarms, replication.AlarmFacts{Metric: metric, Rule: rule.ID})
		}
	}
	return monitoring
}

// rulePaths says for every rule which one of the file it was made of: rules for
// several destinations have the destination's name appended to their id.
func rulePaths(rules []replication.ConfigurationRule, specs []crr.RuleArgs) []string {
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
