package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// contestant deploys a number of replicated buckets.
type contestant interface {
	name() string
	prepare(ctx context.Context, size int) error
	up(ctx context.Context) error
	// noChange compares with the state, refreshed with the resources.
	noChange(ctx context.Context) error
	refreshed(ctx context.Context) error
	destroy(ctx context.Context) error
}

type pulumi struct {
	*site
	dir string
}

func newPulumi(s *site) *pulumi { return &pulumi{site: s} }

func (p *pulumi) name() string { return "pulumi" }

func (p *pulumi) prepare(ctx context.Context, size int) error {
	p.dir = filepath.Join(p.site.dir, fmt.Sprintf("pulumi-%d", size))
	program := filepath.Join(p.site.dir, "program")
	if _, err := p.run(ctx, p.root, "go", "build", "-o", program, "."); err != nil {
		return err
	}
	var config strings.Builder
	config.WriteString("config:\n  crr:forceDestroy: true\n  crr:deletionWindowInDays: 7\n  crr:replications:\n")
	for i := range size {
		fmt.Fprintf(&config, "    - { name: pu%d, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2, storageClass: STANDARD_IA }] }\n", i)
	}
	project := fmt.Sprintf("name: crr\nruntime: { name: go, options: { binary: %q } }\n", program)
	if err := write(p.dir, map[string]string{"Pulumi.yaml": project, "Pulumi.bench.yaml": config.String()}); err != nil {
		return err
	}
	return p.pulumi(ctx, "stack", "select", "--create")
}

// parallel is how many resources the engine processes at once, as in `make up`. The
// engine's own default depends on the number of processors, although it mostly
// waits.
const parallel = "--parallel=32"

func (p *pulumi) up(ctx context.Context) error {
	return p.pulumi(ctx, "up", "--yes", "--skip-preview", parallel)
}

func (p *pulumi) noChange(ctx context.Context) error {
	return p.pulumi(ctx, "up", "--yes", "--skip-preview", "--expect-no-changes", parallel)
}

func (p *pulumi) refreshed(ctx context.Context) error {
	return p.pulumi(ctx, "preview", "--refresh", "--expect-no-changes", parallel)
}

func (p *pulumi) destroy(ctx context.Context) error {
	return p.pulumi(ctx, "destroy", "--yes", "--skip-preview", parallel)
}

func (p *pulumi) pulumi(ctx context.Context, args ...string) error {
	_, err := p.run(ctx, p.dir, "pulumi", append(args, "--stack", "bench")...)
	return err
}

type terraform struct {
	*site
	dir  string
	size int
}

func newTerraform(s *site) *terraform { return &terraform{site: s} }

func (t *terraform) name() string { return "terraform" }

// prepare configures terraform to use the provider binary of Pulumi's plugin.
func (t *terraform) prepare(ctx context.Context, size int) error {
	if t.provider == "" {
		return errors.New("there is no terraform-provider-aws on this machine to compare on; set CRR_TERRAFORM_PROVIDER_AWS")
	}
	t.size, t.dir = size, filepath.Join(t.site.dir, fmt.Sprintf("terraform-%d", size))
	if err := os.CopyFS(t.dir, os.DirFS(filepath.Join(t.root, "bench", "terraform"))); err != nil {
		return err
	}
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides { \"hashicorp/aws\" = %q }\n  direct {}\n}\n", filepath.Dir(t.provider))
	if err := write(t.dir, map[string]string{"terraformrc": overrides}); err != nil {
		return err
	}
	return t.terraform(ctx, "get")
}

func (t *terraform) up(ctx context.Context) error {
	return t.terraform(ctx, "apply", "-auto-approve", "-parallelism=32", t.pairs())
}

func (t *terraform) noChange(ctx context.Context) error {
	return t.terraform(ctx, "plan", "-refresh=false", "-detailed-exitcode", t.pairs())
}

func (t *terraform) refreshed(ctx context.Context) error {
	return t.terraform(ctx, "plan", "-detailed-exitcode", "-parallelism=32", t.pairs())
}

func (t *terraform) destroy(ctx context.Context) error {
	return t.terraform(ctx, "destroy", "-auto-approve", "-parallelism=32", t.pairs())
}

func (t *terraform) pairs() string { return fmt.Sprintf("-var=pairs=%d", t.size) }

func (t *terraform) terraform(ctx context.Context, args ...string) error {
	settings := []string{"TF_CLI_CONFIG_FILE=" + filepath.Join(t.dir, "terraformrc"), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1", "terraform"}
	_, err := t.run(ctx, t.dir, "env", append(settings, args...)...)
	return err
}

func write(dir string, files map[string]string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
