package replication

import "github.com/crr-io/pulumi-aws-crr/pkg/policy"

// Grant is what a policy must have for a deployment to replicate. Of roles,
// buckets and keys that the deployment made, the policies have it already; for
// those of others, this is what to hand to their owners.
type Grant struct {
	// Resource whose policy it is: the ARN of a role, a bucket or a key.
	Resource string `json:"resource"`
	// Document with the statements to add.
	Document policy.Document `json:"document"`
}

// Grants are everything that the policies of the deployment's roles must have,
// and those of buckets and keys where another account's role is to use them.
func (d Descriptor) Grants() []Grant {
	var grants []Grant
	for _, from := range d.Places() {
		targets := d.targets(from.Name)
		if len(targets) == 0 {
			continue
		}
		ends := make([]End, len(targets))
		for i, target := range targets {
			ends[i] = target.end()
		}
		grants = append(grants, Grant{d.roleOf(from), RolePolicy(from.end(), ends)})
	}
	for _, to := range d.Places() {
		grants = append(grants, d.grantsAt(to)...)
	}
	return grants
}

// grantsAt are what roles of other accounts need at a place.
func (d Descriptor) grantsAt(to DeployedPlace) []Grant {
	var foreign []string
	for _, from := range d.Places() {
		for _, target := range d.targets(from.Name) {
			if target.Name == to.Name && AccountOf(d.roleOf(from)) != to.AccountID {
				foreign = append(foreign, d.roleOf(from))
			}
		}
	}
	if len(foreign) == 0 {
		return nil
	}
	return []Grant{
		{to.ARN, policy.New(DestinationStatements(to.end(), foreign...)...)},
		{to.KMSKeyARN, policy.New(DestinationKeyStatements(to.end(), foreign...)...)},
	}
}

// Places are the source and the destinations, in this order.
func (d Descriptor) Places() []DeployedPlace {
	return append([]DeployedPlace{d.Source}, d.Destinations...)
}

// targets are the places that another one replicates to, each once.
func (d Descriptor) targets(from string) []DeployedPlace {
	var targets []DeployedPlace
	for _, place := range d.Places() {
		for _, rule := range d.Rules {
			if rule.From() == from && rule.Destination == place.Name {
				targets = append(targets, place)
				break
			}
		}
	}
	return targets
}

// roleOf is the role that replicates from a place.
func (d Descriptor) roleOf(place DeployedPlace) string {
	if place.Name == SourceName {
		return d.RoleARN
	}
	return place.RoleARN
}

func (p DeployedPlace) end() End {
	return End{Region: p.Region, Account: p.AccountID, BucketARN: p.ARN, KMSKeyARN: p.KMSKeyARN, ObjectLock: p.ObjectLock}
}
