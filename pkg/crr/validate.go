package crr

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// checkedDecryptKeys returns the further keys. Keys that were unknown during validation
// fail the deployment if they are invalid for the bucket.
func (a BucketArgs) checkedDecryptKeys() []pulumi.StringInput {
	var keys []pulumi.StringInput
	for _, key := range a.DecryptKeyARNs {
		keys = append(keys, checkedKey(key, a.Region))
	}
	return keys
}

// known returns the value of a plain text input, and "" for an output.
func known(input pulumi.StringInput) string {
	text, _ := input.(pulumi.String)
	return string(text)
}
