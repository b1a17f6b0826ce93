package compare

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// sortedKeys are listed from memory.
type sortedKeys []string

func (s sortedKeys) List(_ context.Context, after Position, limit int) (Page, error) {
	start, found := slices.BinarySearch(s, after.Key)
	if found {
		start++
	}
	var page Page
	for _, key := range s[start:min(start+limit, len(s))] {
		page.Versions = append(page.Versions, Version{Key: key})
	}
	return page, nil
}

func TestSplitKey_FindsAPlaceAboutInTheMiddle(t *testing.T) {
	t.Parallel()
	numbered := func(form string) (keys sortedKeys) {
		for i := range 10_000 {
			keys = append(keys, fmt.Sprintf(form, i))
		}
		return keys
	}
	for name, keys := range map[string]sortedKeys{
		"flat": numbered("%05d"), "below a folder": numbered("logs/2026/11/%05d.gz"), "beyond ASCII": numbered("日本/%05d"),
	} {
		slices.Sort(keys)
		keys = slices.Compact(keys)
		key, found, err := splitKey(t.Context(), keys, keys[10], "")
		require.NoError(t, err)
		require.True(t, found, name)
		at, _ := slices.BinarySearch(keys, key)
		assert.Greater(t, at, len(keys)/10, "%s: %s", name, key)
		assert.Less(t, at, len(keys)*9/10, "%s: %s", name, key)
	}
}

// Whatever the keys are, a split is one of them that comes later, within the
// range, and it ends.
func TestSplitKey_IsInTheRange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfNDistinct(rapid.StringN(1, 6, -1), 1, 50, rapid.ID[string]).Draw(t, "keys")
		slices.Sort(keys)
		from := rapid.IntRange(0, len(keys)-1).Draw(t, "from")
		upto := rapid.SampledFrom(append(keys[from:len(keys):len(keys)], "")).Draw(t, "upto")
		key, found, err := splitKey(context.Background(), sortedKeys(keys), keys[from], upto)
		if err != nil {
			t.Fatal(err)
		}
		if found && (key <= keys[from] || upto != "" && key > upto || !slices.Contains(keys, key)) {
			t.Fatalf("%q is no split of what comes after %q up to %q", key, keys[from], upto)
		}
	})
}
