package nearest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/nearest"
)

func TestWord_FindsWhatWasMeant(t *testing.T) {
	t.Parallel()
	words := []string{"region", "bucket", "kmsKeyArn", "rules"}
	for text, want := range map[string]string{
		"regio": "region", "BUKKET": "bucket", "kmsKeyARN": "kmsKeyArn", "rule": "rules",
		"sauce": "", "": "", strings.Repeat("region", 20): "",
	} {
		assert.Equal(t, want, nearest.Word(text, words), text)
	}
}
