package locate

import (
	"regexp"
	"strconv"
	"strings"
)

// major returns the first number of a version, or -1.
func major(version string) int {
	first, _, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(first)
	if err != nil {
		return -1
	}
	return n
}

// newer reports whether version a is newer than b, number by number. A pre-release
// ("5.9.0-beta1") is older than its release.
func newer(a, b string) bool {
	an, apre, _ := strings.Cut(a, "-")
	bn, bpre, _ := strings.Cut(b, "-")
	as, bs := strings.Split(an, "."), strings.Split(bn, ".")
	for i := 0; i < len(as) || i < len(bs); i++ {
		if x, y := number(as, i), number(bs, i); x != y {
			return x > y
		}
	}
	if apre == "" || bpre == "" {
		return apre == "" && bpre != ""
	}
	return apre > bpre
}

func number(parts []string, i int) int {
	if i >= len(parts) {
		return 0
	}
	n, err := strconv.Atoi(parts[i])
	if err != nil {
		return -1
	}
	return n
}

var inName = regexp.MustCompile(`_v(\d+\.\d+\.\d+[^_]*)`)

// versionInName returns the version in a file name such as
// terraform-provider-aws_v5.100.0_x5.
func versionInName(name string) string {
	if hit := inName.FindStringSubmatch(name); hit != nil {
		return hit[1]
	}
	return ""
}
