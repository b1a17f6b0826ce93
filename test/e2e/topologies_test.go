package e2e

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// TestTopologies runs each topology through its lifecycle: created, changed,
// unchanged, and destroyed.
func TestTopologies(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		before, after string
		rules         []string
		// locked buckets can be destroyed only after the stack's protection is
		// removed.
		locked bool
		// removes means that a destination is removed.
		removes bool
		// also checks the final deployment.
		also func(*testing.T, *lab, replication.Descriptor)
	}{
		"three regions from a list, one added and one removed": {
			before: `{ name: data, source: { region: us-east-1 }, destinations: [
				{ name: us-west-2, region: us-west-2, storageClass: STANDARD_IA },
				{ name: eu-west-1, region: eu-west-1, storageClass: STANDARD_IA },
				{ name: ap-southeast-1, region: ap-southeast-1, storageClass: STANDARD_IA } ] }`,
			after: `{ name: data, source: { region: us-east-1 }, destinations: [
				{ name: us-west-2, region: us-west-2, storageClass: GLACIER_IR },
				{ name: ap-southeast-1, region: ap-southeast-1, storageClass: GLACIER_IR },
				{ name: ap-south-1, region: ap-south-1, storageClass: GLACIER_IR } ] }`,
			rules:   []string{"us-west-2", "ap-southeast-1", "ap-south-1"},
			removes: true,
		},
		"rules by prefix, tags and preset, added, and a role that is limited": {
			before: `{ name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2, bucket: replicas-for-reading }],
				rules: [{ id: rest, preset: logs }] }`,
			after: `{ name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2, bucket: replicas-for-reading, statements: [
					{ Sid: LetAuditorsRead, Effect: Allow, Principal: { AWS: "arn:aws:iam::222222222222:root" },
						Action: "s3:GetObject", Resource: "arn:aws:s3:::replicas-for-reading/*" } ] }],
				role: { permissionsBoundary: "$BOUNDARY" }, rules: [
				{ id: critical, prefix: finance/, tags: { class: critical }, preset: critical },
				{ id: tagged, tags: { class: public }, storageClass: ONEZONE_IA },
				{ id: off, prefixes: [tmp/, cache/], enabled: false },
				{ id: rest, preset: compliance } ] }`,
			rules: []string{"critical", "tagged", "off-1", "off-2", "rest"},
			also: func(t *testing.T, l *lab, d replication.Descriptor) {
				t.Helper()
				role, err := l.in("us-east-1").iam.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String(path.Base(d.RoleARN))})
				require.NoError(t, err)
				require.NotNil(t, role.Role.PermissionsBoundary)
				assert.Contains(t, aws.ToString(role.Role.PermissionsBoundary.PermissionsBoundaryArn), ":policy/boundary")
				policy, err := l.in("us-west-2").s3.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: aws.String("replicas-for-reading")})
				require.NoError(t, err)
				assert.Contains(t, aws.ToString(policy.Policy), "LetAuditorsRead")
			},
		},
		"within one region": {
			before: `{ name: data, source: { region: us-east-1 }, destinations: [{ name: copy, region: us-east-1 }] }`,
			after: `{ name: data, source: { region: us-east-1 }, destinations: [{ name: copy, region: us-east-1, storageClass: STANDARD_IA }],
				rules: [{ id: finance, prefix: finance/ }, { id: copy }] }`,
			rules: []string{"finance", "copy"},
		},
		"in China": {
			before: `{ name: data, source: { region: cn-north-1 }, destinations: [{ name: dr, region: cn-northwest-1 }] }`,
			after: `{ name: data, source: { region: cn-north-1 }, destinations: [{ name: dr, region: cn-northwest-1, storageClass: STANDARD_IA }],
				rules: [{ id: finance, prefix: finance/ }, { id: dr }] }`,
			rules: []string{"finance", "dr"},
		},
		"in GovCloud, with a role of its own name": {
			before: `{ name: data, source: { region: us-gov-west-1 }, destinations: [{ name: dr, region: us-gov-east-1 }] }`,
			after: `{ name: data, source: { region: us-gov-west-1 }, destinations: [{ name: dr, region: us-gov-east-1, storageClass: STANDARD_IA }],
				rules: [{ id: finance, prefix: finance/ }, { id: dr }], role: { name: replicates, path: /storage/ } }`,
			rules: []string{"finance", "dr"},
		},
		"two-way, with a destination more": {
			before: `{ name: data, source: { region: us-east-1 }, destinations: [{ name: west, region: us-west-2 }] }`,
			after: `{ name: data, direction: two-way, source: { region: us-east-1 }, destinations: [
				{ name: west, region: us-west-2, storageClass: STANDARD_IA }, { name: eu, region: eu-west-1 }] }`,
			rules: []string{"west", "eu", "west", "eu"},
		},
		"into another account, and back, with a destination less": {
			before: `{ name: data, source: { region: us-east-1 }, destinations: [
				{ name: vault, region: us-west-2, assumeRoleArn: "arn:aws:iam::222222222222:role/deploy" }, { name: eu, region: eu-west-1 }] }`,
			after: `{ name: data, direction: two-way, source: { region: us-east-1 }, destinations: [
				{ name: vault, region: us-west-2, assumeRoleArn: "arn:aws:iam::222222222222:role/deploy", storageClass: STANDARD_IA }],
				rules: [{ id: finance, prefix: finance/ }, { id: vault }] }`,
			rules:   []string{"finance", "vault", "finance", "vault"},
			removes: true,
		},
		"locked, guarded, accelerated and cooling down": {
			before: `{ name: data, source: { region: us-east-1, objectLock: { mode: GOVERNANCE, days: 1 } }, destinations: [
				{ name: dr, region: us-west-2, objectLock: { mode: GOVERNANCE, days: 1 } }] }`,
			after: `{ name: data, source: { region: us-east-1, guard: {}, acceleration: true, objectLock: { mode: GOVERNANCE, days: 2 },
				intelligentTiering: { archiveDays: 90 },
				lifecycle: { noncurrentDays: 30, transitions: [{ days: 30, storageClass: INTELLIGENT_TIERING }] } }, destinations: [
				{ name: dr, region: us-west-2, storageClass: INTELLIGENT_TIERING,
					intelligentTiering: { archiveDays: 90, deepArchiveDays: 180 }, objectLock: { mode: GOVERNANCE, days: 1 } }],
				rules: [{ id: finance, prefix: finance/ }, { id: dr }] }`,
			rules:  []string{"finance", "dr"},
			locked: true,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			boundary := makeBoundary(t, l.in("us-east-1"))
			for _, described := range []string{c.before, c.after} {
				l.project(fmt.Sprintf("config:\n  crr:forceDestroy: true\n  crr:deletionWindowInDays: 7\n  crr:replications: [%s]\n",
					strings.NewReplacer("\t", " ", "$BOUNDARY", boundary).Replace(described)))
				l.up()
				if c.removes {
					l.leave()
				}
				l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
			}
			deployed := l.descriptors()[0]
			ids := []string{}
			for _, rule := range deployed.Rules {
				ids = append(ids, rule.ID)
			}
			assert.Equal(t, c.rules, ids)
			if c.also != nil {
				c.also(t, l, deployed)
			}
			if c.locked {
				l.unprotect()
			}
			l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
			for _, place := range append(deployed.Destinations, deployed.Source) {
				require.Empty(t, l.in(place.Region).leftovers(t.Context(), t))
			}
		})
	}
}

// leave removes the provider of a removed destination: the update that removes the
// destination still needs it, and the next one does not.
func (l *lab) leave() {
	l.t.Helper()
	l.up()
}

// unprotect lets a protected stack be destroyed.
func (l *lab) unprotect() {
	l.t.Helper()
	output, err := l.run("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
	require.Error(l.t, err, "the stack is destroyed without a word")
	require.Contains(l.t, output, "protected")
	l.mustRun("pulumi", "state", "unprotect", "--yes", "urn:pulumi:test::crr::crr:index:DeletionProtection::deletion-protection", "--stack", "test")
}

// makeBoundary creates a policy that limits roles to S3 and KMS, and returns its
// ARN.
func makeBoundary(t *testing.T, c clients) string {
	t.Helper()
	boundary, err := c.iam.CreatePolicy(t.Context(), &iam.CreatePolicyInput{
		PolicyName: aws.String("boundary"), PolicyDocument: aws.String(
			`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:*", "kms:*"], "Resource": "*"}]}`),
	})
	require.NoError(t, err)
	return aws.ToString(boundary.Policy.Arn)
}
