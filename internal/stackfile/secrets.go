package stackfile

import (
	"fmt"
	"reflect"
	"regexp"
)

// secretPlaceholders are placeholders for secrets, by the paths of keys for
// which any value of the right form gives the same results. The number
// distinguishes the elements of a list.
// https://www.pulumi.com/docs/iac/concepts/secrets/
var secretPlaceholders = map[string]string{
	"tags.*":                                 "secret-%d",
	"audit.readers":                          "arn:aws:iam::000000000000:role/secret-%d",
	"replications.canary.code":               "secret-%d.zip",
	"replications.monitoring.emails":         "secret-%d@secret.invalid",
	"replications.monitoring.webhooks":       "https://secret-%d.invalid",
	"replications.monitoring.runbookUrl":     "https://secret-%d.invalid",
	"replications.source.guard.except":       "arn:aws:iam::000000000000:role/secret-%d",
	"replications.destinations.guard.except": "arn:aws:iam::000000000000:role/secret-%d",
}

// secrets are those of a stack file.
type secrets struct {
	// stoodIn are the paths of those that something stands in for.
	replaced []string
	// needed are the paths of those without which there is no answer.
	needed []string
}

var indexes = regexp.MustCompile(`\[\d+\]`)

// replace returns a value of the configuration with placeholders for its secrets.
// Pulumi keeps a secret as {secure: <ciphertext>} instead of its value.
func (s *secrets) replace(path string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		if _, secret := value["secure"].(string); secret && len(value) == 1 {
			return s.placeholder(path)
		}
		for key, each := range value {
			value[key] = s.replace(path+"."+key, each)
		}
	case []any:
		for i, each := range value {
			value[i] = s.replace(fmt.Sprintf("%s[%d]", path, i), each)
		}
	}
	return value
}

func (s *secrets) placeholder(path string) any {
	key := indexes.ReplaceAllString(path, "")
	if parent, _, nested := cutLast(key); nested && typeAt(parent).Kind() == reflect.Map {
		key = parent + ".*"
	}
	form, known := secretPlaceholders[key]
	if !known {
		s.needed = append(s.needed, path)
		return nil
	}
	s.replaced = append(s.replaced, path)
	return fmt.Sprintf(form, len(s.replaced))
}
