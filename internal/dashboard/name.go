package dashboard

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

var notOfNames = regexp.MustCompile(`[^A-Za-z0-9_-]`)

// Name joins parts to the name of a dashboard. An account has all its dashboards
// under one roof, whatever their region, and putting one replaces the one of the
// same name: so the parts should include project and stack. They are joined by what
// names of replications and, as a rule, of stacks do not have.
func Name(parts ...string) string {
	name := notOfNames.ReplaceAllString(strings.Join(parts, "_"), "-")
	return name[:min(len(name), maxNameLength)]
}

// URL is where the AWS console shows a dashboard.
func URL(region, name string) string {
	hosts := map[string]string{"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
	partition, _ := replication.PartitionOf(region)
	host, special := hosts[partition.ID]
	if !special {
		host = "console.aws.amazon.com"
	}
	return fmt.Sprintf("https://%[1]s.%[2]s/cloudwatch/home?region=%[1]s#dashboards/dashboard/%[3]s", region, host, name)
}
