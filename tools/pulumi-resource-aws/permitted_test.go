package main

import (
	"strings"
	"testing"
)

func TestAStandInDeploysToTheLocalAWSOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		vars map[string]string
		want bool
	}{
		{"AWS", nil, false},
		{"AWS through a proxy", map[string]string{"HTTPS_PROXY": "http://proxy:3128"}, false},
		{"a proxy other than the local AWS", map[string]string{"HTTPS_PROXY": "http://proxy:3128", localAWS: "http://127.0.0.1:4000"}, false},
		{"the local AWS left with unset HTTPS_PROXY", map[string]string{localAWS: "http://127.0.0.1:4000"}, false},
		{"the local AWS", map[string]string{"HTTPS_PROXY": "http://127.0.0.1:4000", localAWS: "http://127.0.0.1:4000"}, true},
		{"allowed", map[string]string{allow: "1"}, true},
		{"not allowed", map[string]string{allow: "0"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := permitted(func(name string) string { return c.vars[name] }, "5.100.0")
			if (err == nil) != c.want {
				t.Fatalf("permitted: %v", err)
			}
			if err != nil && !strings.Contains(err.Error(), "terraform-provider-aws 5.100.0") {
				t.Errorf("it does not say what it is: %v", err)
			}
		})
	}
}
