package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Canary returns what the functions of canaries need: the policies that their
// roles have, and the statements for the buckets of accounts that the deployment
// does not manage.
func Canary(resources []Resource, deployments []replication.Descriptor) ([]Policy, error) {
	all := []Policy{}
	byName := func(a, b Resource) int { return strings.Compare(a.Name, b.Name) } // they are registered in any order
	for _, each := range slices.SortedStableFunc(slices.Values(resources), byName) {
		if each.Type != "aws:iam/rolePolicy:RolePolicy" {
			continue
		}
		ofCanary := strings.HasSuffix(each.Name, "-canary-policy")
		reader := strings.Contains(each.Name, "-canary-") && strings.HasSuffix(each.Name, "-reader-policy")
		if !ofCanary && !reader {
			continue
		}
		document, err := policy.Parse([]byte(each.text("policy")))
		if err != nil {
			return nil, fmt.Errorf("reading the policy of %s: %w", each.Name, err)
		}
		arn := "arn:" + partitionOf(each.Region) + ":iam::" + orAny(each.Account) + ":role/" + each.text("role")
		all = append(all, Policy{
			Principal: arn, Account: each.Account, Documents: []policy.Document{document},
			Notes: []string{"The deployment gives this role these rights: it is here to be looked at, and for a role that is made elsewhere."},
		})
	}
	for _, d := range deployments {
		all = append(all, forReaders(d)...)
	}
	return all, nil
}

// forReaders are the statements that let canaries look at their heartbeats in the
// buckets of accounts that the deployment does not manage. A HEAD request, with
// which they look, needs no right to the key.
func forReaders(d replication.Descriptor) []Policy {
	if d.Canary == nil {
		return nil
	}
	places := map[string]replication.DeployedBucket{}
	for _, place := range d.Buckets() {
		places[place.Name] = place
	}
	var all []Policy
	for _, reader := range d.Canary.Readers {
		from, to := places[reader.From], places[reader.At]
		if known(to.AccountID) != "" && to.AccountID == from.AccountID {
			continue
		}
		notes := []string{"Add these statements to the existing policy of this bucket: put-bucket-policy replaces the whole policy. " +
			"They are needed only if the bucket and the canary are in different accounts."}
		if strings.Contains(reader.RoleARN, "*") {
			notes = append(notes, "A principal cannot contain a pattern: after the deployment, --stack prints the name of the role.")
		}
		statements := model.HeartbeatStatements("", to.ARN, from.Bucket)
		for i := range statements {
			statements[i].Principal = policy.AWS(reader.RoleARN)
		}
		all = append(all, Policy{Resource: to.ARN, Account: known(to.AccountID), Notes: notes, Documents: []policy.Document{policy.New(statements...)}})
	}
	return all
}

func partitionOf(region string) string {
	partition, _ := replication.PartitionOf(region)
	return partition.ID
}

func orAny(account string) string {
	if account == "" {
		return everywhere
	}
	return account
}
