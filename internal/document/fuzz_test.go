package document_test

import (
	"errors"
	"testing"

	"github.com/crr-io/pulumi-aws-crr/internal/document"
)

// Whatever the document, there is an error or something to ask for.
func FuzzReplications(f *testing.F) {
	for _, form := range forms {
		f.Add([]byte(form))
	}
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := document.Replications(data)
		if err == nil && len(found) == 0 {
			t.Fatal("neither replications nor an error")
		}
		for _, each := range found {
			configuration, err := each.Configuration()
			if err == nil && each.Missing == "" && configuration.Role == "" && len(configuration.Rules) == 0 {
				t.Fatal("a configuration of nothing")
			}
			configuration.Check()
		}
	})
}

func FuzzPolicies(f *testing.F) {
	f.Add([]byte(denies), 0)
	f.Add([]byte(deniesYAML), 1)
	f.Add([]byte(state(managed("aws_s3_bucket_policy", "a", `"bucket":"data","policy":`+deniesText))), 1)
	f.Add([]byte(`{"Resources":{"R":{"Type":"AWS::IAM::Role","Properties":{"Policies":[{"PolicyDocument":`+allows+`}]}}}}`), 3)
	f.Fuzz(func(t *testing.T, data []byte, kind int) {
		found, err := document.Policies(data, document.PolicyKind(kind))
		if errors.Is(err, document.ErrEmpty) && len(found) > 0 {
			t.Fatal("policies in nothing")
		}
		for _, each := range found {
			_, _ = each.Document()
		}
	})
}
