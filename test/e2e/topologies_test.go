package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTopologies takes each topology through its life: made, changed, looked at
// without a change, and destroyed.
func TestTopologies(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		before, after string
		rules         []string
	}{
		"several destinations, one added and one removed": {
			`{ name: data, source: { region: us-east-1 }, destinations: [
				{ name: dr, region: us-west-2, storageClass: STANDARD_IA }, { name: eu, region: eu-west-1 } ] }`,
			`{ name: data, source: { region: us-east-1 }, destinations: [
				{ name: dr, region: us-west-2, storageClass: GLACIER_IR }, { name: ap, region: ap-south-1 } ] }`,
			[]string{"dr", "ap"},
		},
		"rules by prefix and tags, one added": {
			`{ name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }], rules: [{ id: rest }] }`,
			`{ name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }], rules: [
				{ id: critical, prefix: finance/, tags: { class: critical }, replicationTimeControl: true },
				{ id: tagged, tags: { class: public }, storageClass: ONEZONE_IA },
				{ id: off, prefixes: [tmp/, cache/], enabled: false },
				{ id: rest } ] }`,
			[]string{"critical", "tagged", "off-1", "off-2", "rest"},
		},
		"within one region": {
			`{ name: data, source: { region: us-east-1 }, destinations: [{ name: copy, region: us-east-1 }] }`,
			`{ name: data, source: { region: us-east-1 }, destinations: [{ name: copy, region: us-east-1, storageClass: STANDARD_IA }] }`,
			[]string{"copy"},
		},
		"in China": {
			`{ name: data, source: { region: cn-north-1 }, destinations: [{ name: dr, region: cn-northwest-1 }] }`,
			`{ name: data, source: { region: cn-north-1 }, destinations: [{ name: dr, region: cn-northwest-1, storageClass: STANDARD_IA }] }`,
			[]string{"dr"},
		},
		"in GovCloud, with a role of its own name": {
			`{ name: data, source: { region: us-gov-west-1 }, destinations: [{ name: dr, region: us-gov-east-1 }] }`,
			`{ name: data, source: { region: us-gov-west-1 }, destinations: [{ name: dr, region: us-gov-east-1 }],
				role: { name: replicates, path: /storage/ } }`,
			[]string{"dr"},
		},
		"two-way": {
			`{ name: data, source: { region: us-east-1 }, destinations: [{ name: west, region: us-west-2 }] }`,
			`{ name: data, direction: two-way, source: { region: us-east-1 }, destinations: [{ name: west, region: us-west-2 }] }`,
			[]string{"west", "west"},
		},
		"into another account, and back": {
			`{ name: data, source: { region: us-east-1 }, destinations: [
				{ name: vault, region: us-west-2, assumeRoleArn: "arn:aws:iam::222222222222:role/deploy" }] }`,
			`{ name: data, direction: two-way, source: { region: us-east-1 }, destinations: [
				{ name: vault, region: us-west-2, assumeRoleArn: "arn:aws:iam::222222222222:role/deploy" }] }`,
			[]string{"vault", "vault"},
		},
		"locked, guarded, accelerated and cooling down": {
			`{ name: data, source: { region: us-east-1, objectLock: { mode: GOVERNANCE, days: 1 } }, destinations: [
				{ name: dr, region: us-west-2, objectLock: { mode: GOVERNANCE, days: 1 } }] }`,
			`{ name: data, source: { region: us-east-1, guard: {}, acceleration: true, objectLock: { mode: GOVERNANCE, days: 2 },
				intelligentTiering: { archiveDays: 90 },
				lifecycle: { noncurrentDays: 30, transitions: [{ days: 30, storageClass: INTELLIGENT_TIERING }] } }, destinations: [
				{ name: dr, region: us-west-2, storageClass: INTELLIGENT_TIERING,
					intelligentTiering: { archiveDays: 90, deepArchiveDays: 180 }, objectLock: { mode: GOVERNANCE, days: 1 } }] }`,
			[]string{"dr"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			for _, replication := range []string{c.before, c.after} {
				l.project(fmt.Sprintf("config:\n  crr:forceDestroy: true\n  crr:deletionWindowInDays: 7\n  crr:replications: [%s]\n",
					strings.ReplaceAll(replication, "\t", " ")))
				l.up()
				l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
			}
			deployed := l.descriptors()[0]
			ids := []string{}
			for _, rule := range deployed.Rules {
				ids = append(ids, rule.ID)
			}
			assert.Equal(t, c.rules, ids)
			l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
			for _, place := range append(deployed.Destinations, deployed.Source) {
				require.Empty(t, l.in(place.Region).leftovers(t.Context(), t))
			}
		})
	}
}
