package crr_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gotest.tools/v3/golden"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// control is something that a security standard or a scanner demands.
type control struct {
	// ids of the control: those of Security Hub by themselves, then CIS, Trivy,
	// Checkov.
	ids, demands string
	// option is the configuration that fulfils it. Left out, it always is.
	option string
	// left is why it is left to the user. Such a control has no needs.
	left string
	// note is what else one should know. Optional.
	note  string
	needs []need
}

// need is a property that resources must have.
type need struct {
	token string
	// path to the property: "rule.objectOwnership". A list counts if one of its
	// elements does.
	path string
	want func(resource.PropertyValue) bool
	// unset reports that the property may be omitted, because AWS's default is
	// sufficient.
	unset bool
	// of selects the resources that it is about; where buckets are set, the buckets,
	// each of which must have a resource of the type. Optional; all, by default.
	of      func(pulumitest.Resource) bool
	buckets bool
}

// problems returns the resources that do not have what is needed.
func (n need) problems(all []pulumitest.Resource) []string {
	var found []string
	subjects := n.subjects(all)
	if len(subjects) == 0 {
		return []string{"there is no " + n.token}
	}
	for _, subject := range subjects {
		if !n.buckets {
			if !n.holds(subject) {
				found = append(found, subject.Key())
			}
			continue
		}
		settings := settingsOf(all, n.token, subject)
		if !slices.ContainsFunc(settings, n.holds) {
			found = append(found, subject.Key())
		}
	}
	return found
}

func (n need) subjects(all []pulumitest.Resource) []pulumitest.Resource {
	token := n.token
	if n.buckets {
		token = bucketType
	}
	return slices.DeleteFunc(slices.Clone(all), func(r pulumitest.Resource) bool {
		return r.Type != token || (n.of != nil && !n.of(r))
	})
}

func (n need) holds(r pulumitest.Resource) bool {
	found := values(resource.NewObjectProperty(r.Inputs), strings.Split(n.path, "."))
	return (n.unset && len(found) == 0) || slices.ContainsFunc(found, n.want)
}

func settingsOf(all []pulumitest.Resource, token string, bucket pulumitest.Resource) []pulumitest.Resource {
	name := bucket.Name + "-0123456"
	if given, ok := bucket.Inputs["bucket"]; ok {
		name = given.StringValue()
	}
	return slices.DeleteFunc(slices.Clone(all), func(r pulumitest.Resource) bool {
		return r.Type != token || r.Inputs["bucket"].StringValue() != name
	})
}

// values returns those at a path, in whatever element of the lists on the way.
func values(at resource.PropertyValue, path []string) []resource.PropertyValue {
	var found []resource.PropertyValue
	switch {
	case at.IsArray() && len(path) > 0:
		for _, element := range at.ArrayValue() {
			found = append(found, values(element, path)...)
		}
	case len(path) == 0:
		found = append(found, at)
	case at.IsObject():
		if next, ok := at.ObjectValue()[resource.PropertyKey(path[0])]; ok {
			return values(next, path[1:])
		}
	}
	return found
}

// wrong returns the resource without what is needed, or where that may be left out,
// with something else.
func (n need) wrong(r pulumitest.Resource) pulumitest.Resource {
	if !n.unset {
		return without(r, n.path)
	}
	r.Inputs = maps.Clone(r.Inputs)
	r.Inputs[resource.PropertyKey(n.path)] = resource.NewBoolProperty(false)
	return r
}

// without returns the resource with the property at a path removed, from every element
// of the lists on the way.
func without(r pulumitest.Resource, path string) pulumitest.Resource {
	r.Inputs = removed(resource.NewObjectProperty(r.Inputs), strings.Split(path, ".")).ObjectValue()
	return r
}

func removed(from resource.PropertyValue, path []string) resource.PropertyValue {
	switch {
	case from.IsArray():
		var elements []resource.PropertyValue
		for _, element := range from.ArrayValue() {
			elements = append(elements, removed(element, path))
		}
		return resource.NewArrayProperty(elements)
	case from.IsObject():
		object, key := maps.Clone(from.ObjectValue()), resource.PropertyKey(path[0])
		if value, ok := object[key]; ok && len(path) > 1 {
			object[key] = removed(value, path[1:])
		} else {
			delete(object, key)
		}
		return resource.NewObjectProperty(object)
	default:
		return from
	}
}

