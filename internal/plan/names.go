package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// naming is AWS's rule for the names of a type of resource.
type naming struct {
	// what is the type of resource: "an IAM role".
	what string
	max  int
	// check returns an error for characters that AWS rejects.
	check func(name string) error
	see   string
}

const (
	maxBucketName = 63
	maxRoleName   = 64
	// keyIDLength is the length of a key id.
	keyIDLength = 36
	// suffix stands for the suffix that Pulumi appends to generated names: a hyphen and
	// seven random digits.
	// https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming
	suffix = "-0123456"
	// noLabel has the length of the label of a managed policy.
	noLabel = "01234567"
)

// The namings of all types of resources whose names Pulumi generates.
var (
	bucketNaming = naming{"a bucket", maxBucketName, checkGeneratedBucket, "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"}
	roleNaming   = naming{"an IAM role", maxRoleName, of(`[\w+=,.@-]`, "letters, digits and _+=,.@-"), awsdocs.IAMQuotas}
	policyNaming = naming{"an IAM policy", 128, of(`[\w+=,.@-]`, "letters, digits and _+=,.@-"), awsdocs.IAMQuotas}
	// aliasNaming does not count the prefix "alias/", which Pulumi adds.
	aliasNaming = naming{
		"the alias of a KMS key", 250 - len("alias/"), of(`[a-zA-Z0-9/_-]`, "letters, digits and /_-"),
		"https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html",
	}
	alarmNaming    = naming{"a CloudWatch alarm", 255, of(`[^[:cntrl:]]`, "characters other than control characters"), "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"}
	logGroupNaming = naming{
		"a log group", 512, of(`[a-zA-Z0-9_/.#-]`, "letters, digits and _/.#-"),
		"https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
	}
	scheduleNaming = naming{"an EventBridge rule", 64, of(`[a-zA-Z0-9_.-]`, "letters, digits and _.-"), "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html"}
	functionNaming = naming{"a Lambda function", 64, of(`[a-zA-Z0-9_-]`, "letters, digits and _-"), "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html"}
	topicNaming    = naming{"an SNS topic", 256, of(`[a-zA-Z0-9_-]`, "letters, digits and _-"), "https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html"}
	queueNaming    = naming{
		"an SQS queue", 80, of(`[a-zA-Z0-9_-]`, "letters, digits and _-"),
		"https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
	}
	statementNaming = naming{
		"a statement of a Lambda function's policy", 100, of(`[a-zA-Z0-9_-]`, "letters, digits and _-"),
		"https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html",
	}
)

func of(class, allowed string) func(string) error {
	pattern := regexp.MustCompile("^" + class + "+$")
	return func(name string) error {
		if pattern.MatchString(name) {
			return nil
		}
		return fmt.Errorf("%q has invalid characters; use %s", name, allowed)
	}
}

// checkGeneratedBucket checks the name as Pulumi writes it: in lower case.
func checkGeneratedBucket(name string) error {
	lower := strings.ToLower(name)
	if len(lower) > maxBucketName {
		lower = lower[:maxBucketName-1] + "x" // too long, which is another problem
	}
	return awsid.CheckBucketName(lower)
}

// ResourceName is the future name of a resource.
type ResourceName struct {
	naming
	name string
	// path of the argument that determines the name.
	path string
	// given reports that the name gets no suffix.
	given bool
	// instead is the argument that sets the resource's name, if there is one.
	instead string
}

// String returns the name, without the suffix that Pulumi appends.
func (n ResourceName) String() string { return n.name }

func (n ResourceName) whole() string {
	if n.given {
		return n.name
	}
	return n.name + suffix
}

// over returns by how many characters the name is too long.
func (n ResourceName) over() int { return len(n.whole()) - n.max }

