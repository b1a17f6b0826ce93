package crr

import (
	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func (args *NotificationTopicArgs) validate() replication.Problems {
	problems := replication.BucketSpec{Region: args.Region, AssumeRoleARN: args.AssumeRoleARN, KMSKeyARN: known(args.KMSKeyARN)}.Validate()
	problems = append(problems, plan.ValidateTags(args.Tags).Under("tags")...)
	if err := plan.CheckDeletionWindow(args.DeletionWindowInDays); err != nil {
		problems.AddSee(awsdocs.KeyDeletion, "deletionWindowInDays", "%s", err)
	}
	return append(problems, plain[plan.Monitoring](*args).ValidateSubscribers()...)
}
