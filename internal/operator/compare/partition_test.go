package compare

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// feedOf hands on versions that are there already.
func feedOf(versions []Version) feed {
	return func(take func(Version) error) error {
		for _, version := range versions {
			if err := take(version); err != nil {
				return err
			}
		}
		return nil
	}
}

// With next to no memory, files are dealt out again and again, but for a key
// that has too many versions by itself.
func TestDealer_SortsWhatDoesNotFitIntoMemory(t *testing.T) {
	t.Parallel()
	var source, destination []Version
	for i, object := range keys(2000) {
		version := Version{Key: object.Key, ID: object.Version}
		source = append(source, version)
		if i%3 != 0 {
			destination = append([]Version{version}, destination...)
		}
	}
	for range 100 {
		source = append(source, Version{Key: "busy", ID: "same"})
	}
	var here, there []Version
	parts := 0
	err := dealer{1 << 10}.match(feedOf(source), feedOf(destination), 0, func(s, d cursor) error {
		parts++
		here = append(here, drained(t, s)...)
		there = append(there, drained(t, d)...)
		return nil
	})
	require.NoError(t, err)
	assert.Greater(t, parts, fanOut)
	assert.ElementsMatch(t, source, here)
	assert.ElementsMatch(t, destination, there)
}

func TestDealer_PassesErrorsOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	fails := func(func(Version) error) error { return broken }
	none := func(_, _ cursor) error { return nil }
	assert.ErrorIs(t, ordinary.match(fails, feedOf(nil), 0, none), broken)
	assert.ErrorIs(t, ordinary.match(feedOf(nil), fails, 0, none), broken)
	assert.ErrorIs(t, ordinary.match(feedOf(nil), feedOf(nil), 0, func(_, _ cursor) error { return broken }), broken)
}

// drained checks that a part is sorted.
func drained(t *testing.T, from cursor) []Version {
	t.Helper()
	var all []Version
	for {
		version, err := from.next()
		require.NoError(t, err)
		if version == nil {
			return all
		}
		require.True(t, len(all) == 0 || all[len(all)-1].Key <= version.Key, "sorted")
		all = append(all, *version)
	}
}
