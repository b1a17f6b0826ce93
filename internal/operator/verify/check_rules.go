package verify

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// checkRules reads the rules back, and returns the check of each by its id.
func (l *checklist) checkRules(f *flow, bucket *Check) map[string]*Check {
	about := "rules"
	if f.from.Name != replication.SourceName {
		about = "rules of " + f.from.Name
	}
	configured := l.check(about, "configuration", []*Check{bucket}, f.judgeConfiguration)
	rules := map[string]*Check{}
	for i := range f.deployed.Rules {
		wanted := &f.deployed.Rules[i]
		rules[wanted.ID] = l.check(about, wanted.ID, []*Check{configured}, func() outcome { return f.judgeRule(wanted) })
	}
	for i := range f.live.Configuration.Rules {
		found := &f.live.Configuration.Rules[i]
		if rules[found.ID] == nil {
			l.check(about, found.ID, nil, func() outcome {
				return amiss(fmt.Sprintf("%s has a rule %q to %s that was not deployed", f.from.url(), found.ID, found.Destination.Bucket),
					"write it into the stack's configuration, or take it away: `pulumi up --refresh` does")
			})
		}
	}
	return rules
}

func (f *flow) judgeConfiguration() outcome {
	switch answer := f.from.rules; {
	case answer.err != nil:
		return unanswered("reading the rules of "+f.from.url(), f.from.DeployedPlace, answer.err)
	case answer.value == nil:
		return wrong(f.from.url()+" has no replication configuration", restore).withFailure("SrcBucketReplicationConfigMissing")
	case answer.value.Role != f.deployed.Role:
		return wrong(fmt.Sprintf("S3 replicates %s with the role %s, and %s is what was deployed", f.from.url(), answer.value.Role, f.deployed.Role), restore)
	}
	return outcome{}
}

func (f *flow) judgeRule(wanted *replication.ConfigurationRule) outcome {
	at := slices.IndexFunc(f.live.Configuration.Rules, func(r replication.ConfigurationRule) bool { return r.ID == wanted.ID })
	if at < 0 {
		return wrong(fmt.Sprintf("%s has no rule %q any more", f.from.url(), wanted.ID), restore)
	}
	changes := difference(wanted, &f.live.Configuration.Rules[at])
	switch {
	case len(changes) == 0:
		return outcome{}
	case len(changes) == 1 && strings.HasPrefix(changes[0], "Status "):
		return wrong(fmt.Sprintf("the rule %q is %s, and was deployed %s", wanted.ID, f.live.Configuration.Rules[at].Status, wanted.Status),
			restore+"; what was written meanwhile needs S3 Batch Replication")
	}
	return wrong(fmt.Sprintf("the rule %q was changed by somebody else: %s", wanted.ID, strings.Join(changes, "; ")),
		restore+"; or write the change into the stack's configuration")
}

// difference names the fields in which a rule is not as deployed.
func difference(wanted, found *replication.ConfigurationRule) []string {
	before, after := fields(wanted), fields(found)
	paths := maps.Clone(before)
	maps.Copy(paths, after)
	var changes []string
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if before[path] != after[path] {
			changes = append(changes, fmt.Sprintf("%s is %s, deployed was %s", path, setting(path, after), setting(path, before)))
		}
	}
	return changes
}

// setting of a field, as S3 names it: a part that is left out is disabled.
func setting(path string, values map[string]string) string {
	if values[path] == "" && strings.HasSuffix(path, ".Status") {
		return string(replication.Disabled)
	}
	return orNothing(values[path])
}

// fields are the values of a rule by their paths. Left out is what means the
// same as being left out: what is empty, and the parts that are disabled.
func fields(rule *replication.ConfigurationRule) map[string]string {
	data, err := json.Marshal(rule)
	if err != nil {
		panic("verify: a rule that has no JSON: " + err.Error()) // it has no part that could fail
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		panic("verify: a rule whose JSON is none: " + err.Error())
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