// CheckNames reports names that AWS would reject: for each path the longest name that
// is too long, and one with invalid characters.
func CheckNames(names []ResourceName) replication.Problems {
	var problems replication.Problems
	var paths []string
	byPath := map[string][]ResourceName{}
	for _, each := range names {
		if !slices.Contains(paths, each.path) {
			paths = append(paths, each.path)
		}
		byPath[each.path] = append(byPath[each.path], each)
	}
	for _, path := range paths {
		longest := slices.MaxFunc(byPath[path], func(a, b ResourceName) int { return cmp.Compare(a.over(), b.over()) })
		if longest.over() > 0 {
			problems.AddSee(longest.see, path, "%s", longest.tooLong())
		}
		for _, each := range byPath[path] {
			if err := each.check(each.whole()); err != nil {
				problems.AddSee(each.see, path, "the name of %s would be %s", each.what, err)
				break
			}
		}
	}
	return problems
}

func (n ResourceName) tooLong() string {
	appended := ""
	if !n.given {
		appended = fmt.Sprintf(", with the %d that Pulumi appends", len(suffix))
	}
	text := fmt.Sprintf("makes the name of %s too long: %q has %d characters%s, and AWS accepts %d. Shorten the names in it by %d",
		n.what, n.whole(), len(n.whole()), appended, n.max, n.over())
	if n.instead != "" {
		text += fmt.Sprintf(", or set its name (%s); a deployed resource must keep its current name", n.instead)
	}
	return text
}

// CheckNames returns an error if the name of the component leads to resource names that
// AWS rejects. The error is a [replication.Problems].
func (a *ReplicatedBucket) CheckNames(name string) error {
	return CheckNames(a.Names(name)).Err()
}

// Problems returns the problems of the arguments and of the resource names.
func (a *ReplicatedBucket) Problems(name string) error {
	err := a.Validate()
	if a == nil {
		return err
	}
	problems, _ := err.(replication.Problems) //nolint:errorlint // Validate returns the list itself.
	return slices.Concat(CheckNames(a.Names(name)), problems).Err()
}

// Names returns the names of all resources whose names Pulumi generates.
func (a *ReplicatedBucket) Names(name string) []ResourceName {
	var names []ResourceName
	rules := a.Topology().ReplicationRules()
	for _, bucket := range a.namedBuckets() {
		if replication.CheckName(bucket.name) != nil {
			continue // and the name is refused
		}
		path := "name"
		if bucket.name != replication.SourceName {
			path = a.PathOf(bucket.name) + ".name"
		}
		names = append(names, bucket.args.Names(name+"-"+bucket.name, path)...)
		if len(RulesFrom(rules, bucket.name)) == 0 {
			continue
		}
		names = append(names, a.Role.At(bucket.name).Names(ResourcePrefix(name, bucket.name)+"-role", path)...)
		if a.Canary != nil && len(WatchedRules(rules, bucket.name)) > 0 {
			readers := Linked(rules, bucket.name, replication.Rule.From, DestinationOf)
			names = append(names, CanaryNames(ResourcePrefix(name, bucket.name)+"-canary", path, a.foreign(bucket, readers))...)
		}
		if a.Monitoring.FailureQueue && a.Monitoring.NotifiesOf(bucket.args, RulesFrom(rules, bucket.name)) {
			names = append(names, QueueNames(name+"-"+bucket.name+"-notifications-failures", path)...)
		}
	}
	return append(names, a.Monitoring.Names(name+"-alarms", rules, a.Canary != nil)...)
}

// foreign returns the names of the buckets that may be in another account than the
// given one.
func (a *ReplicatedBucket) foreign(from namedBucket, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		for _, bucket := range a.namedBuckets() {
			if bucket.name == name {
				return !from.args.OwnProvider && !bucket.args.OwnProvider &&
					awsid.AccountOf(from.args.AssumeRoleARN) == awsid.AccountOf(bucket.args.AssumeRoleARN)
			}
		}
		return true
	})
}

