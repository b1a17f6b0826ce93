package access

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Answer is what AWS would answer about a resource that is registered, as far as
// the inputs of others are made of it. A generated name ends in the suffix, and a
// key has the id.
func Answer(r Resource, suffix, keyID string) map[string]any {
	row, _ := kindOf(r.Type)
	name := r.text(row.name)
	if row.name == "" || name == "" {
		name = r.Name + suffix
	}
	arn := func(template string) string {
		filled := r
		filled.Name = strings.TrimSuffix(name, suffix)
		arns := filled.arns(kind{}, strings.NewReplacer("{name}", name, "{bucket}", name).Replace(template))
		if len(arns) == 0 {
			return ""
		}
		return arns[0]
	}
	switch r.Type {
	case "aws:s3/bucketV2:BucketV2":
		name = strings.ToLower(name)
		return map[string]any{"bucket": name, "arn": arn(bucketARN)}
	case "aws:kms/key:Key":
		return map[string]any{"keyId": keyID, "arn": arn("arn:{partition}:kms:{region}:{account}:key/" + keyID)}
	case "aws:kms/alias:Alias":
		return map[string]any{"name": "alias/" + name}
	case "aws:iam/role:Role":
		return map[string]any{"name": name, "arn": arn(roleARN)}
	case "aws:iam/policy:Policy":
		return map[string]any{"name": name, "arn": arn("arn:{partition}:iam::{account}:policy{path}{name}")}
	case "aws:sns/topic:Topic":
		return map[string]any{"arn": arn("arn:{partition}:sns:{region}:{account}:{name}")}
	case "aws:sqs/queue:Queue":
		return map[string]any{
			"arn": arn("arn:{partition}:sqs:{region}:{account}:{name}"),
			"url": fmt.Sprintf("https://sqs.%s.amazonaws.com/%s/%s", r.Region, r.Account, name),
		}
	case "aws:cloudwatch/metricAlarm:MetricAlarm":
		return map[string]any{"name": name, "arn": arn(alarmARN)}
	case "aws:cloudwatch/compositeAlarm:CompositeAlarm":
		return map[string]any{"arn": arn(alarmARN)}
	case "aws:cloudwatch/logGroup:LogGroup":
		return map[string]any{"name": name, "arn": arn(groupARN)}
	case "aws:cloudwatch/eventRule:EventRule":
		return map[string]any{"name": name, "arn": arn("arn:{partition}:events:{region}:{account}:rule/{name}")}
	case "aws:lambda/function:Function":
		return map[string]any{"name": name, "arn": arn(functionARN)}
	case "aws:cloudtrail/trail:Trail":
		return map[string]any{"arn": arn("arn:{partition}:cloudtrail:{region}:{account}:trail/{name}")}
	case "aws:s3/getBucket:getBucket":
		return map[string]any{"arn": arn(bucketARN), "region": r.Region}
	case "aws:kms/getKey:getKey":
		return map[string]any{"arn": r.text("keyId"), "enabled": true, "keyState": "Enabled"}
	case "aws:iam/getRole:getRole":
		return map[string]any{"arn": arn("arn:{partition}:iam::{account}:role/{name}")}
	default:
		return nil
	}
}

// AssumedRole is the ARN of the role that the inputs of a provider name, or "".
// The engine keeps what is structured as JSON.
func AssumedRole(inputs map[string]any) string {
	for _, input := range []string{"assumeRole", "assumeRoles"} {
		given := inputs[input]
		if text, ok := given.(string); ok {
			_ = json.Unmarshal([]byte(text), &given) // what is not JSON names no role
		}
		if list, ok := given.([]any); ok && len(list) > 0 {
			given = list[0]
		}
		if role, ok := given.(map[string]any); ok {
			arn, _ := role["roleArn"].(string)
			return arn
		}
	}
	return ""
}
