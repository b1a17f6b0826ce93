package crr

import (
	"encoding/json"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/internal/plan"
)

// config returns the configuration of the function, as JSON for its environment
// variable.
func (c *Canary) config(readers map[string]pulumi.StringInput) pulumi.StringOutput {
	names := append(c.destinations(), c.from)
	var inputs pulumi.StringArray
	for _, name := range names {
		inputs = append(inputs, c.args.Bucket.buckets[name].Bucket, orEmpty(readers[name]), c.args.Bucket.buckets[name].AccountID)
	}
	return inputs.ToStringArrayOutput().ApplyT(func(texts []string) (string, error) {
		buckets := map[string]heartbeat.Place{}
		for i, name := range names {
			buckets[name] = heartbeat.Place{
				Bucket: texts[3*i], Region: c.args.Bucket.buckets[name].env.region, RoleARN: texts[3*i+1], AccountID: texts[3*i+2],
			}
		}
		data, err := json.Marshal(plan.CanaryConfig(c.from, c.rules, buckets))
		return string(data), err
	}).(pulumi.StringOutput)
}

func orEmpty(input pulumi.StringInput) pulumi.StringInput {
	if input == nil {
		return pulumi.String("")
	}
	return input
}