// secured returns a deployment with every option on.
func secured(t *testing.T) []pulumitest.Resource {
	t.Helper()
	args := everything()
	args.Source.ObjectLock = &replication.ObjectLock{Mode: replication.Governance, Days: 30}
	args.Source.Guard = &crr.GuardArgs{}
	for i := range args.Destinations {
		args.Destinations[i].Bucket.ObjectLock = args.Source.ObjectLock
	}
	args.Monitoring.TopicARNs, args.Monitoring.FailureQueue = nil, true
	args.Monitoring.Composite = new(bool) // a composite alarm notifies for all, but the control requires actions on each
	canary := withCanary(t, args).Beyond(deploy(t, args))
	return append(runAudit(t, fullAudit(), allRecords, args).All(), canary.All()...)
}

func TestSecurity_EveryControlHoldsInADeploymentWithEveryOption(t *testing.T) {
	t.Parallel()
	deployed := secured(t)
	for _, control := range controls() {
		assert.NotEqual(t, control.left == "", len(control.needs) == 0, "%s is either checked or left to the user", control.ids)
		for _, need := range control.needs {
			assert.Empty(t, need.problems(deployed), "%s: %s", control.ids, need.path)
		}
	}
}

// What the page calls an option must not be there without it, and what it calls
// fulfilled must be, in the smallest deployment.
func TestSecurity_OptionsAreOptionsAndDefaultsAreDefaults(t *testing.T) {
	t.Parallel()
	smallest := deploy(t, pair()).All()
	for _, control := range controls() {
		var found []string
		for _, need := range control.needs {
			found = append(found, need.problems(smallest)...)
		}
		if len(control.needs) > 0 {
			assert.Equal(t, control.option != "", len(found) > 0, "%s: %v", control.ids, found)
		}
	}
}

// TestSecurity_ChecksFail removes each property that a control needs from each
// resource that has it, and each resource.
func TestSecurity_ChecksFail(t *testing.T) {
	t.Parallel()
	deployed := secured(t)
	mutants := 0
	for _, control := range controls() {
		for _, need := range control.needs {
			for _, resources := range need.mutants(deployed) {
				mutants++
				assert.NotEmpty(t, need.problems(resources), "%s does not notice that %s is missing", control.ids, need.path)
			}
		}
	}
	assert.Greater(t, mutants, 150)
}

// mutants returns the deployment with one property missing, or all resources of the
// needed type.
func (n need) mutants(deployed []pulumitest.Resource) [][]pulumitest.Resource {
	all := [][]pulumitest.Resource{slices.DeleteFunc(slices.Clone(deployed), func(r pulumitest.Resource) bool { return r.Type == n.token })}
	mutate := func(target pulumitest.Resource) {
		mutated := slices.Clone(deployed)
		i := slices.IndexFunc(mutated, func(r pulumitest.Resource) bool { return r.Key() == target.Key() })
		mutated[i] = n.wrong(target)
		all = append(all, mutated)
	}
	for _, subject := range n.subjects(deployed) {
		if !n.buckets {
			mutate(subject)
			continue
		}
		for _, setting := range settingsOf(deployed, n.token, subject) {
			mutate(setting)
		}
	}
	return all
}

const securityPage = `# Security controls

The requirements of AWS Security Hub, CIS, Trivy and Checkov for the resources of a deployment, and how they are met. A test checks each row
on the resources of a deployment with all options, and that the check fails if the property is removed. It also writes this page:
` + "`go test ./pkg/crr -run Security -update`" + `.

*Yes* means always. A key is the [stack configuration](configuration.md) that enables it. The remaining controls are your responsibility; the reason is given.

| Control | Demands | Here |
| --- | --- | --- |
`

func TestSecurity_PageSaysWhatIsChecked(t *testing.T) {
	t.Parallel()
	var page strings.Builder
	page.WriteString(securityPage)
	for _, control := range controls() {
		answer := "Yes"
		if control.option != "" {
			answer = "`" + control.option + "`"
		}
		if control.left != "" {
			answer = "Left to you: " + control.left
		}
		if control.note != "" {
			answer += "; " + control.note
		}
		fmt.Fprintf(&page, "| %s | %s | %s |\n", control.ids, control.demands, answer)
	}
	page.WriteString(securityNotes)
	golden.Assert(t, page.String(), "../../../docs/security.md")
}

const securityNotes = `
Trivy and Checkov read rendered plans, not Go programs: their ids are listed for audits that refer to them.
`

func TestSecurity_ControlsAreNamedOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, control := range controls() {
		for _, id := range strings.Split(control.ids, ", ") {
			require.Falsef(t, seen[id], "%s is there twice", id)
			seen[id] = true
		}
	}
	assert.Greater(t, len(seen), 60)
}
