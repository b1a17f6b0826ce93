package compare

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// However long keys are, what is read ahead stays small: pages of long keys have
// fewer of them.
func TestStream_AsksForWhatFits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		length int
		fits   int
	}{
		{"short keys", 40, 1000},
		{"keys as long as they can be", 1024, 256},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			lister := &alikes{length: test.length}
			list := newStream(t.Context(), lister, "")
			for version, err := list.next(); version != nil; version, err = list.next() {
				require.NoError(t, err)
			}
			assert.Equal(t, []int{pageSize, test.fits, test.fits}, lister.asked, "of the first page nothing is known")
		})
	}
}

// alikes lists three pages of keys of one length, and notes how many it was asked
// for.
type alikes struct {
	length int
	asked  []int
}

func (a *alikes) List(_ context.Context, _ Position, limit int) (Page, error) {
	a.asked = append(a.asked, limit)
	page := Page{More: len(a.asked) < 3}
	for range limit {
		page.Versions = append(page.Versions, Version{Key: strings.Repeat("k", a.length)})
	}
	page.compact()
	return page, nil
}

func TestCompact_KeepsTheTextsAndNotTheirDocument(t *testing.T) {
	t.Parallel()
	page, err := parsePage(versionsPage)
	require.NoError(t, err)
	want, err := parsePage(versionsPage)
	require.NoError(t, err)
	page.compact()
	assert.Equal(t, want.Versions, page.Versions)
	assert.Equal(t, want.Next, page.Next)
	assert.Equal(t, len("a\x01<é"+"v1"+"d41d"+"STANDARD_IA"+"2026-11-21T10:00:00.000Z"+"a&b"+"v2"+"2026-11-21T10:00:01.000Z"), page.Bytes)
}
