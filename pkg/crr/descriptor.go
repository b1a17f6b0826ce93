package crr

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// describe returns the [replication.Descriptor] of the deployment as a map, because
// most fields are known only after deployment.
func (b *ReplicatedBucket) describe(ctx *pulumi.Context, name string, args *ReplicatedBucketArgs) (pulumi.MapOutput, error) {
	rules, err := jsonOf(b.Rules)
	if err != nil {
		return pulumi.MapOutput{}, fmt.Errorf("describing the rules: %w", err)
	}
	destinations := pulumi.Array{}
	for _, destination := range args.Destinations {
		destinations = append(destinations, b.describeBucket(destination.Name))
	}
	descriptor := pulumi.Map{
		"version":      pulumi.Int(replication.DescriptorVersion),
		"name":         pulumi.String(name),
		"direction":    pulumi.String(b.direction(args)),
		"source":       b.describeBucket(replication.SourceName),
		"destinations": destinations,
		"roleArn":      b.Role.ARN,
		"rules":        pulumi.Any(rules),
		"alarms":       describeAlarms(b.Alarms.Alarms),
		"topics":       describeTopics(b.Alarms.Topics),
	}
	if composites := describeComposites(b.Alarms.Composites); len(composites) > 0 {
		descriptor["compositeAlarms"] = composites
	}
	if notifications := b.describeNotifications(args); len(notifications) > 0 {
		descriptor["notifications"] = notifications
	}
	if len(b.Canaries) > 0 {
		descriptor["canary"] = b.describeCanaries(args)
	}
	if args.Monitoring.Dashboard {
		descriptor["dashboard"] = pulumi.String(dashboardName(ctx, name))
	}
	descriptor["settings"] = b.describeSettings(ctx, args)
	return descriptor.ToMapOutput(), nil
}

func (b *ReplicatedBucket) direction(args *ReplicatedBucketArgs) replication.Direction {
	if args.Direction == "" {
		return replication.OneWay
	}
	return args.Direction
}

func (b *ReplicatedBucket) describeBucket(name string) pulumi.Map {
	bucket := b.buckets[name]
	described := pulumi.Map{
		"name":      pulumi.String(name),
		"bucket":    bucket.madeName,
		"arn":       bucket.madeARN,
		"region":    bucket.Region,
		"accountId": bucket.AccountID,
		"kmsKeyArn": bucket.KMSKeyARN,
	}
	if role := bucket.env.assumeRoleARN; role != nil && *role != "" {
		described["assumeRoleArn"] = pulumi.String(*role)
		if id := bucket.env.externalID; id != "" {
			described["externalId"] = pulumi.String(id)
		}
	}
	if _, replicates := b.roles[name]; replicates && len(bucket.decryptKeyARNs) > 0 {
		described["decryptKeyArns"] = bucket.decryptKeys()
	}
	if bucket.objectLock {
		described["objectLock"] = pulumi.Bool(true)
	}
	if bucket.keyChanges {
		described["keyChanges"] = pulumi.Bool(true)
	}
	if bucket.existing {
		described["existing"] = pulumi.Bool(true)
	}
	if notifications, sent := b.Notifications[name]; sent && notifications.args.eventBridge() {
		described["eventBridge"] = pulumi.Bool(true)
	}
	if role, replicates := b.roles[name]; replicates && name != replication.SourceName {
		described["roleArn"] = role.ARN
	}
	return described
}

func describeAlarms(alarms []Alarm) pulumi.Array {
	described := pulumi.Array{}
	for _, alarm := range alarms {
		described = append(described, pulumi.Map{
			"name":      alarm.Name,
			"region":    pulumi.String(alarm.Region),
			"accountId": alarm.AccountID,
			"metric":    pulumi.String(alarm.Metric),
			"rule":      pulumi.String(alarm.RuleID),
			"threshold": pulumi.Int(alarm.Threshold),
		})
	}
	return described
}

func describeComposites(composites []CompositeAlarm) pulumi.Array {
	described := pulumi.Array{}
	for _, composite := range composites {
		names := pulumi.StringArray{}
		for _, alarm := range composite.Alarms {
			names = append(names, alarm.Name)
		}
		described = append(described, pulumi.Map{
			"name":      composite.Name,
			"region":    pulumi.String(composite.Region),
			"accountId": composite.AccountID,
			"alarms":    names,
		})
	}
	return described
}

func (b *ReplicatedBucket) describeNotifications(args *ReplicatedBucketArgs) pulumi.Array {
	described := pulumi.Array{}
	for _, bucket := range args.namedBuckets() {
		notifications, asked := b.Notifications[bucket.name]
		if !asked {
			continue
		}
		for _, sent := range notifications.Sent {
			described = append(described, pulumi.Map{
				"place":     pulumi.String(bucket.name),
				"targetArn": sent.TargetARN,
				"events":    pulumi.ToStringArray(sent.Events),
			})
		}
	}
	return described
}

func (b *ReplicatedBucket) describeCanaries(args *ReplicatedBucketArgs) pulumi.Map {
	described := pulumi.Map{"everyMinutes": pulumi.Int(args.Canary.plan().Minutes())}
	readers := pulumi.Array{}
	for _, bucket := range args.namedBuckets() {
		canary, made := b.Canaries[bucket.name]
		if !made {
			continue
		}
		for _, at := range canary.destinations() {
			if there := b.buckets[at]; there.existing && !canary.env.foreign(there.env) {
				readers = append(readers, pulumi.Map{"roleArn": canary.RoleARN, "from": pulumi.String(bucket.name), "at": pulumi.String(at)})
			}
		}
	}
	if len(readers) > 0 {
		described["readers"] = readers
	}
	return described
}

func describeTopics(topics []Topic) pulumi.Array {
	described := pulumi.Array{}
	for _, topic := range topics {
		described = append(described, pulumi.Map{"arn": topic.ARN, "region": pulumi.String(topic.Region)})
	}
	return described
}

// jsonOf converts a value to the maps and lists of its JSON, which Pulumi can store.
func jsonOf(value any) (any, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var result any
	err = json.Unmarshal(data, &result)
	return result, err
}

// Policies returns the [replication.Grant]s of several replicated buckets as plain
// data, merged by resource: replicated buckets may share a destination or a role.
func Policies(buckets ...*ReplicatedBucket) pulumi.ArrayOutput {
	descriptors := pulumi.MapArray{}
	for _, bucket := range buckets {
		descriptors = append(descriptors, bucket.Descriptor)
	}
	return grants(descriptors)
}

// grants returns the grants that deployments need, once all descriptors are known.
func grants(descriptors pulumi.MapArray) pulumi.ArrayOutput {
	return descriptors.ToMapArrayOutput().ApplyT(func(values []map[string]any) ([]any, error) {
		data, err := json.Marshal(values)
		if err != nil {
			return nil, fmt.Errorf("reading the descriptors back: %w", err)
		}
		var known []replication.Descriptor
		if err := json.Unmarshal(data, &known); err != nil {
			return nil, fmt.Errorf("reading the descriptors back: %w", err)
		}
		all := []any{}
		for _, grant := range model.Grants(known...) {
			all = append(all, map[string]any{"resource": grant.Resource, "note": grant.Note, "document": grant.Document.JSON()})
		}
		return all, nil
	}).(pulumi.ArrayOutput)
}
