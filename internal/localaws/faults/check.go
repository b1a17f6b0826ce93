package faults

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/nearest"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

//go:embed operations.txt
var operationsText string

// operations are the valid values of a fault's API. Operations of Lambda and other
// services whose requests don't name their operation are not among them.
var operations = readOperations(operationsText)

func readOperations(text string) []string {
	var names []string
	for line := range strings.Lines(text) {
		if name := strings.TrimSpace(line); name != "" && !strings.HasPrefix(name, "#") {
			names = append(names, name)
		}
	}
	return names
}

// check rejects faults that would have no effect, so that a typo can't make a drill
// pass.
func (s *Set) check(f Fault) error {
	switch {
	case f.Kind == Latency && f.Delay <= 0:
		return errors.New("a latency needs a delay above 0")
	case f.Kind == Errors && (f.Rate <= 0 || f.Rate > 1):
		return errors.New("errors need a rate above 0 and not above 1")
	case f.Kind == RegionDown && f.Region == "":
		return errors.New("which region is down? name it with --region")
	case !slices.Contains([]Kind{Latency, Errors, RegionDown, Paused}, f.Kind):
		return fmt.Errorf("there is no fault %q: choose among %s, %s, %s, %s", f.Kind, Latency, Errors, RegionDown, Paused)
	case f.Kind == Paused && (f.API != "" || f.Region != ""):
		return errors.New("a pause applies to whole buckets: name only a source bucket, or nothing for all")
	case f.Kind != Paused && f.Bucket != "":
		return errors.New("only a pause applies to one bucket: name an API or a region")
	}
	if known, meant := replication.KnownRegion(f.Region); f.Region != "" && !known {
		return fmt.Errorf("%q is not an AWS region%s", f.Region, instead(meant, "name one such as us-east-1"))
	}
	if f.API != "" && !slices.ContainsFunc(operations, func(name string) bool { return strings.EqualFold(name, f.API) }) {
		return fmt.Errorf("no operation that faults support is called %q%s", f.API, instead(nearest.Word(f.API, operations),
			"name one of S3, KMS, IAM, STS, CloudWatch, CloudWatch Logs, CloudTrail, EventBridge, SNS or SQS, or of replication itself: ReplicateObject"))
	}
	return s.checkBucket(f.Bucket)
}

func (s *Set) checkBucket(name string) error {
	if name == "" || s.Replicating == nil {
		return nil
	}
	sources := s.Replicating()
	if slices.Contains(sources, name) {
		return nil
	}
	slices.Sort(sources)
	there := "no bucket has a replication configuration"
	if len(sources) > 0 {
		there = "there is " + strings.Join(sources, ", ")
	}
	return fmt.Errorf("there is no replication from a bucket %q%s", name, instead(nearest.Word(name, sources), there))
}

// instead returns similar names, or else the valid ones.
func instead(meant, otherwise string) string {
	if meant != "" {
		return "; did you mean " + meant + "?"
	}
	return "; " + otherwise
}
