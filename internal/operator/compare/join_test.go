package compare

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// listed is a list that is there already.
type listed []Version

func (l *listed) next() (*Version, error) {
	if len(*l) == 0 {
		return nil, nil
	}
	version := (*l)[0]
	*l = (*l)[1:]
	return &version, nil
}

// joined says of each version which sides have it.
func joined(t require.TestingT, source, destination []Version, upto string) []string {
	here, there := listed(source), listed(destination)
	var got []string
	j := join{
		source: side{cursor: &here, name: "source"}, destination: side{cursor: &there, name: "destination"},
		enter: func(key string) bool { return upto == "" || key <= upto },
		match: func(s, d *Version) error {
			switch {
			case d == nil:
				got = append(got, "source "+s.Key+" "+s.ID)
			case s == nil:
				got = append(got, "destination "+d.Key+" "+d.ID)
			default:
				assert.Equal(t, *s, *d)
				got = append(got, "both "+s.Key+" "+s.ID)
			}
			return nil
		},
		leave: func(string) error { return nil },
	}
	require.NoError(t, j.run())
	return got
}

// versions of keys, written as key and id: "a1 a2 b1".
func versions(names ...string) []Version {
	var list []Version
	for _, name := range names {
		list = append(list, Version{Key: name[:1], ID: name[1:]})
	}
	return list
}

func TestJoin_TellsWhichSideHasWhat(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source, destination []Version
		upto                string
		want                []string
	}{
		"nothing":                    {},
		"the same":                   {versions("a1", "b1"), versions("a1", "b1"), "", []string{"both a 1", "both b 1"}},
		"missing at the end":         {versions("a1", "b1"), versions("a1"), "", []string{"both a 1", "source b 1"}},
		"missing at the start":       {versions("a1", "b1"), versions("b1"), "", []string{"source a 1", "both b 1"}},
		"extra":                      {versions("b1"), versions("a1", "b1", "c1"), "", []string{"destination a 1", "both b 1", "destination c 1"}},
		"one version of several":     {versions("a3", "a2", "a1"), versions("a3", "a1"), "", []string{"both a 3", "both a 1", "source a 2"}},
		"versions in another order":  {versions("a2", "a1"), versions("a1", "a2"), "", []string{"both a 1", "both a 2"}},
		"the same key, other ids":    {versions("a1"), versions("a2"), "", []string{"source a 1", "destination a 2"}},
		"nothing beyond the range":   {versions("a1", "b1"), versions("a1", "c1"), "a", []string{"both a 1"}},
		"an empty destination":       {versions("a1", "b1"), nil, "", []string{"source a 1", "source b 1"}},
		"versions but not one alike": {versions("a1", "a2"), versions("a3"), "", []string{"source a 1", "source a 2", "destination a 3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.ElementsMatch(t, test.want, joined(t, test.source, test.destination, test.upto))
		})
	}
}

func TestJoin_RefusesListsThatAreNotSorted(t *testing.T) {
	t.Parallel()
	here, there := listed(versions("b1", "a1")), listed(versions("b1"))
	j := join{
		source: side{cursor: &here, name: "s3://data"}, destination: side{cursor: &there},
		enter: func(string) bool { return true }, match: func(_, _ *Version) error { return nil }, leave: func(string) error { return nil },
	}
	assert.ErrorContains(t, j.run(), `the list of s3://data is not sorted by key: "a" comes after "b"`)
}

// Whatever the lists are, the join says the same as looking each version up.
func TestJoin_AgreesWithLookingEachUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("%c%d", rapid.RuneFrom([]rune("abcd")).Draw(t, "key"), rapid.IntRange(0, 5).Draw(t, "id"))
		})
		list := func(label string) []Version {
			names := rapid.SliceOfDistinct(name, rapid.ID[string]).Draw(t, label)
			slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(a[:1], b[:1]) }) // within a key, any order
			return versions(names...)
		}
		source, destination := list("source"), list("destination")
		var want []string
		for _, version := range source {
			side := "source"
			if slices.Contains(destination, version) {
				side = "both"
			}
			want = append(want, side+" "+version.Key+" "+version.ID)
		}
		for _, version := range destination {
			if !slices.Contains(source, version) {
				want = append(want, "destination "+version.Key+" "+version.ID)
			}
		}
		assert.ElementsMatch(t, want, joined(t, source, destination, ""))
	})
}
