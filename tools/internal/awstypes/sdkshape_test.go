package awstypes

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shape is the form of a property to which the Go SDK and the served schema are
// reduced for the comparison.
type shape struct {
	kind   string // string, number, bool, list, map, object, asset, any
	elem   *shape // of a list or map
	fields map[string]*shape
}

// sdkPackage holds the structs of one package of pulumi-aws's Go SDK.
type sdkPackage map[string]*ast.StructType

// sdkDir returns the folder in the module cache of the pulumi-aws that the main
// module requires.
func sdkDir(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi-aws/sdk/v6")
	cmd.Dir = filepath.Join("..", "..", "..")
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off")
	out, err := cmd.Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		t.Skip("pulumi-aws's Go SDK is not in the module cache: run `go mod download github.com/pulumi/pulumi-aws/sdk/v6` in the main module")
	}
	return filepath.Join(dir, "go", "aws")
}

func parsePackage(t *testing.T, dir string) sdkPackage {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files, dir)
	structs := sdkPackage{}
	set := token.NewFileSet()
	for _, file := range files {
		f, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range f.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range gen.Specs {
				if ts, ok := spec.(*ast.TypeSpec); ok {
					if st, ok := ts.Type.(*ast.StructType); ok {
						structs[ts.Name.Name] = st
					}
				}
			}
		}
	}
	return structs
}

// object returns the shape of the struct with that name.
func (p sdkPackage) object(name string) *shape {
	s := &shape{kind: "object", fields: map[string]*shape{}}
	for _, f := range p[name].Fields.List {
		if f.Tag == nil {
			continue
		}
		tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("pulumi")
		tag, _, _ = strings.Cut(tag, ",")
		if tag != "" {
			s.fields[tag] = p.shape(f.Type)
		}
	}
	return s
}

func (p sdkPackage) shape(e ast.Expr) *shape {
	switch e := e.(type) {
	case *ast.StarExpr:
		return p.shape(e.X)
	case *ast.ArrayType:
		return &shape{kind: "list", elem: p.shape(e.Elt)}
	case *ast.MapType:
		return &shape{kind: "map", elem: p.shape(e.Value)}
	case *ast.InterfaceType:
		return &shape{kind: "any"}
	case *ast.SelectorExpr:
		return &shape{kind: "asset"}
	case *ast.Ident:
		switch e.Name {
		case "string", "bool":
			return &shape{kind: e.Name}
		case "int", "float64":
			return &shape{kind: "number"}
		}
		if _, ok := p[e.Name]; ok {
			return p.object(e.Name)
		}
		return &shape{kind: "string"} // a named string: an ARN, a region
	}
	return &shape{kind: "any"}
}

// unexported returns the name of the struct with the plain types of a resource.
func unexported(name string) string { return strings.ToLower(name[:1]) + name[1:] }
