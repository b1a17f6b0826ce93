package live

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// identityPatience is how long STS of one region may take to say which account
// credentials are of.
const identityPatience = 10 * time.Second

// CheckAccounts compares the accounts of the credentials with those of the places
// that they are for. In another account, every question about a deployment has a
// wrong answer: what is not there looks as if it was deleted. Where no region says
// which account it is, there is nothing to compare, and the places are asked.
func (s *Sessions) CheckAccounts(ctx context.Context, descriptors ...replication.Descriptor) error {
	regions := map[string][]string{} // by the ARN of the role
	var wanted []replication.DeployedBucket
	for _, descriptor := range descriptors {
		for _, place := range descriptor.Buckets() {
			if place.AssumeRoleARN == "" && place.Existing || len(place.AccountID) != 12 {
				continue // it may be in an account that no credentials are for
			}
			role := place.AssumeRoleARN
			if !slices.Contains(regions[role], place.Region) {
				regions[role] = append(regions[role], place.Region)
			}
			if !slices.ContainsFunc(wanted, func(p replication.DeployedBucket) bool {
				return p.AssumeRoleARN == role && p.AccountID == place.AccountID
			}) {
				wanted = append(wanted, place)
			}
		}
	}
	accounts := map[string]string{}
	for _, place := range wanted {
		role := place.AssumeRoleARN
		if _, asked := accounts[role]; !asked {
			var err error
			if accounts[role], err = s.account(ctx, place, regions[role]); err != nil {
				return err
			}
		}
		if is := accounts[role]; is != "" && is != place.AccountID {
			return wrongAccount(place, is)
		}
	}
	return nil
}

func wrongAccount(place replication.DeployedBucket, is string) error {
	if place.AssumeRoleARN != "" {
		return fmt.Errorf("the role %s is in the account %s, and s3://%s in %s: give the descriptor of the deployment as it is", place.AssumeRoleARN, is, place.Bucket, place.AccountID)
	}
	return fmt.Errorf("the AWS credentials are those of the account %s, and s3://%s is in %s: use credentials of that account (`crr whoami` shows which are in use), "+
		"or name a role to assume there: --assume-role arn:aws:iam::%s:role/NAME", is, place.Bucket, place.AccountID, place.AccountID)
}

// account is that of credentials, from the first region that answers, or "". What
// is the same in every region, such as an expired session, is an error.
func (s *Sessions) account(ctx context.Context, place replication.DeployedBucket, regions []string) (string, error) {
	for _, region := range regions {
		asking, cancel := context.WithTimeout(ctx, identityPatience)
		found, err := sts.NewFromConfig(s.In(place, region)).GetCallerIdentity(asking, &sts.GetCallerIdentityInput{})
		cancel()
		switch kind := troubleOf(err); {
		case err == nil:
			return aws.ToString(found.Account), nil
		case ctx.Err() != nil:
			return "", ctx.Err()
		case kind != nil && kind.everywhere:
			return "", Failed("asking AWS in "+region+" whose credentials these are", place, err)
		}
	}
	return "", nil
}

// AssumeRoles has places assume roles of their accounts, where they are in other
// accounts than the credentials at hand and the deployment named no role: it was
// made with a provider of its own.
func AssumeRoles(descriptors []replication.Descriptor, roles []string) error {
	for _, role := range roles {
		account := awsid.AccountOf(role)
		if account == "" || !strings.Contains(role, ":role/") {
			return fmt.Errorf("--assume-role: %q is not the ARN of a role, such as arn:aws:iam::111111111111:role/operator", role)
		}
		used := false
		assume := func(place *replication.DeployedBucket) {
			if place.AccountID == account {
				used = true
				place.AssumeRoleARN, place.ExternalID = role, ""
			}
		}
		for i := range descriptors {
			assume(&descriptors[i].Source)
			for j := range descriptors[i].Destinations {
				assume(&descriptors[i].Destinations[j])
			}
		}
		if !used {
			return fmt.Errorf("--assume-role: no bucket is in the account %s of the role %s", account, role)
		}
	}
	return nil
}
