package words

import (
	"fmt"
	"maps"
	"slices"
)

// Changes names the values that are not as they were deployed, in the order of
// their names. A value that is missing is the same as an empty one.
func Changes(deployed, is map[string]string) []string {
	names := maps.Clone(is)
	if names == nil {
		names = map[string]string{}
	}
	maps.Copy(names, deployed)
	var changes []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if is[name] != deployed[name] {
			changes = append(changes, fmt.Sprintf("%s is %s, was deployed as %s", name, OrNothing(is[name]), OrNothing(deployed[name])))
		}
	}
	return changes
}

// OrNothing is a text, or the word for an empty one.
func OrNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}
