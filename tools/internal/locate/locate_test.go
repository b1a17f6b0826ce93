package locate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// machine is an empty one, with the folders and variables of a test.
func machine(t *testing.T, vars map[string]string) Machine {
	t.Helper()
	root := t.TempDir()
	return Machine{
		Getenv: func(name string) string { return vars[name] },
		Home:   filepath.Join(root, "home"), Root: root, OS: "linux", Arch: "amd64",
	}
}

// install puts a provider into a mirror and returns its path.
func install(t *testing.T, mirror, version, target string) string {
	t.Helper()
	dir := filepath.Join(mirror, "registry.terraform.io", "hashicorp", "aws", version, target)
	return file(t, filepath.Join(dir, "terraform-provider-aws_v"+version+"_x5"), "#!")
}

func file(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(m Machine, vars map[string]string) string{
		"plugins of the user": func(m Machine, _ map[string]string) string { return m.Home + "/.terraform.d/plugins" },
		"data home":           func(m Machine, _ map[string]string) string { return m.Home + "/.local/share/terraform/plugins" },
		"usr local":           func(m Machine, _ map[string]string) string { return m.Root + "/usr/local/share/terraform/plugins" },
		"usr":                 func(m Machine, _ map[string]string) string { return m.Root + "/usr/share/terraform/plugins" },
		"optional software":   func(m Machine, _ map[string]string) string { return m.Root + "/opt/any" },
		"XDG_DATA_DIRS": func(m Machine, vars map[string]string) string {
			vars["XDG_DATA_DIRS"] = m.Root + "/a" + string(filepath.ListSeparator) + m.Root + "/b"
			return m.Root + "/b/terraform/plugins"
		},
		"plugin cache": func(m Machine, vars map[string]string) string {
			vars["TF_PLUGIN_CACHE_DIR"] = m.Root + "/cache"
			return m.Root + "/cache"
		},
		"filesystem_mirror": func(m Machine, vars map[string]string) string {
			vars["MIRRORS"] = m.Root
			_ = os.MkdirAll(m.Home, 0o755)
			_ = os.WriteFile(m.Home+"/.terraformrc", []byte(`
provider_installation {
  filesystem_mirror {
    include = ["registry.terraform.io/*/*"]
    path    = "$MIRRORS/mirror"
  }
  direct {}
}`), 0o644)
			return m.Root + "/mirror"
		},
		"plugin_cache_dir": func(m Machine, vars map[string]string) string {
			vars["TF_CLI_CONFIG_FILE"] = m.Root + "/rc"
			_ = os.WriteFile(m.Root+"/rc", []byte("plugin_cache_dir = \"~/cached\"\n"), 0o644)
			return m.Home + "/cached"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vars := map[string]string{}
			m := machine(t, vars)
			want := install(t, place(m, vars), "5.100.0", "linux_amd64")
			r := m.Find()
			if r.Err() != nil || r.Chosen != (Binary{want, "5.100.0"}) {
				t.Fatalf("found %+v, want %s\n%s", r.Chosen, want, r)
			}
		})
	}
}

func TestChoice(t *testing.T) {
	t.Parallel()
	m := machine(t, nil)
	mirror := m.Root + "/opt/any"
	install(t, mirror, "6.2.0", "linux_amd64")    // another major version
	install(t, mirror, "5.200.0", "darwin_arm64") // another machine
	install(t, mirror, "5.9.0", "linux_amd64")
	want := install(t, mirror, "5.10.0", "linux_amd64")
	r := m.Find()
	if r.Chosen.Path != want {
		t.Fatalf("chose %s, want %s", r.Chosen.Path, want)
	}
	if !strings.Contains(r.String(), "has 5.10.0, 5.9.0") {
		t.Errorf("the report does not list what was found:\n%s", r)
	}
}

func TestOverride(t *testing.T) {
	t.Parallel()
	vars := map[string]string{}
	m := machine(t, vars)
	install(t, m.Root+"/opt/any", "5.100.0", "linux_amd64")
	vars[Override] = file(t, m.Root+"/mine/terraform-provider-aws_v5.99.1_x5", "#!")
	if got := m.Find().Chosen; got != (Binary{vars[Override], "5.99.1"}) {
		t.Errorf("chose %+v", got)
	}
	vars[Override] = m.Root + "/nothing"
	err := m.Find().Err()
	if err == nil || !strings.Contains(err.Error(), "/nothing (CRR_TERRAFORM_PROVIDER_AWS): not an executable file") {
		t.Errorf("a wrong override must not be ignored: %v", err)
	}
}

func TestNotFoundSaysWhereAndWhatToDo(t *testing.T) {
	t.Parallel()
	m := machine(t, nil)
	install(t, m.Home+"/.terraform.d/plugins", "6.2.0", "linux_amd64")
	zip := "terraform-provider-aws_5.100.0_linux_amd64.zip"
	file(t, m.Root+"/opt/any/registry.terraform.io/hashicorp/aws/"+zip, "PK")
	err := m.Find().Err()
	if err == nil {
		t.Fatal("found what does not fit")
	}
	for _, want := range []string{
		m.Home + "/.terraform.d/plugins (Terraform's folder for the user's plugins): has only 6.2.0",
		m.Root + "/usr/share/terraform/plugins (XDG_DATA_DIRS): nothing",
		m.Root + "/opt/any (optional software): has only " + zip + ", which must be unpacked",
		"terraform init", Override,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
}

func TestNewer(t *testing.T) {
	t.Parallel()
	order := []string{"5.9.0-beta1", "5.9.0", "5.9.1", "5.10.0", "6.0.0"}
	for i, a := range order {
		for j, b := range order {
			if got := newer(a, b); got != (i > j) {
				t.Errorf("newer(%s, %s) = %v", a, b, got)
			}
		}
	}
}
