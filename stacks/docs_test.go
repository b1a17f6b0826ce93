package stacks

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// sample is a block of code in a page.
type sample struct{ page, text string }

// samples returns the blocks of a language in all pages, by page and line.
func samples(t *testing.T, language string) map[string]sample {
	t.Helper()
	var pages []string
	for _, pattern := range []string{"../*.md", "../docs/*.md", "../docs/*/*.md", "../examples/*.md"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		pages = append(pages, found...)
	}
	block := regexp.MustCompile("(?ms)^( *)```" + language + "\n(.*?)^ *```$")
	all := map[string]sample{}
	for _, page := range pages {
		data, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, at := range block.FindAllSubmatchIndex(data, -1) {
			line := 1 + strings.Count(string(data[:at[0]]), "\n")
			indent, text := string(data[at[2]:at[3]]), string(data[at[4]:at[5]])
			all[fmt.Sprintf("%s:%d", filepath.Base(page), line)] = sample{page, strings.ReplaceAll("\n"+text, "\n"+indent, "\n")}
		}
	}
	return all
}

// TestDocs_StackConfigurationsAreAccepted deploys every sample of a stack's
// configuration. What a sample leaves out, since it is about something else, is
// filled in.
func TestDocs_StackConfigurationsAreAccepted(t *testing.T) {
	t.Parallel()
	all := samples(t, "yaml")
	require.Greater(t, len(all), 5)
	for name, sample := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := run(t, completed(t, sample.text))
			assert.NoError(t, err)
		})
	}
}

// completed returns a sample as a whole stack file.
func completed(t *testing.T, text string) string {
	t.Helper()
	var file map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &file))
	if place, part := file["source"]; part {
		file = map[string]any{"crr:replications": []any{map[string]any{"source": place}}}
	}
	config, whole := file["config"].(map[string]any)
	if !whole {
		config = file
	}
	fill := func(into map[string]any, key string, value any) {
		if _, given := into[key]; !given {
			into[key] = value
		}
	}
	fill(config, "crr:replications", []any{map[string]any{}})
	for _, each := range config["crr:replications"].([]any) {
		replicated := each.(map[string]any)
		fill(replicated, "name", "data")
		fill(replicated, "source", map[string]any{})
		fill(replicated["source"].(map[string]any), "region", "us-east-1")
		fill(replicated, "destinations", []any{map[string]any{"name": "dr", "region": "us-west-2"}})
		if canary, asked := replicated["canary"].(map[string]any); asked {
			canary["code"] = "testdata/canary.zip" // of which the sample has another one
		}
	}
	data, err := yaml.Marshal(map[string]any{"config": config})
	require.NoError(t, err)
	return string(data)
}

// TestDocs_ProgramsCompile compiles every sample of a program. One that is a part
// of a function is put into one; "..." stands for the handling of an error.
func TestDocs_ProgramsCompile(t *testing.T) {
	t.Parallel()
	all := samples(t, "go")
	require.NotEmpty(t, all)
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	folder, i := t.TempDir(), 0
	packages := []string{"./internal/sample"}
	for name, sample := range all {
		text, path := sample.text, "internal/sample"
		if strings.Contains(text, "\npackage ") { // a whole program
			path = fmt.Sprintf("internal/sample/program%d", i)
			packages = append(packages, "./"+path)
		}
		if !strings.Contains(text, "\npackage ") {
			text = "// " + name + "\npackage sample\n\nimport (\n\t\"github.com/pulumi/pulumi/sdk/v3/go/pulumi\"\n\t\"github.com/crr-io/pulumi-aws-crr/pkg/crr\"\n)\n\n" +
				fmt.Sprintf("func sample%d(ctx *pulumi.Context) error {\n", i) + regexp.MustCompile(`(?m)^\.\.\.$`).ReplaceAllString(text, "if err != nil { return err }") + "\nreturn nil\n}\n"
		}
		file := filepath.Join(folder, fmt.Sprintf("sample%d.go", i))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		overlay.Replace[filepath.Join(root, filepath.FromSlash(path), filepath.Base(file))] = file
		i++
	}
	data, err := json.Marshal(overlay)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "overlay.json"), data, 0o600))
	build := exec.CommandContext(t.Context(), "go", append([]string{"build", "-overlay", filepath.Join(folder, "overlay.json")}, packages...)...)
	build.Dir = root
	output, err := build.CombinedOutput()
	assert.NoErrorf(t, err, "%s", output)
}

// TestModules_NeedNoNewerGoThanPulumi keeps users from being locked out by the Go that
// this repository is developed with.
func TestModules_NeedNoNewerGoThanPulumi(t *testing.T) {
	t.Parallel()
	for _, module := range []string{"..", "../examples"} {
		list := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.GoVersion}}", "github.com/pulumi/pulumi/sdk/v3")
		list.Dir = module
		needed, err := list.Output()
		require.NoError(t, err)
		data, err := os.ReadFile(filepath.Join(module, "go.mod"))
		require.NoError(t, err)
		assert.Contains(t, string(data), "\ngo "+strings.TrimSpace(string(needed))+"\n", module)
	}
}
