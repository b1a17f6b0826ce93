package rules

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Differences names the fields in which a rule is not as it was deployed.
func Differences(wanted, found *s3config.Rule) []string {
	before, after := fields(wanted), fields(found)
	addDisabled(before, after)
	addDisabled(after, before)
	return words.Changes(before, after)
}

// addDisabled adds the parts that another rule has: S3 takes a part that is left
// out for disabled.
func addDisabled(values, other map[string]string) {
	for path := range other {
		if values[path] == "" && strings.HasSuffix(path, ".Status") {
			values[path] = string(replication.Disabled)
		}
	}
}

// fields are the values of a rule by their paths. Left out is what means the
// same as being left out: what is empty, and the parts that are disabled.
func fields(rule *s3config.Rule) map[string]string {
	data, err := json.Marshal(rule)
	if err != nil {
		panic("rules: a rule that has no JSON: " + err.Error()) // it has no part that could fail
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		panic("rules: a rule whose JSON is none: " + err.Error())
	}
	values := map[string]string{}
	flatten(values, "", tree)
	return values
}

func flatten(values map[string]string, path string, node any) {
	switch node := node.(type) {
	case map[string]any:
		for key, child := range node {
			flatten(values, strings.TrimPrefix(path+"."+key, "."), child)
		}
	case []any: // tags, in any order
		texts := make([]string, len(node))
		for i, child := range node {
			tag, _ := child.(map[string]any)
			texts[i] = fmt.Sprintf("%v=%v", tag["Key"], tag["Value"])
		}
		slices.Sort(texts)
		values[path] = strings.Join(texts, ",")
	default:
		text := fmt.Sprint(node)
		if node != nil && text != "" && (text != string(replication.Disabled) || path == "Status") {
			values[path] = text
		}
	}
}
