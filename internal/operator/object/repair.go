package object

import (
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/compare"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/verify"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// awsdocs.BatchReplication links to S3 Batch Replication, which replicates noncurrent versions with
// their ids, metadata and locks.
// repairs returns the commands that remove a cause, by the id of the reason.
var repairs = map[string]func(verify.Link, model.Object) string{
	"source-unversioned": func(l verify.Link, _ model.Object) string { return enableVersioning(l.From) },
	"destination-unversioned": func(l verify.Link, _ model.Object) string {
		return enableVersioning(l.To)
	},
	"object-lock-missing": func(l verify.Link, _ model.Object) string {
		return live.S3API("put-object-lock-configuration", l.To) + " --object-lock-configuration ObjectLockEnabled=Enabled"
	},
	"replica-key-unusable": func(l verify.Link, _ model.Object) string {
		return enableKey(l.To.Region, l.Live.Facts.Destinations[l.To.Bucket].Keys)
	},
	"source-key-unusable": func(l verify.Link, o model.Object) string {
		keys := l.Live.Facts.Source.Keys
		if state, known := keys[o.KMSKey]; known {
			keys = map[string]model.KeyFacts{o.KMSKey: state}
		}
		return enableKey(l.From.Region, keys)
	},
	"rules-changed":          refresh,
	"not-permitted":          refresh,
	"DstBucketNotFound":      refresh,
	"AssumeRoleNotPermitted": refresh,
}

// refresh returns the command that restores resources of the stack. For adopted
// resources, `crr policy` prints the statements that their owners must add.
func refresh(l verify.Link, _ model.Object) string {
	if l.From.Existing || l.To.Existing {
		return "crr policy # statements for the owners of adopted buckets, keys and roles; for resources of the stack: pulumi up --refresh"
	}
	return "pulumi up --refresh"
}

func enableVersioning(place replication.DeployedBucket) string {
	return live.S3API("put-bucket-versioning", place) + " --versioning-configuration Status=Enabled"
}

// enableKey returns the commands that make unusable keys usable.
func enableKey(region string, keys map[string]model.KeyFacts) string {
	var commands []string
	for arn, key := range keys {
		if key.State == model.KeyPendingDeletion || key.State == model.KeyDisabled {
			commands = append(commands, live.EnableKey(arn, region, key.State))
		}
	}
	slices.Sort(commands) // a map has no order
	return strings.Join(commands, " && ")
}

// repair adds the commands that remove the causes, and then replicate the object.
func (e ends) repair(answer *Link) {
	object := e.here.object(e.key)
	add := func(command string) {
		if command != "" && !slices.Contains(answer.Fix, command) {
			answer.Fix = append(answer.Fix, command)
		}
	}
	for _, reason := range answer.Reasons {
		if command := repairs[reason.ID]; command != nil {
			add(command(e.link, object))
		}
	}
	if answer.Verdict == Unknown || answer.Verdict == Pending || e.here.Marker { // whether to delete the object there is up to the user
		return
	}
	command, whyNot := compare.CopyAgain(e.link.From, e.key, e.here.Attributes)
	if !e.isCurrent {
		whyNot = "it is not the current version"
	}
	if whyNot != "" {
		answer.Notes = append(answer.Notes, "it can't be copied onto itself, because "+whyNot+": remove the cause, then use S3 Batch Replication: "+awsdocs.BatchReplication)
		return
	}
	add(command)
}

func quoted(bucket, key string) string { return words.Quote("s3://" + bucket + "/" + key) }

func versionFlag(version string) string {
	if version == "" {
		return ""
	}
	return " --version-id " + words.Quote(version)
}
