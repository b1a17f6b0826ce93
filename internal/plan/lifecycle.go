package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	minArchiveDays     = 90
	minDeepArchiveDays = 180
	maxArchiveDays     = 730
)

func (a IntelligentTiering) validate() replication.Problems {
	var problems replication.Problems
	check := func(key string, days, least int) {
		if days != 0 && (days < least || days > maxArchiveDays) {
			problems.AddSee(awsdocs.IntelligentTiering, key, "%d is out of range; S3 accepts %d to %d days", days, least, maxArchiveDays)
		}
	}
	check("archiveDays", a.ArchiveDays, minArchiveDays)
	check("deepArchiveDays", a.DeepArchiveDays, minDeepArchiveDays)
	if a.ArchiveDays != 0 && a.DeepArchiveDays != 0 && a.DeepArchiveDays <= a.ArchiveDays {
		problems.AddSee(awsdocs.IntelligentTiering, "deepArchiveDays", "%d is not more than archiveDays, %d; use more days", a.DeepArchiveDays, a.ArchiveDays)
	}
	return problems
}

func (a Lifecycle) isSet() bool {
	return a.NoncurrentDays != 0 || len(a.Transitions) > 0 || len(a.NoncurrentTransitions) > 0
}

func (a Lifecycle) validate() replication.Problems {
	var problems replication.Problems
	if days := a.NoncurrentDays; days < 0 {
		problems.Add("noncurrentDays", "%d is not a number of days; use 1 or more, or omit it to keep all versions", days)
	}
	problems = append(problems, validateTransitions("transitions", a.Transitions)...)
	problems = append(problems, validateTransitions("noncurrentTransitions", a.NoncurrentTransitions)...)
	for i, transition := range a.NoncurrentTransitions {
		if a.NoncurrentDays > 0 && transition.Days >= a.NoncurrentDays {
			problems.AddSee(awsdocs.LifecycleTransitions, fmt.Sprintf("noncurrentTransitions[%d].days", i), "%d is not before noncurrentDays (%d), when the versions are deleted", transition.Days, a.NoncurrentDays)
		}
	}
	return problems
}

// minimumIADays is the minimum number of days in STANDARD_IA or ONEZONE_IA before a
// further transition, and in STANDARD before a transition to these classes.
const minimumIADays = 30

// waterfall is the order in which S3 moves objects through the classes.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
var waterfall = []replication.StorageClass{"STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"}

// validateTransitions checks each transition and their order, as S3 would.
func validateTransitions(field string, transitions []Transition) replication.Problems {
	var problems replication.Problems
	for i, transition := range transitions {
		path := fmt.Sprintf("%s[%d]", field, i)
		if transition.Days < 0 {
			problems.Add(path+".days", "%d is not a number of days", transition.Days)
		}
		if !transition.StorageClass.Valid() || transition.StorageClass == "STANDARD" {
			problems.Add(path+".storageClass", "%q is not a storage class for transitions", transition.StorageClass)
		}
		if days := transition.Days; days < minimumIADays && isIA(transition.StorageClass) {
			problems.AddSee(awsdocs.LifecycleTransitions, path+".days", "%d is too early for %s; S3 moves objects there after %d days at the earliest", days, transition.StorageClass, minimumIADays)
		}
		for _, other := range transitions {
			problems = append(problems, validateOrder(path, other, transition)...)
		}
		if slices.ContainsFunc(transitions[:i], func(t Transition) bool { return t.StorageClass == transition.StorageClass }) {
			problems.AddSee(awsdocs.LifecycleTransitions, path+".storageClass", "%s is listed twice", transition.StorageClass)
		}
	}
	return problems
}

func isIA(class replication.StorageClass) bool { return strings.HasSuffix(string(class), "_IA") }

// validateOrder checks a transition against one to an earlier class in the waterfall.
func validateOrder(path string, before, after Transition) replication.Problems {
	var problems replication.Problems
	from, to := slices.Index(waterfall, before.StorageClass), slices.Index(waterfall, after.StorageClass)
	if from < 0 || from >= to {
		return nil
	}
	earliest, why := before.Days+1, "S3 moves objects from warmer to colder classes only"
	if isIA(before.StorageClass) {
		earliest, why = before.Days+minimumIADays, fmt.Sprintf("S3 keeps objects in %s for %d days", before.StorageClass, minimumIADays)
	}
	if after.Days < earliest {
		problems.AddSee(awsdocs.LifecycleTransitions, path+".days", "%d is too early for %s, because objects move to %s after %d; use %d or more: %s",
			after.Days, after.StorageClass, before.StorageClass, before.Days, earliest, why)
	}
	return problems
}
