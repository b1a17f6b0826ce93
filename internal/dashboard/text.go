package dashboard

import (
	"fmt"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Runbooks is where each alarm is explained.
const Runbooks = "https://github.com/crr-io/pulumi-aws-crr/blob/main/docs/runbooks/README.md"

// costText says what the graphs next to it are about, and what none can be about.
const costText = `Each replicated operation is a PUT at the destination, and KMS requests at both ends.

**No metric counts the bytes sent between regions.** Cost Explorer has them, by usage type ` + "`…-AWS-Out-Bytes`" + `.

Keys count the requests of everybody, not just those of replication. Storage is that of all versions.`

// commands answer what a dashboard cannot.
func commands(v View, name string) string {
	if name != "" {
		name = " --replication-name " + name
	}
	var text strings.Builder
	text.WriteString("| question | answer |\n|---|---|\n")
	for _, row := range [][2]string{
		{"What does an alarm mean, and what to do?", runbooks(v)},
		{"Does it work right now? A composite alarm is OK even where nothing was measured.", fmt.Sprintf("`crr status --stack %s`", v.Stack)},
		{"Are all sides the same?", fmt.Sprintf("`crr compare --stack %s`", v.Stack)},
		{"Does this object replicate, and if not, why?", fmt.Sprintf("`crr explain --stack %s%s KEY`", v.Stack, name)},
	} {
		fmt.Fprintf(&text, "| %s | %s |\n", row[0], row[1])
	}
	text.WriteString("\nMade by Pulumi: the next update undoes what is changed here.\n")
	return text.String()
}

// runbooks are the links to where alarms are explained.
func runbooks(v View) string {
	if len(v.Runbooks) == 0 {
		return "[the runbooks](" + Runbooks + ")"
	}
	links := make([]string, len(v.Runbooks))
	for i, url := range v.Runbooks {
		links[i] = "[the runbooks](" + url + ")"
	}
	return strings.Join(links, ", ")
}

func detailText(v View, d replication.Descriptor) string {
	var text strings.Builder
	fmt.Fprintf(&text, "# %s\n", d.Name)
	for _, place := range placesOf(d) {
		fmt.Fprintf(&text, "* **%s** `%s` in %s of %s\n", place.Name, place.Bucket, place.Region, place.AccountID)
	}
	text.WriteString("\n" + commands(v, d.Name))
	if without := withoutMetrics(d); len(without) > 0 {
		fmt.Fprintf(&text, "\nNot shown, since S3 publishes nothing about them: %s.\n", strings.Join(without, ", "))
	}
	return text.String()
}

// withoutMetrics are the rules that S3 publishes nothing about.
func withoutMetrics(d replication.Descriptor) []string {
	var ids []string
	for _, rule := range d.Rules {
		switch {
		case rule.Status != replication.Enabled:
			ids = append(ids, rule.ID+" (not enabled)")
		case !rule.Metrics:
			ids = append(ids, rule.ID+" (no metrics)")
		}
	}
	return ids
}

func overviewText(v View, descriptors []replication.Descriptor) string {
	regions := map[string]bool{}
	for _, d := range descriptors {
		for _, place := range placesOf(d) {
			regions[place.Region] = true
		}
	}
	return fmt.Sprintf("# Replication of the stack %s\n%s in %s. A red area is beyond the threshold of an alarm.\n\n%s",
		v.Stack, count(len(descriptors), "replicated bucket"), count(len(regions), "region"), commands(v, ""))
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// rowText names a replicated bucket, with a link to its own dashboard where there
// is one.
func rowText(d replication.Descriptor) string {
	var text strings.Builder
	fmt.Fprintf(&text, "## %s\n%s\n", d.Name, d.Direction)
	for _, place := range placesOf(d) {
		fmt.Fprintf(&text, "* **%s** %s\n", place.Name, place.Region)
	}
	if d.Dashboard != "" {
		fmt.Fprintf(&text, "\n[more](%s)\n", URL(d.Source.Region, d.Dashboard))
	}
	return text.String()
}