// Names returns the names of a bucket and its key.
func (a Bucket) Names(name, path string) []ResourceName {
	var names []ResourceName
	if a.Existing {
		return nil
	}
	if a.Bucket == "" {
		names = append(names, ResourceName{naming: bucketNaming, name: name, path: path, instead: "bucket"})
	}
	if a.KMSKeyARN == "" {
		names = append(names, ResourceName{naming: aliasNaming, name: name + "-alias", path: path})
	}
	return names
}

// Names returns the names of a role and its policies.
func (a Role) Names(name, path string) []ResourceName {
	if a.ARN != "" {
		return nil
	}
	role := ResourceName{naming: roleNaming, name: name, path: path, instead: "role.name"}
	if a.Name != "" {
		role = ResourceName{naming: roleNaming, name: a.Name, path: "role.name", given: true}
	}
	return []ResourceName{role, {naming: policyNaming, name: name + "-policy-" + noLabel, path: path}}
}

// CanaryNames returns the names of the resources of a canary that has readers at some destinations.
func CanaryNames(name, path string, readers []string) []ResourceName {
	names := []ResourceName{
		{naming: roleNaming, name: name + "-role", path: path},
		{naming: policyNaming, name: name + "-policy", path: path},
		{naming: functionNaming, name: name + "-function", path: path},
		{naming: scheduleNaming, name: name + "-schedule", path: path},
		{naming: logGroupNaming, name: name + "-log", path: path},
	}
	for _, reader := range readers {
		names = append(names, ResourceName{naming: roleNaming, name: name + "-" + reader + "-reader", path: path})
	}
	return names
}

// QueueNames returns the names of a failure queue and its dead-letter queue.
func QueueNames(name, path string) []ResourceName {
	return []ResourceName{
		{naming: queueNaming, name: name, path: path},
		{naming: queueNaming, name: name + "-dead-letters", path: path},
	}
}

// Names returns the names of the alarms on rules. Those of composite alarms end with
// the name of the source bucket.
func (a Monitoring) Names(name string, rules []replication.Rule, canary bool) []ResourceName {
	names := []ResourceName{{
		naming: alarmNaming, name: strings.Join([]string{name, "us-gov-east-1", placeholderAccount, longest("", maxBucketName)}, "-"), path: "name", given: true,
	}}
	for _, rule := range rules {
		metrics := a.Watched(rule)
		if canary && rule.Status == replication.Enabled {
			metrics = append(metrics, Metric{Alarm: HeartbeatAlarm})
		}
		for _, metric := range metrics {
			names = append(names, ResourceName{naming: alarmNaming, name: AlarmName(name, rule, metric), path: "rules"})
		}
	}
	return names
}

// BucketNames returns the name of a bucket without a key.
func BucketNames(name string) []ResourceName {
	return []ResourceName{{naming: bucketNaming, name: name, path: "name"}}
}

// TopicNames returns the name of a topic.
func TopicNames(name string) []ResourceName {
	return []ResourceName{{naming: topicNaming, name: name, path: "name"}}
}

// TrailNames returns the names of a trail's log bucket and key and, if it sends events
// to a log group, of its role.
func TrailNames(name string, events bool) []ResourceName {
	names := []ResourceName{
		{naming: bucketNaming, name: name + "-logs", path: "name"},
		{naming: aliasNaming, name: name + "-alias", path: "name"},
	}
	if events {
		names = append(names, ResourceName{naming: roleNaming, name: name + "-events-role", path: "name"})
	}
	return names
}

// StatementID returns the statement id of a permission to invoke a Lambda function if
// the generated id would be too long, and otherwise "". It ends with a digest of the
// name.
func StatementID(name string) string {
	generated := ResourceName{naming: statementNaming, name: name}
	if generated.over() <= 0 {
		return ""
	}
	sum := sha256.Sum256([]byte(name))
	return name[:statementNaming.max-len(suffix)-1] + "-" + hex.EncodeToString(sum[:4])
}
