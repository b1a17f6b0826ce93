// Package fieldpath builds the paths of fields in a configuration, such as
// "destinations[0].region".
package fieldpath

import "strings"

// Join returns the path of a field below another one. Either may be "".
func Join(parent, child string) string {
	switch {
	case parent == "":
		return child
	case child == "" || strings.HasPrefix(child, "["):
		return parent + child
	default:
		return parent + "." + child
	}
}
