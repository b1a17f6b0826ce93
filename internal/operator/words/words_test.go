package words

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSeconds_AreWrittenAsPeopleReadThem(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[float64]string{
		0: "0 s", 0.04: "0 s", 0.44: "0.4 s", 1: "1 s", 9.94: "9.9 s", 9.96: "10 s", 59.4: "59 s", 59.6: "1 min", 125: "2 min 5 s",
		900: "15 min", 3599.6: "1 h", 12_000: "3 h 20 min", 48 * 3600: "2 d", 400_000: "4 d 15 h",
	} {
		assert.Equal(t, want, Seconds(seconds), "%v", seconds)
	}
}

func TestPlural_KnowsOne(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "0 gaps", Plural(0, "gap"))
	assert.Equal(t, "1 gap", Plural(1, "gap"))
	assert.Equal(t, "1,204 gaps", Plural(1204, "gap"))
}

func TestClock_TellsTheDateWhereItIsAnother(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 14, 0, 30, 0, 0, time.UTC)
	assert.Equal(t, "00:10", Clock(now.Add(-20*time.Minute), now))
	assert.Equal(t, "13 Mar 23:50", Clock(now.Add(-40*time.Minute), now))
	assert.Equal(t, "00:10", Clock(now.Add(-20*time.Minute).In(time.FixedZone("east", 3600)), now), "all times are UTC")
}

func TestSafe_LeavesNothingForATerminalToObey(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "finance/Übersicht q3.pdf", Safe("finance/Übersicht q3.pdf"))
	assert.Equal(t, `"a\x1b[2Jb"`, Safe("a\x1b[2Jb"))
}

func TestBytes_AreNeverNegative(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "0 B", Bytes(-1))
	assert.Equal(t, "3.4 MB", Bytes(3_400_000))
}

// Quoted words are taken by a shell for what they were.
func TestQuote_GivesAShellTheSameWord(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash here")
	}
	for _, text := range []string{"a", "a b", "it's", `back\slash`, "$HOME `id`", "a\x1b[2J\n'b\\", "Übersicht", "\x1bÜ"} {
		word := Quote(text)
		assert.Equal(t, word, strings.Trim(Safe(word), `"`), "a terminal may show it")
		said, err := exec.Command("bash", "-c", "printf %s "+word).Output()
		require.NoError(t, err, word)
		assert.Equal(t, text, string(said), word)
	}
}
