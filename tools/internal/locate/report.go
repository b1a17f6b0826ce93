package locate

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNotFound is returned by [Report.Err] if there is no compatible binary.
var ErrNotFound = errors.New("no terraform-provider-aws found")

// Err returns nil if a binary was found. Otherwise the error lists the searched
// places and what to do.
func (r Report) Err() error {
	if r.Chosen.Path != "" {
		return nil
	}
	return fmt.Errorf("%w (version %d.x is needed).\nLooked in:\n%s\n%s", ErrNotFound, Major, r.list(), advice)
}

const advice = `To get it, do one of these:
  - in a folder whose Terraform configuration has
      terraform { required_providers { aws = { source = "hashicorp/aws", version = "~> 5.100" } } }
    run: mkdir -p ~/.terraform.d/plugin-cache && TF_PLUGIN_CACHE_DIR=~/.terraform.d/plugin-cache terraform init
  - set ` + Override + ` to the path of a terraform-provider-aws binary`

// String describes the whole search.
func (r Report) String() string {
	if err := r.Err(); err != nil {
		return err.Error()
	}
	version := r.Chosen.Version
	if version == "" {
		version = "of unknown version"
	}
	return fmt.Sprintf("terraform-provider-aws %s: %s\nLooked in:\n%s", version, r.Chosen.Path, r.list())
}

func (r Report) list() string {
	var b strings.Builder
	for _, p := range r.Places {
		fmt.Fprintf(&b, "  %s (%s): %s\n", p.Dir, p.Why, p.result())
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (p Place) result() string {
	var versions []string
	for _, b := range p.Found {
		versions = append(versions, b.Version)
	}
	switch {
	case p.Why == Override && len(p.Found) == 0:
		return "not an executable file"
	case len(p.Found) > 0:
		return "has " + strings.Join(versions, ", ")
	case len(p.Other) > 0:
		return "has only " + strings.Join(p.Other, ", ")
	default:
		return "nothing"
	}
}
