package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"gotest.tools/v3/golden"
)

const pageHead = "# What the commands need to be allowed\n" + `
The credentials that deploy, and those of the commands that look at a deployment, need the rights on this page. ` + "`crr policy --for`" + ` prints them as
IAM policies for a topology, one for each account, with the names of its resources:

` + "```sh" + `
crr policy --for deploy --config Pulumi.prod.yaml --account 111111111111   # before the first deployment
crr policy --for deploy --config Pulumi.prod.yaml --stack prod             # for an edit that takes something away
crr policy --for verify --stack prod
crr policy --for canary --config Pulumi.prod.yaml                          # what the function does, and what other accounts must grant
` + "```" + `

The end-to-end tests deploy, change, verify, compare and destroy with exactly these policies, against a local AWS that enforces them, and fail where a policy has
an action that is not used. The tables are written from the same data: ` + "`go test ./internal/access -update`" + `.

- The commands use the credentials that the AWS CLI would use. For a bucket in another account they assume the role that manages it (` + "`assumeRoleArn`" + `): that role
  needs the rights there, and its trust policy must name the credentials. ` + "`crr whoami`" + ` shows which credentials are in use.
- Generated names end in a pattern (` + "`data-source-*`" + `). A statement with many names has the part that they have in common.
- A managed policy has at most 6,144 characters, so a large topology has several documents: attach all of them.
- What the commands may not read they report, and take it for no answer.
- ` + "`crr explain`, `crr lint`, `crr policy` and `crr describe`" + ` need no rights: they don't ask AWS.
`

// TestPage writes and checks the page of the documentation.
func TestPage(t *testing.T) {
	t.Parallel()
	var page strings.Builder
	page.WriteString(pageHead)
	page.WriteString("\n## Deploying\n\nMaking, reading, changing and deleting each type of resource that the topology has. *If* names the setting that makes a row necessary.\n\n")
	page.WriteString("| resource | if | actions | on |\n| --- | --- | --- | --- |\n")
	for _, each := range kinds {
		writeRows(&page, short(each.token), each.grants)
	}
	page.WriteString("\n## crr destroy-check and crr schedule-key-deletion\n\n`--for teardown` prints these. Deploying and destroying never delete the keys of buckets.\n\n")
	page.WriteString("| resource | if | actions | on |\n| --- | --- | --- | --- |\n")
	for _, each := range torn {
		writeRows(&page, short(each.token), each.grants)
	}
	for _, task := range []Task{ToVerify, ToStatus, ToReport, ToCompare, ToObject} {
		fmt.Fprintf(&page, "\n## crr %s\n\n%s| at | if | actions | on |\n| --- | --- | --- | --- |\n", task, remarks[task])
		for _, part := range slices.Sorted(maps.Keys(commands[task])) {
			writeRows(&page, part, commands[task][part])
		}
	}
	golden.Assert(t, page.String(), "../../../docs/permissions.md")
}

var remarks = map[Task]string{
	ToVerify:  "With `--no-write`, the rows about probed buckets and about using keys are not needed.\n\n",
	ToObject:  "What it may not read, `crr object` lists as not judged. Queues are looked into for objects that failed. Without the keys, checksums are not compared.\n\n",
	ToCompare: "Without `--attributes`, `s3:GetObjectRetention`, `s3:GetObjectLegalHold` and the keys are not needed. `--inventory` needs `s3:GetObject` on the reports.\n\n",
}

func short(token string) string {
	_, name, _ := strings.Cut(token, ":")
	name, _, _ = strings.Cut(name, ":")
	if token == "pulumi:providers:aws" {
		return "a provider of another account"
	}
	return "`aws:" + name + "`"
}

func writeRows(page *strings.Builder, subject string, grants []Grant) {
	for i, grant := range grants {
		if i > 0 {
			subject = ""
		}
		actions := slices.Sorted(slices.Values(grant.Actions))
		condition := ""
		for operator, keys := range grant.Condition {
			for key, values := range keys {
				condition = fmt.Sprintf(", where `%s` is `%s` (%s)", key, values[0], operator)
			}
		}
		wide := ""
		if grant.Wide != "" {
			wide = ": " + grant.Wide
		}
		when := grant.When
		if when != "" && when != notRetained {
			when = "`" + strings.ReplaceAll(when, "+", "` and `") + "`"
		}
		fmt.Fprintf(page, "| %s | %s | `%s` | `%s`%s%s |\n", subject, when, strings.Join(actions, "`, `"), strings.Join(grant.On, "`, `"), condition, wide)
	}
}
